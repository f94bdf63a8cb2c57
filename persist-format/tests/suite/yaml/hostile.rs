//! Nothing panics, and what is too much is refused at once.

use std::time::Instant;

use persist_format::{Document, ErrorKind, Format, KeyPath, Value};
use proptest::prelude::*;

use super::edits;
use super::random::Random;

/// Refused as too much or as wrong. What it costs is judged by the bombs, which are the same and more.
#[track_caller]
fn refused(name: &str, text: &str) {
    let parsed = Document::parse(text.as_bytes(), Format::Yaml);
    let error = parsed.err().unwrap_or_else(|| panic!("{name} is accepted"));
    assert!(
        matches!(error.kind(), ErrorKind::Limit | ErrorKind::Syntax),
        "{name}: {error}"
    );
}

/// Nine levels of nine aliases each; also in the shape that merges, and one that quadruples a long string.
#[test]
fn alias_bombs() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        laughs += &format!("a{level}: &a{level} [{}]\n", vec![before; 9].join(", "));
    }
    refused("billion laughs", &laughs);
    let mut merges = String::from("m0: &m0 {a: 1}\n");
    for level in 1..40 {
        merges += &format!(
            "m{level}: &m{level} {{b{level}: {{<<: *m{0}}}, c{level}: {{<<: *m{0}}}}}\n",
            level - 1
        );
    }
    refused("merge bomb", &merges);
    let long = format!(
        "s: &s {}\nl: [{}]\n",
        "x".repeat(100_000),
        vec!["*s"; 1_000].join(", ")
    );
    refused("long string repeated", &long);
    refused(
        "quadratic",
        &format!(
            "a: &a [{}]\nb: [{}]\n",
            vec!["1"; 5_000].join(","),
            vec!["*a"; 5_000].join(",")
        ),
    );
    refused("self", "a: &a [*a]\n");
    refused("self by key", "&a {? *a : 1}\n");
}

#[test]
fn depth() {
    for (name, text) in [
        ("flow sequences", "[".repeat(100_000)),
        ("flow mappings", "{a: ".repeat(100_000)),
        ("closed flow", "[".repeat(100_000) + &"]".repeat(100_000)),
        ("block sequences", "- ".repeat(100_000)),
        ("explicit keys", "? ".repeat(100_000)),
        (
            "block mappings",
            (0..2_000)
                .map(|n| format!("{}a:\n", " ".repeat(n)))
                .collect(),
        ),
        ("anchors", "&a ".repeat(100_000)),
        ("a number", format!("a: {}", "1".repeat(100_000))),
        (
            "a hexadecimal number",
            format!("a: 0x{}", "f".repeat(100_000)),
        ),
    ] {
        refused(name, &text);
    }
}

/// What is merely large is read.
#[test]
fn large() {
    let started = Instant::now();
    let text = format!(
        "a: [{}]\nb: {}\n",
        vec!["x"; 20_000].join(", "),
        "y".repeat(1_000_000)
    );
    let doc = Document::parse(text.as_bytes(), Format::Yaml).expect("it is large, no more");
    assert_eq!(doc.value().as_map().map(persist_format::Map::len), Some(2));
    println!("a megabyte: {:?}", started.elapsed());
}

fn mutated(text: &str, random: &mut Random) -> Vec<u8> {
    const BITS: &[&str] = &[
        "\n",
        " ",
        "  ",
        "\t",
        ": ",
        "- ",
        "? ",
        "#",
        " # c",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "&a ",
        "*a",
        "<<: *a",
        "[",
        "]",
        "{",
        "}",
        ",",
        "---\n",
        "...\n",
        "!t ",
        "!!str ",
        "%YAML 1.2\n",
        "\u{feff}",
        "\r",
        "\u{85}",
        "é",
        "\\",
    ];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(5) {
            0 if at < bytes.len() => {
                bytes.remove(at);
            }
            1 => {
                let end = (at + random.below(20)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let end = (at + random.below(40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 => bytes.insert(
                at,
                u8::try_from(random.below(256)).expect("it is below 256"),
            ),
            _ => {
                bytes.splice(at..at, BITS[random.below(BITS.len())].bytes());
            }
        }
    }
    bytes
}

/// Documents damaged at random are read or refused, and edited or not, without a panic.
#[test]
fn mutations() {
    let count = super::cases(400);
    let mut random = Random::new(11);
    let (mut read, mut edited) = (0, 0);
    for at in 0..count {
        let bytes = mutated(edits::FIXTURES[at % edits::FIXTURES.len()], &mut random);
        let Ok(mut doc) = Document::parse(&bytes, Format::Yaml) else {
            continue;
        };
        assert_eq!(doc.bytes(), bytes);
        read += 1;
        for _ in 0..2 {
            let kind = edits::KINDS[random.below(edits::KINDS.len())];
            edited += usize::from(
                edits::edit(&mut doc, kind, &mut random).is_some_and(|(_, done)| done.is_ok()),
            );
        }
    }
    println!("{count} mutated documents: {read} read, {edited} edits made, no panic");
    assert!(
        read > count / 10 && edited > count / 10,
        "most mutations are harmless"
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _parsed = Document::parse(&bytes, Format::Yaml).map(|doc| assert_eq!(doc.bytes(), bytes));
    }

    #[test]
    fn arbitrary_text(text in "[-?:,\\[\\]{}#&*!|>'\"%@` \n\tab0<.~]{0,60}") {
        if let Ok(mut doc) = Document::parse(text.as_bytes(), Format::Yaml) {
            assert_eq!(doc.text(), text);
            let before = doc.value().clone();
            let place = KeyPath::root().child("new");
            if doc.set(&place, 1).is_ok() {
                assert_eq!(doc.get(&place), Some(&Value::from(1)));
            } else {
                assert_eq!(*doc.value(), before);
            }
        }
    }
}

/// Many changes of a large document take time about linear in it.
#[test]
fn large_edits() {
    let entries = super::cases(600);
    let text: String = (0..entries)
        .map(|n| format!("key{n}:\n  # about {n}\n  value: {n} # c\n  list: [1, 2]\n"))
        .collect();
    let mut doc = Document::parse(text.as_bytes(), Format::Yaml).expect("it is large, no more");
    let started = Instant::now();
    let edit = doc
        .set(&"key7.value".parse().expect("a path"), -1)
        .expect("it can be set");
    assert_eq!(edit.extent, persist_format::Extent::Splice);
    println!(
        "{entries} entries, {} kB: one edit {:?}",
        text.len() / 1000,
        started.elapsed()
    );
    let mut wanted = doc.value().clone();
    for n in (0..entries).step_by(3) {
        wanted
            .set(
                &format!("key{n}.value").parse().expect("a path"),
                Value::from("x"),
            )
            .expect("it is there");
        wanted.remove(&format!("key{}", n + 1).parse().expect("a path"));
        wanted
            .set(
                &format!("key{n}.list[+]").parse().expect("a path"),
                Value::from(3),
            )
            .expect("it is a list");
    }
    let started = Instant::now();
    let edit = doc.apply(&wanted).expect("it can be applied");
    println!("{} changes: {:?}", entries, started.elapsed());
    assert_eq!(edit.extent, persist_format::Extent::Splice);
    assert_eq!(*doc.value(), wanted);
    assert!(
        doc.text()
            .contains("key0:\n  # about 0\n  value: x # c\n  list: [1, 2, 3]\n")
    );
}

/// Collections as keys, keys without values and values without keys, in block and in flow: whatever of it is YAML is edited as meant or not at
/// all.
#[test]
fn complex_keys() {
    const PARTS: [&str; 22] = [
        "? ", "?", ": ", ":", "a", "b", "'c'", "[", "]", "{", "}", ",", ", ", "- ", "\n", "\n",
        "\n  ", "\n  ", "&x ", "*x", "!t ", " # d\n",
    ];
    let mut random = Random::new(5);
    let (mut read, mut edited) = (0, 0);
    for _ in 0..super::cases(40) * 500 {
        let text: String = (0..2 + random.below(14))
            .map(|_| PARTS[random.below(PARTS.len())])
            .collect();
        let Ok(doc) = Document::parse(text.as_bytes(), Format::Yaml) else {
            continue;
        };
        read += 1;
        let mut paths = Vec::new();
        edits::paths(doc.value(), &KeyPath::root(), &mut paths);
        let path = &paths[random.below(paths.len())];
        let mut after = doc.clone();
        let done = match random.below(5) {
            0 => after.remove(path),
            1 => after.set(path, "new"),
            2 => after.set(&path.child("new"), 1),
            3 => after.set(&path.join(persist_format::Segment::Append), 1),
            _ => after.rename(path, "new"),
        };
        let meant = if done.is_ok() {
            after.value()
        } else {
            doc.value()
        };
        let again = Document::parse(after.text().as_bytes(), Format::Yaml);
        assert!(
            again.is_ok_and(|again| again.value() == meant),
            "{text:?} became {:?}",
            after.text()
        );
        edited += usize::from(done.is_ok());
    }
    println!("{read} texts, {edited} edits");
    assert!(read > 1_000 && edited > 500, "{read} texts, {edited} edits");
}
