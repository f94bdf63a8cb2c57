//! The ten lines of `persist help set`, on every cell of: what a key holds × what is typed × format × what the schema allows.
//!
//! What is expected is said by the lines and by the columns of the two tables below, not by the code under test; what was written is judged by Python.

use persist_format::Format::{Json, Toml, Yaml};
use persist_format::kind::{Kind, Kinds};
use persist_format::{Document, Format};
use proptest::prelude::*;

use super::{document, oracle, path, typed};

/// What is typed, and what it is to whom.
struct New {
    text: &'static str,
    /// As JSON, if it is JSON.
    json: Option<Kind>,
    /// A number in some format's notation, and the same number in each.
    number: bool,
    /// A number of YAML 1.2 alone.
    padded: bool,
    /// A switch: 1 in all formats, 2 in YAML.
    switch: u8,
    /// To readers of YAML 1.1, plain: a number, a switch or a date that is text to those of YAML 1.2.
    old_yaml: Option<Kind>,
    date: bool,
}

const TEXT: New = New {
    text: "",
    json: None,
    number: false,
    padded: false,
    switch: 0,
    old_yaml: None,
    date: false,
};

const fn number(text: &'static str, json: bool) -> New {
    New {
        text,
        json: if json { Some(Kind::Number) } else { None },
        number: true,
        ..TEXT
    }
}

const NEWS: [New; 34] = [
    TEXT,
    New { text: "x", ..TEXT },
    New {
        text: "two words",
        ..TEXT
    },
    New {
        text: "a: b # c",
        ..TEXT
    },
    New {
        text: "true",
        json: Some(Kind::Switch),
        switch: 1,
        ..TEXT
    },
    New {
        text: "False",
        switch: 1,
        ..TEXT
    },
    New {
        text: "TRUE",
        switch: 1,
        ..TEXT
    },
    New {
        text: "yes",
        switch: 2,
        old_yaml: Some(Kind::Switch),
        ..TEXT
    },
    New {
        text: "off",
        switch: 2,
        old_yaml: Some(Kind::Switch),
        ..TEXT
    },
    New { text: "y", ..TEXT },
    New {
        text: "null",
        json: Some(Kind::Null),
        ..TEXT
    },
    New { text: "~", ..TEXT },
    number("3.10", true),
    number("7", true),
    number("-1", true),
    number("1e3", true),
    number("1.5e+3", true),
    number("1.5e3", true),
    number("-.5", false),
    number("0x1F", false),
    number("0o17", false),
    New {
        old_yaml: Some(Kind::Number),
        ..number("1_000", false)
    },
    number(".5", false),
    number("+4911", false),
    New {
        text: "0644",
        number: true,
        padded: true,
        ..TEXT
    },
    New {
        text: "089",
        number: true,
        padded: true,
        ..TEXT
    },
    New {
        text: "1e400",
        ..TEXT
    },
    New {
        text: "8O80",
        ..TEXT
    },
    New {
        text: "07:30",
        date: true,
        ..TEXT
    },
    New {
        text: "13:45",
        date: true,
        old_yaml: Some(Kind::Number),
        ..TEXT
    },
    New {
        text: "2021-02-03",
        date: true,
        old_yaml: Some(Kind::Date),
        ..TEXT
    },
    New {
        text: "[1, 2]",
        json: Some(Kind::List),
        ..TEXT
    },
    New {
        text: "{\"a\": 2}",
        json: Some(Kind::Map),
        ..TEXT
    },
    New {
        text: "\"7\"",
        json: Some(Kind::Text),
        ..TEXT
    },
];

/// What a key holds: the text of the document, the kind that it is, and to readers of YAML 1.1, if that is another.
struct Old {
    format: Format,
    text: &'static str,
    kind: Option<Kind>,
    old_yaml: Option<Kind>,
}

const fn old(format: Format, text: &'static str, kind: Kind) -> Old {
    Old {
        format,
        text,
        kind: Some(kind),
        old_yaml: None,
    }
}

const fn text_or(text: &'static str, kind: Kind, old_yaml: Kind) -> Old {
    Old {
        format: Yaml,
        text,
        kind: Some(kind),
        old_yaml: Some(old_yaml),
    }
}

const fn new(format: Format, text: &'static str) -> Old {
    Old {
        format,
        text,
        kind: None,
        old_yaml: None,
    }
}

const OLDS: [Old; 42] = [
    new(Json, "{\"w\": 1}"),
    old(Json, "{\"v\": null}", Kind::Null),
    old(Json, "{\"v\": \"3.9\"}", Kind::Text),
    old(Json, "{\"v\": 1}", Kind::Number),
    old(Json, "{\"v\": 1.50}", Kind::Number),
    old(Json, "{\"v\": true}", Kind::Switch),
    old(Json, "{\"v\": [1]}", Kind::List),
    old(Json, "{\"v\": {\"a\": 1}}", Kind::Map),
    new(Toml, "w = 1\n"),
    old(Toml, "v = '3.9'\n", Kind::Text),
    old(Toml, "v = \"2020-01-01\"\n", Kind::Text),
    old(Toml, "v = 1_0\n", Kind::Number),
    old(Toml, "v = 0x00FF00 # c\n", Kind::Number),
    old(Toml, "v = 1.5\n", Kind::Number),
    old(Toml, "v = false\n", Kind::Switch),
    old(Toml, "v = 2020-01-01\n", Kind::Date),
    old(Toml, "v = 07:30:00\n", Kind::Date),
    old(Toml, "v = [1]\n", Kind::List),
    old(Toml, "v = {a = 1}\n", Kind::Map),
    old(Toml, "[v]\na = 1\n", Kind::Map),
    new(Yaml, "w: 1\n"),
    old(Yaml, "v:\n", Kind::Null),
    old(Yaml, "v: ~\n", Kind::Null),
    old(Yaml, "v: words # c\n", Kind::Text),
    old(Yaml, "v: \"3.9\"\n", Kind::Text),
    old(Yaml, "v: 'yes'\n", Kind::Text),
    old(Yaml, "v: !!str 1\n", Kind::Text),
    old(Yaml, "v: |\n  lines\n", Kind::Text),
    old(Yaml, "v: 1\n", Kind::Number),
    old(Yaml, "v: .5\n", Kind::Number),
    old(Yaml, "v: 0755\n", Kind::Number),
    old(Yaml, "{v: 1}\n", Kind::Number),
    text_or("v: 1e3\n", Kind::Number, Kind::Text),
    old(Yaml, "v: True\n", Kind::Switch),
    old(Yaml, "v: off\n", Kind::Switch),
    old(Yaml, "v: YES # c\n", Kind::Switch),
    text_or("v: 12:30\n", Kind::Text, Kind::Number),
    text_or("v: 1_000\n", Kind::Text, Kind::Number),
    text_or("v: 2020-01-01\n", Kind::Text, Kind::Date),
    old(Yaml, "v: [1]\n", Kind::List),
    old(Yaml, "v:\n  - 1\n", Kind::List),
    old(Yaml, "v:\n  a: 1\n", Kind::Map),
];

fn schemas() -> Vec<(&'static str, Kinds)> {
    let of = |kinds: &[Kind]| kinds.iter().copied().collect();
    // To a schema a date is text.
    let text = [Kind::Text, Kind::Date, Kind::Bytes];
    vec![
        ("none", Kinds::ALL),
        ("text", of(&text)),
        ("number", Kind::Number.into()),
        ("switch", Kind::Switch.into()),
        ("list", Kind::List.into()),
        ("map", Kind::Map.into()),
        ("text or null", of(&[&text[..], &[Kind::Null]].concat())),
        ("number or null", of(&[Kind::Number, Kind::Null])),
        ("text or number", of(&[&text[..], &[Kind::Number]].concat())),
        ("number or switch", of(&[Kind::Number, Kind::Switch])),
    ]
}

/// By the ten lines: the kind that is written, or nothing.
fn by_the_lines(old: &Old, new: &New, schema: &str, allowed: Kinds) -> Option<Kind> {
    let single = match schema {
        "text" | "text or null" => Some(Kind::Text),
        "number" | "number or null" => Some(Kind::Number),
        "switch" => Some(Kind::Switch),
        "list" => Some(Kind::List),
        "map" => Some(Kind::Map),
        _ => None,
    };
    if schema == "number or null" && new.text == "null" && old.format != Toml {
        return Some(Kind::Null);
    }
    let held = old.kind.filter(|kind| *kind != Kind::Null);
    let wanted = match (single, held) {
        (Some(Kind::Text), Some(Kind::Date)) => Some(Kind::Date),
        (Some(kind), _) => Some(kind),
        (None, Some(kind)) if allowed.has(kind) => Some(kind),
        _ => None,
    };
    let is = match wanted {
        Some(Kind::Text) => true,
        Some(Kind::Number) => new.number && (!new.padded || old.format == Yaml),
        Some(Kind::Switch) => new.switch == 1 || new.switch == 2 && old.format == Yaml,
        Some(Kind::Date) => new.date,
        Some(kind) => new.json == Some(kind),
        None => {
            let json = new.json.filter(|kind| allowed.has(*kind));
            let text = allowed.has(Kind::Text).then_some(Kind::Text);
            return json
                .or(text)
                .filter(|kind| *kind != Kind::Null || old.format != Toml);
        }
    };
    wanted.filter(|_| is)
}

/// What a reader of the file is to see of it.
fn seen_by(reader: &str, old: &Old, new: &New, written: Kind) -> Vec<Kind> {
    let plain_switch = ["v: off\n", "v: YES # c\n"].contains(&old.text);
    let one_one = reader == "PyYAML";
    if old.format == Yaml {
        match written {
            // To readers of YAML 1.2 they were text, and stay so.
            Kind::Switch if plain_switch && !one_one => return vec![Kind::Text],
            // What is text for us, and was none for them, stays of that kind where it can.
            Kind::Text if old.old_yaml.is_some() && old.old_yaml == new.old_yaml => {
                let theirs = old.old_yaml.unwrap_or(written);
                // ruamel.yaml reads dates and `1_000` as YAML 1.1 does.
                return if one_one {
                    vec![theirs]
                } else {
                    vec![theirs, written]
                };
            }
            Kind::Text if plain_switch && new.switch == 2 => {
                return vec![if one_one { Kind::Switch } else { Kind::Text }];
            }
            Kind::Number if one_one && old.old_yaml == Some(Kind::Text) => {
                return vec![Kind::Number, Kind::Text];
            }
            _ => {}
        }
    }
    vec![written]
}

#[test]
fn the_ten_lines_hold_on_every_cell() {
    let mut cells = Vec::new();
    let mut texts = Vec::new();
    let mut refused = 0;
    for old in &OLDS {
        let before: Document = document(old.format, old.text);
        for new in &NEWS {
            for (schema, allowed) in schemas() {
                let label = format!("{:?} ← {:?}, schema: {schema}", old.text, new.text);
                let after = typed(&before, &path("v"), new.text, allowed);
                let wanted = by_the_lines(old, new, schema, allowed);
                assert_eq!(
                    after.is_some(),
                    wanted.is_some(),
                    "{label}: {wanted:?} {after:?}"
                );
                let (Some(after), Some(wanted)) = (after, wanted) else {
                    refused += 1;
                    continue;
                };
                let read = document(old.format, &after);
                let place = read.place(&path("v"));
                if wanted == Kind::Text {
                    let value = read.get(&path("v")).map(persist_format::Value::untagged);
                    let same =
                        new.json == Some(Kind::Text) && old.kind.is_none_or(|k| k == Kind::Null);
                    let text = value.and_then(|value| value.as_str());
                    assert!(
                        text == Some(new.text) || same || text == Some("7"),
                        "{label}: {after}"
                    );
                } else {
                    assert_eq!(place.kind(), Some(wanted), "{label}: {after}");
                }
                texts.push((old.format, after));
                cells.push((label, old, new, wanted));
            }
        }
    }
    assert_eq!(
        cells.len() + refused,
        OLDS.len() * NEWS.len() * schemas().len()
    );
    assert!(
        cells.len() > 4_000 && refused > 4_000,
        "{} {refused}",
        cells.len()
    );
    let Some(seen) = oracle::seen(&texts) else {
        return;
    };
    let mut wrong = Vec::new();
    for (((label, old, new, wanted), (_, text)), seen) in cells.iter().zip(&texts).zip(seen) {
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                wrong.push(format!("{label}: {text:?}: {error}"));
                continue;
            }
        };
        for (reader, paths) in seen {
            let there = paths.iter().find(|(path, _)| path == "/v");
            let kind = there.map_or("nothing", |(_, kind)| kind);
            let expected = seen_by(&reader, old, new, *wanted);
            let names: Vec<String> = expected.iter().map(|kind| name(*kind).to_owned()).collect();
            if !names.iter().any(|name| name == kind) {
                wrong.push(format!(
                    "{label}: {text:?}: {reader} sees {kind}, not {names:?}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// What people type, and what they don't.
fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9_.xobeE:T -]{0,14}",
        "[a-zA-Z]{1,5}",
        "[\\[{\"'!&*|>%@`#:,.=~<a0 \n-]{0,8}",
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any text is taken as the kind that is there, or refused; as text it is kept letter for letter; both parsers read what is written.
    #[test]
    fn any_text_keeps_the_kind_or_is_refused(at in 0..OLDS.len(), text in anything()) {
        let old = &OLDS[at];
        let before = document(old.format, old.text);
        if let Some(after) = typed(&before, &path("v"), &text, Kinds::ALL) {
            let read = document(old.format, &after);
            read.check().expect("both parsers read it");
            if let Some(kind) = old.kind.filter(|kind| *kind != Kind::Null) {
                prop_assert_eq!(read.place(&path("v")).kind(), Some(kind), "{}", after);
                if kind == Kind::Text {
                    let value = read.get(&path("v")).and_then(persist_format::Value::as_str);
                    prop_assert_eq!(value, Some(text.as_str()));
                }
            }
        } else {
            prop_assert!(old.kind != Some(Kind::Text), "text takes anything");
        }
    }
}

/// What looks like a number, a time or a switch is to other readers of YAML what it is to us, or is written so that it is.
#[test]
fn other_readers_of_yaml_see_the_same_kind_in_any_text() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let plain = |old: &&Old| old.format == Yaml && old.old_yaml.is_none() && old.kind.is_some();
    let olds: Vec<&Old> = OLDS.iter().filter(plain).collect();
    let mut runner = TestRunner::deterministic();
    let (mut texts, mut cells) = (Vec::new(), Vec::new());
    for round in 0..12_000 {
        let old = olds[round % olds.len()];
        let tree = anything().new_tree(&mut runner).expect("a text");
        let text = tree.current();
        let before = document(old.format, old.text);
        let Some(after) = typed(&before, &path("v"), &text, Kinds::ALL) else {
            continue;
        };
        let read = document(old.format, &after);
        cells.push((
            text,
            old,
            read.place(&path("v")).kind().expect("it is there"),
        ));
        texts.push((old.format, after));
    }
    assert!(texts.len() > 2_000, "{}", texts.len());
    let Some(seen) = oracle::seen(&texts) else {
        return;
    };
    let mut wrong = Vec::new();
    for (((typed, old, kind), (_, text)), seen) in cells.iter().zip(&texts).zip(seen) {
        for (reader, paths) in seen.unwrap_or_else(|e| panic!("{text:?}: {e}")) {
            let there = paths.iter().find(|(path, _)| path == "/v");
            let there = there.map(|(_, kind)| kind.as_str());
            let plain_switch = ["v: off\n", "v: YES # c\n"].contains(&old.text);
            let text_to_it = plain_switch && reader != "PyYAML";
            let expected = if text_to_it { "text" } else { name(*kind) };
            if there != Some(expected) {
                wrong.push(format!(
                    "{:?} ← {typed:?}: {text:?}: {reader} sees {there:?}",
                    old.text
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Text => "text",
        Kind::Number => "number",
        Kind::Switch => "switch",
        Kind::Date => "date",
        Kind::Bytes => "bytes",
        Kind::List => "list",
        Kind::Map => "map",
    }
}
