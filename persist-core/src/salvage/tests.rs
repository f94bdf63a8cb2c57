//! Passes over damaged texts: what they keep, and how much they read for it.

mod texts;

use std::cell::Cell;
use std::fmt::Write as _;

use persist_format::{Document, Format, KeyPath, Map, Value};

use super::salvage;
use texts::{ALL, Damage, large};

thread_local! {
    /// Bytes that were parsed on this thread.
    static READ: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn count(bytes: usize) {
    READ.with(|read| read.set(read.get() + bytes));
}

/// How many times its length may be read of a text: by statements or blocks, and as a whole.
const MOST: usize = 14;

/// What is kept of a text, for which no more was read than is due.
fn kept(text: &[u8], format: Format) -> Option<Value> {
    READ.with(|read| read.set(0));
    let salvaged = salvage(text, format, None);
    let read = READ.with(Cell::get);
    let length = text.len();
    assert!(
        read <= MOST * (length + 100),
        "{format}: {read} of {length}"
    );
    salvaged.map(|salvaged| salvaged.document.into_value())
}

fn value(text: &str, format: Format) -> Value {
    let document = Document::parse(text.as_bytes(), format);
    document.expect("as the test wrote it").into_value()
}

/// Every value with its path. Empty maps and arrays are none.
fn leaves(value: &Value, at: &KeyPath, found: &mut Vec<(KeyPath, Value)>) {
    match value {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                leaves(
                    value,
                    &at.child(&key.as_key_text().unwrap_or_default()),
                    found,
                );
            }
        }
        Value::Sequence(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &at.item(index), found);
            }
        }
        value => found.push((at.clone(), value.clone())),
    }
}

/// What is kept stands where the original has it; returns how many values.
fn assert_part_of(part: &Value, original: &Value, why: &str) -> usize {
    let mut found = Vec::new();
    leaves(part, &KeyPath::root(), &mut found);
    for (path, value) in &found {
        assert_eq!(original.get(path), Some(value), "{path} of {why}");
    }
    found.len()
}

#[test]
fn what_is_whole_is_kept_whole() {
    for (text, format) in ALL {
        let salvaged = salvage(text.as_bytes(), format, None).expect("all of it");
        assert_eq!(salvaged.document.text(), text);
    }
}

#[test]
fn of_a_cut_text_only_whole_values_are_kept() {
    for (text, format) in ALL {
        let original = value(text, format);
        let mut most = 0;
        for end in 0..text.len() {
            if let Some(part) = kept(&text.as_bytes()[..end], format) {
                let found = assert_part_of(&part, &original, &format!("{format} cut at {end}"));
                assert!(found + 5 > most, "{format} at {end}: {found} after {most}");
                most = found.max(most);
            }
        }
    }
}

#[test]
fn after_a_hole_nothing_comes_under_another_key() {
    for (text, format) in ALL {
        let original = value(text, format);
        for start in 0..text.len() {
            for length in [4, 9, 40, 120] {
                let mut bytes = text.as_bytes().to_vec();
                let end = (start + length).min(bytes.len());
                bytes[start..end].fill(0);
                let Some(part) = kept(&bytes, format) else {
                    continue;
                };
                let why = String::from_utf8_lossy(&bytes).into_owned();
                assert_part_of(&without_arrays(part), &original, &why);
            }
        }
    }
}

/// Items have no names: they move up where others are lost before them, and of `[server.tls]` alone nobody can tell that the server is one of many.
fn without_arrays(value: Value) -> Value {
    match value {
        Value::Sequence(_) => Value::Sequence(Vec::new()),
        Value::Map(map) => {
            let entries = map.into_iter().map(|(k, v)| (k, without_arrays(v)));
            let entries = entries.filter(|(key, _)| key.as_str() != Some("server"));
            Value::Map(entries.collect())
        }
        value => value,
    }
}

/// At most three entries are lost for each that is damaged.
#[test]
fn hundreds_of_damaged_lines_cost_what_the_text_does() {
    for format in [Format::Json, Format::Toml, Format::Yaml] {
        let damages: [&Damage; 3] = [
            &|_, line| line.replacen("some", "\"", 1),
            &|_, line| line.replace("\"\n", "\n").replace("\",\n", ",\n"),
            &|n, line| {
                format!(
                    "{}%@ garbage {n}\n",
                    &line[..line.len() - line.trim_start().len()]
                )
            },
        ];
        for (which, damage) in damages.iter().enumerate() {
            let (whole, damaged) = large(format, 40, *damage);
            let part = kept(damaged.as_bytes(), format).expect("most of it");
            let found = assert_part_of(&part, &value(&whole, format), "a large text");
            assert!(
                found >= 12_000 - 3 * 300,
                "{format}, damage {which}: {found}"
            );
        }
    }
}

/// What is lost goes on to the next place that is certain, a section here.
#[test]
fn hundreds_of_holes_cost_what_the_text_does() {
    for format in [Format::Json, Format::Toml, Format::Yaml] {
        let hole = |_, line: &str| format!("{}\0\0\0\0\0\0\0\0\n", &line[..9]);
        let (whole, damaged) = large(format, 40, &hole);
        let part = kept(damaged.as_bytes(), format).expect("most of it");
        let found = assert_part_of(&part, &value(&whole, format), "a large text");
        assert!(found >= 12_000 - 9 * 300, "{format}: {found}");
    }
}

#[test]
fn hostile_texts_cost_what_the_text_does() {
    let many = |line: &str| format!("{line}\n").repeat(100_000);
    let lines = |line: &str| format!("{line}\n").repeat(10_000);
    let mut deep = String::new();
    for depth in 0..1_000 {
        writeln!(deep, "{}a:", " ".repeat(depth)).expect("a string takes all text");
    }
    let texts = [
        many("\"\"\""),
        many("[[[[["),
        many("{{{{{"),
        lines("a = \"\"\""),
        lines("a = ["),
        lines("\"a\": {"),
        lines("a: *b"),
        lines("a: |"),
        lines("/*"),
        lines("\\"),
        format!("{{\n{}", lines("\"\\")),
        format!("{{{}", lines("\"a\": /* [")),
        format!("a: [\n{}", lines("  - x: [")),
        "[".repeat(100_000),
        "{\"a\":".repeat(20_000),
        "/".repeat(100_000),
        "\"".repeat(100_000),
        deep,
    ];
    for text in &texts {
        for format in Format::ALL {
            drop(kept(text.as_bytes(), format));
        }
    }
}

/// What a text is salvaged to.
fn check(format: Format, damaged: &str, expected: &str) {
    let salvaged = salvage(damaged.as_bytes(), format, None);
    let text = salvaged.map(|salvaged| salvaged.document.text().to_owned());
    assert_eq!(text.as_deref(), Some(expected), "{damaged}");
}

#[test]
fn json() {
    let check = |damaged, expected| check(Format::Json, damaged, expected);
    check("{\"a\": 1, \"b\": tru, \"c\": 2}", "{\"a\": 1,  \"c\": 2}");
    check("{\"a\": 1\n \"b\": 2}", "{\"a\": 1,\n \"b\": 2}");
    check("{\"a\": \"x,\n \"b\": 2}", "{\n \"b\": 2}");
    check("{\"a\": 1, \"a\": 2, \"b\": 3,}", "{\"a\": 1,  \"b\": 3}");
    check("{\"a\": [1, @, 3], \"b\": {\"x\": @}}", "{\"a\": [1,  3] }");
    check("\"a\": 1, \"b\": 2}", "{\"a\": 1, \"b\": 2}");
    check("{\"a\": 1} {\"b\": 2}", "{\"a\": 1\n}");
}

/// A bracket that is lost shows by the columns of what follows.
#[test]
fn json_without_a_bracket() {
    let lost_opener = "{\n  \"a\": @\n    \"x\": 1\n  },\n  \"b\": {\n    \"y\": 2\n  }\n}\n";
    let lost_closer = "{\n  \"a\": {\n    \"x\": 1\n  @\n  \"b\": {\n    \"y\": 2\n  }\n}\n";
    let keys = |text: &str| {
        let value = kept(text.as_bytes(), Format::Json).expect("b is whole");
        let mut found = Vec::new();
        leaves(&value, &KeyPath::root(), &mut found);
        found
            .into_iter()
            .map(|(path, _)| path.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(lost_opener), ["b.y"]);
    assert_eq!(keys(lost_closer), ["a.x", "b.y"]);
}

#[test]
fn toml() {
    let check = |damaged, expected| check(Format::Toml, damaged, expected);
    check("a = 1\n%%%\nb = 2\na = 3\n", "a = 1\nb = 2\n");
    check("a = [1,\nb = 2\n", "b = 2\n");
    check("a = [1,\n[b]\nc = 2\n", "[b]\nc = 2\n");
    let unended = "a = \"\"\"\nb = 1\n[c]\nd = 2\n";
    assert_eq!(kept(unended.as_bytes(), Format::Toml), None);
}

#[test]
fn a_lost_table_of_an_array_takes_those_within_it_along() {
    let text = "[[s]]\nn = 1\n[[s\nn = 2\n[s.tls]\non = true\n[[s]]\nn = 3\n[s.tls]\non = false\n";
    let rest = "[[s]]\nn = 1\n[[s]]\nn = 3\n[s.tls]\non = false\n";
    check(Format::Toml, text, rest);
    check(
        Format::Toml,
        "a = 1\n[[s\n[s.tls]\non = true\n[[s]]\nn = 3\n",
        "a = 1\n[[s]]\nn = 3\n",
    );
}

#[test]
fn yaml() {
    let check = |damaged, expected| check(Format::Yaml, damaged, expected);
    check("a: 1\n%%%\nb: 2\na: 3\n", "a: 1\nb: 2\n");
    check(
        "a:\n  x: 1\n  y: [\n  z: 3\nb: 2\n",
        "a:\n  x: 1\n  z: 3\nb: 2\n",
    );
    check("a:\n  y: [\nb: 2\n", "b: 2\n");
    check(
        "a: &a {x: 1}\nb: [\nc: *a\nd: *e\n",
        "a: &a {x: 1}\nc: *a\n",
    );
    check("a:\n- 1\n- [\n- 3\n", "a:\n- 1\n- 3\n");
}

/// All defaults are put in by one edit.
#[test]
fn thousands_of_defaults_are_filled_in_at_once() {
    let mut defaults = String::new();
    for n in 0..3_000 {
        writeln!(defaults, "key{n} = {n}").expect("a string takes all text");
    }
    let defaults = value(&defaults, Format::Toml);
    let damaged = "key1 = 7\n# about\nkey2 = @\n";
    let salvaged = salvage(damaged.as_bytes(), Format::Toml, Some(&defaults)).expect("key1");
    assert_eq!((salvaged.fields, salvaged.lost.len()), (1, 2_999));
    assert!(salvaged.document.text().contains(
        "# about
"
    ));
    assert_eq!(
        salvaged.document.value().as_map().map(Map::len),
        Some(3_000)
    );
}
