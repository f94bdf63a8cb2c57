//! Strings that other readers take for something else, and documents that were damaged.

use std::time::{Duration, Instant};

use persist_format::{Document, Format, KeyPath, Map, Segment, Value};

use crate::corpus::samples;
use crate::oracle::Oracle;
use crate::random::Random;
use crate::setting;

const PIECES: &[&str] = &[
    "a",
    "B",
    "0",
    "1",
    "9",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    ":",
    ": ",
    "-",
    "- ",
    "#",
    " #",
    "'",
    "\"",
    "\\",
    "\\u0041",
    "/",
    "//",
    "/*",
    "*/",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "?",
    "? ",
    "=",
    "<<",
    "~",
    "null",
    "true",
    "no",
    "off",
    "y",
    "1e3",
    ".5",
    "-.inf",
    ".nan",
    "0x1f",
    "0o17",
    "017",
    "1_000",
    "12:30:45",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "---",
    "...",
    "\u{0}",
    "\u{7}",
    "\u{8}",
    "\u{b}",
    "\u{c}",
    "\u{1b}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{300}",
    "\u{202e}",
    "\u{2028}",
    "\u{2029}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{feff}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10000}",
    "\u{1f600}",
    "\u{10ffff}",
    "ä",
    "日本",
    "e\u{301}",
    "${x}",
    "$(x)",
    "%s",
    "'''",
    "\"\"\"",
    "true ",
    " null",
    "+1",
    "-0",
    "1.0",
    "0.0",
    "+",
];

fn string(random: &mut Random) -> String {
    (0..random.below(5))
        .map(|_| PIECES[random.below(PIECES.len())])
        .collect()
}

/// As key and as value, at the root, in a list and in a list's map.
#[test]
fn nasty_strings_are_read_as_they_were_meant() {
    let count = setting("PERSIST_STRINGS", 600);
    for format in [Format::Json, Format::Toml, Format::Yaml] {
        let mut random = Random(7);
        let mut oracle = Oracle::start();
        for _ in 0..count.div_ceil(20) {
            let mut root = Map::new();
            for _ in 0..7 {
                root.insert(string(&mut random), string(&mut random));
                let inner =
                    Value::Map(Map::from_iter([(string(&mut random), string(&mut random))]));
                root.insert(
                    string(&mut random),
                    Value::Sequence(vec![string(&mut random).into(), inner]),
                );
            }
            let root = Value::from(root);
            // A second Rust parser reads it in here.
            let (mut document, warnings) =
                Document::encode(&root, format).unwrap_or_else(|e| panic!("{format}: {e}: {root}"));
            assert!(warnings.is_empty());
            assert_eq!(
                Document::parse(&document.bytes(), format)
                    .expect("it can be read")
                    .value(),
                &root
            );
            for path in [
                KeyPath::from(vec![Segment::from("list"), Segment::Append]),
                KeyPath::root().child(&string(&mut random)),
            ] {
                let edit = document
                    .set(&path, string(&mut random))
                    .expect("it can be set");
                assert!(edit.warnings.is_empty());
            }
            if let Some(oracle) = &mut oracle {
                oracle.ask(format, document.text(), document.value(), "nasty strings");
            }
        }
        if let Some((wrong, skipped)) = oracle.map(Oracle::finish) {
            crate::say(&format!(
                "nasty strings, {format}: {count}, Python disagrees {} times ({skipped} passed over)",
                wrong.len()
            ));
            assert!(wrong.is_empty(), "{}", wrong[0]);
        }
    }
}

/// Bytes are taken out, doubled, swapped and overwritten.
fn damaged(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let (a, b) = (
            random.below(bytes.len().max(1)),
            random.below(bytes.len().max(1)),
        );
        let range = a.min(b)..a.max(b).min(a.min(b) + 30);
        match random.below(5) {
            0 => drop(bytes.drain(range)),
            1 => {
                let part = bytes[range].to_vec();
                bytes.splice(a..a, part);
            }
            2 => bytes.truncate(a),
            3 if !bytes.is_empty() => bytes[a] = b"[]{}:,#\"'\n -\\&*!|\0\xff0"[random.below(20)],
            _ => drop(bytes.splice(a..a, PIECES[random.below(PIECES.len())].bytes())),
        }
    }
    bytes
}

/// A reader that takes so long over a document of some 10 kB takes time that grows with its square, or worse.
const HANG: Duration = Duration::from_secs(10);

#[test]
fn damaged_documents_never_panic() {
    let count = setting("PERSIST_DAMAGED", 200);
    let samples = samples(setting("PERSIST_DOCS", 0).min(30));
    for formats in [
        &[Format::Json, Format::Jsonc][..],
        &[Format::Toml],
        &[Format::Yaml],
    ] {
        let samples: Vec<&Document> = samples
            .iter()
            .map(|sample| &sample.document)
            .filter(|document| formats.contains(&document.format()))
            .collect();
        if !samples.is_empty() {
            damage(&samples, count);
        }
    }
}

/// Reads and edits `count` damaged copies of the documents.
fn damage(samples: &[&Document], count: usize) {
    let (mut read, mut refused) = (0, 0);
    let mut slowest = Duration::ZERO;
    let mut random = Random(11);
    for turn in 0..count {
        let sample = samples[turn % samples.len()];
        let bytes = damaged(&mut random, &sample.bytes());
        let start = Instant::now();
        match Document::parse(&bytes, sample.format()) {
            Ok(document) => {
                read += 1;
                edit_damaged(document, &bytes, &mut random);
            }
            Err(error) => {
                refused += 1;
                drop((error.to_string(), error.render("file")));
            }
        }
        slowest = slowest.max(start.elapsed());
        assert!(
            slowest < HANG,
            "{slowest:?} for {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    let format = samples[0].format();
    crate::say(&format!(
        "damaged documents, {format}: {read} read and edited, {refused} refused, the slowest in {slowest:.1?}"
    ));
    assert!(read > 0 && refused > 0);
}

fn edit_damaged(mut document: Document, bytes: &[u8], random: &mut Random) {
    let value = document.value().clone();
    assert!(
        document.apply(&value).is_ok_and(|edit| !edit.changed()) && document.bytes() == bytes,
        "the value is there already"
    );
    drop(document.set(&KeyPath::root().child("new"), 1));
    let mut paths = Vec::new();
    crate::edits::paths(&value, &KeyPath::root(), &mut paths);
    drop(document.remove(&paths[random.below(paths.len())]));
}
