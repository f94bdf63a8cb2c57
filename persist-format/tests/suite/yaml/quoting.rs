//! Strings that readers of YAML like to take for something else, written by us and read by three parsers.

use persist_format::{Document, Format, Map, Value};

use super::oracle::{self, Case};
use super::random::Random;

/// Strings that have gone wrong somewhere.
const KNOWN: &[&str] = &[
    "",
    " ",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "True",
    "yes",
    "Yes",
    "NO",
    "on",
    "Off",
    "y",
    "N",
    "=",
    "<<",
    "!",
    "!!str",
    "&a",
    "*a",
    "-",
    "--",
    "---",
    "--- a",
    "...",
    "... ",
    "- a",
    "? a",
    ": a",
    ":",
    "a:",
    "a: b",
    "a :b",
    "a #b",
    "#",
    "a#",
    "017",
    "0o17",
    "0x1F",
    "0b1",
    "1_000",
    "1e3",
    "1E+3",
    ".5",
    "5.",
    "+1",
    "-1",
    "-.inf",
    ".INF",
    ".nan",
    "12:30",
    "12:30:45",
    "1.2.3",
    "2001-12-14",
    "2001-12-14t21:59:43.10-05:00",
    "2001-1-1",
    "18446744073709551616",
    "[",
    "]",
    "{",
    "}",
    ",",
    "a,b",
    "[a]",
    "{a: b}",
    "|",
    ">",
    "|-",
    "%",
    "%YAML 1.2",
    "@a",
    "`a",
    "'",
    "''",
    "it's",
    "\"",
    "a\"b",
    "\\",
    "a\\nb",
    "\t",
    "a\tb",
    "\ta",
    "a\t",
    " a",
    "a ",
    "\n",
    "a\n",
    "\na",
    "a\nb",
    "a\n\nb",
    "a\nb\n",
    "a\nb\n\n",
    " a\nb",
    "a\n b",
    "a \nb",
    "a\n\tb",
    "a\n# b",
    "a\n---\nb",
    "a\n...\nb",
    "\r",
    "a\rb",
    "\r\n",
    "a\r\nb",
    "\u{85}",
    "a\u{85}b",
    "\u{2028}",
    "a\u{2028}b",
    "\u{2029}",
    "\u{feff}",
    "\u{feff}a",
    "a\u{feff}",
    "\u{a0}",
    "a\u{a0}",
    "\u{0}",
    "\u{7}",
    "\u{1b}[0m",
    "\u{7f}",
    "\u{9f}",
    "\u{202e}abc",
    "\u{fffe}",
    "\u{ffff}",
    "\u{fffd}",
    "\u{e000}",
    "😀",
    "é",
    "日本語",
    "a\u{301}",
    "\u{d7ff}",
    "\u{10ffff}",
    "http://a/b?c=d#e",
    "C:\\a",
    "a=b",
    "key: |",
    "null ",
    "<<: a",
    "0.0.0.0",
    "1,000",
    "$ref",
    "~/a",
    "*",
    "**",
];

fn nasty(random: &mut Random) -> String {
    const ALPHABET: &[char] = &[
        ' ', ' ', '\n', '\n', '\t', '\r', ':', ':', '-', '-', '#', '\'', '"', '\\', ',', '[', ']',
        '{', '}', '&', '*', '!', '|', '>', '%', '@', '`', '?', '=', '<', '~', '.', '+', '_', '0',
        '1', '7', 'a', 'e', 'n', 'o', 'x', 'y', 'T', 'Z', '\u{85}', '\u{a0}', '\u{2028}',
        '\u{feff}', '\u{0}', '\u{7f}', '\u{202e}', '\u{ffff}', 'é', '日', '😀',
    ];
    let pick = |random: &mut Random| KNOWN[random.below(KNOWN.len())].to_owned();
    match random.below(5) {
        0 => pick(random),
        1 => pick(random) + &pick(random),
        2 => {
            let mut text: Vec<char> = pick(random).chars().collect();
            text.insert(
                random.below(text.len() + 1),
                ALPHABET[random.below(ALPHABET.len())],
            );
            text.into_iter().collect()
        }
        _ => (0..random.below(12))
            .map(|_| ALPHABET[random.below(ALPHABET.len())])
            .collect(),
    }
}

/// The string as key and as value, in block and in flow, alone and among others.
fn around(text: &str, random: &mut Random) -> Value {
    let string = Value::from(text);
    let entry = Value::Map(Map::from_iter([(string.clone(), string.clone())]));
    match random.below(5) {
        0 => entry,
        1 => Value::Sequence(vec![string, entry]),
        2 => Value::Map(Map::from_iter([(
            "a",
            Value::Sequence(vec![Value::Sequence(vec![string.clone()]), string]),
        )])),
        3 => Value::Map(Map::from_iter([(entry.clone(), entry)])),
        _ => string,
    }
}

#[test]
fn nasty_strings() {
    let count = super::cases(600);
    let mut random = Random::new(7);
    let known = KNOWN.iter().map(|text| (*text).to_owned());
    let mut texts: Vec<String> = known.collect();
    while texts.len() < count {
        texts.push(nasty(&mut random));
    }
    let mut cases = Vec::new();
    let mut second = 0;
    for text in &texts {
        let value = around(text, &mut random);
        // Reads it again, with our parser and `serde_yaml`, and fails if either sees something else.
        let (doc, warnings) =
            Document::encode(&value, Format::Yaml).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(warnings, vec![], "{text:?}");
        let again = Document::parse(&doc.bytes(), Format::Yaml)
            .unwrap_or_else(|e| panic!("{text:?}: {e}\n{}", doc.text()));
        assert_eq!(*again.value(), value, "{}", doc.text());
        let seen: Result<serde_yaml::Value, _> = serde_yaml::from_str(doc.text());
        let seen = seen.unwrap_or_else(|e| panic!("{text:?}: serde_yaml: {e}\n{}", doc.text()));
        assert_eq!(strings(&seen), strings_of(&value), "{}", doc.text());
        second += 1;
        cases.push(Case {
            text: doc.text().to_owned(),
            value,
        });
    }
    let Some(wrong) = oracle::disagreements(&cases) else {
        return;
    };
    println!(
        "{} nasty strings as key and value: read alike by us, by serde_yaml ({second}) and by Python ({})",
        cases.len(),
        cases.len() - wrong.len()
    );
    for (at, seen) in wrong.iter().take(10) {
        println!("{:?} is to Python {seen}", cases[*at].text);
    }
    assert_eq!(wrong.len(), 0);
}

/// All strings in order, keys too.
fn strings(value: &serde_yaml::Value) -> Vec<String> {
    match value {
        serde_yaml::Value::String(text) => vec![text.clone()],
        serde_yaml::Value::Sequence(items) => items.iter().flat_map(strings).collect(),
        serde_yaml::Value::Mapping(map) => map
            .iter()
            .flat_map(|(k, v)| [strings(k), strings(v)].concat())
            .collect(),
        other => vec![format!("not a string: {other:?}")],
    }
}

fn strings_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Sequence(items) => items.iter().flat_map(strings_of).collect(),
        Value::Map(map) => map
            .iter()
            .flat_map(|(k, v)| [strings_of(k), strings_of(v)].concat())
            .collect(),
        other => vec![format!("not a string: {other:?}")],
    }
}
