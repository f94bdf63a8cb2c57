//! What holds for every value and every text.

use persist_format::{
    Datetime, Document, Float, Format, Integer, KeyPath, Map, OnLoss, Segment, Value, convert,
    diff, merge,
};
use proptest::prelude::*;

/// Values that JSON, TOML and YAML can all say.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no infinities", |x| x.is_finite())
            .prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let nasty = proptest::sample::select(vec![
        "",
        " ",
        "~",
        "null",
        "no",
        "12:30",
        "=",
        "<<",
        "- a",
        "a: b",
        "#",
        "'",
        "\"",
        "\\",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{7f}",
        "\n",
        "\r\n",
        "a\n",
        "\n a",
        " a\n",
        "\t",
        "1e3",
        "0x1f",
        ".5",
        "+1",
        "1_000",
        "2024-01-01",
        "{",
        "]",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%",
        "@",
        "`",
        "---",
        "...",
        "?",
        ": ",
    ]);
    prop_oneof![nasty.prop_map(str::to_owned), any::<String>(), "[a-z]{1,6}"]
}

fn values() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((text(), inner), 0..6)
                .prop_map(|entries| Value::Map(entries.into_iter().collect::<Map>())),
        ]
    })
}

fn roots() -> impl Strategy<Value = Value> {
    proptest::collection::vec((text(), values()), 0..6)
        .prop_map(|entries| Value::Map(entries.into_iter().collect::<Map>()))
}

fn format() -> impl Strategy<Value = Format> {
    proptest::sample::select(Format::ALL.to_vec())
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PERSIST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(96);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_encoded_decodes_to_the_same(value in roots(), format in format()) {
        let (document, warnings) = Document::encode(&value, format).expect("all formats can say it");
        prop_assert_eq!(&warnings, &[]);
        let again = Document::parse(&document.bytes(), format).expect("what is encoded can be read");
        prop_assert_eq!(again.value(), &value);
    }

    #[test]
    fn what_is_applied_is_there(old in roots(), new in roots(), format in format()) {
        let (document, _) = Document::encode(&old, format).expect("all formats can say it");
        let mut document = document.on_loss(OnLoss::Reemit);
        let edit = document.apply(&new).expect("all formats can say it");
        prop_assert_eq!(edit.changed(), old != new);
        let again = Document::parse(&document.bytes(), format).expect("what is edited can be read");
        prop_assert_eq!(again.value(), &new);
    }

    #[test]
    fn a_difference_leads_there_and_back(old in values(), new in values()) {
        let difference = diff::between(&old, &new);
        prop_assert_eq!(difference.is_empty(), old == new);
        let mut value = old.clone();
        difference.apply(&mut value).expect("it applies to what it was taken from");
        prop_assert_eq!(&value, &new);
        difference.invert().apply(&mut value).expect("it can be taken back");
        prop_assert_eq!(&value, &old);
    }

    #[test]
    fn a_merge_takes_both_sides(base in roots(), ours in values()) {
        prop_assert_eq!(merge::values(&base, &ours, &base), Ok(ours.clone()));
        prop_assert_eq!(merge::values(&base, &base, &ours), Ok(ours.clone()));
        prop_assert_eq!(merge::values(&base, &ours, &ours), Ok(ours));
    }

    #[test]
    fn paths_read_as_they_print(segments in proptest::collection::vec(segment(), 0..6)) {
        let path: KeyPath = segments.into_iter().collect();
        prop_assert_eq!(path.to_string().parse::<KeyPath>().ok(), Some(path.clone()));
        let keys: KeyPath = path.segments().iter().filter(|s| matches!(s, Segment::Key(_))).cloned().collect();
        if !keys.is_root() {
            prop_assert_eq!(keys.pointer().parse::<KeyPath>().ok(), Some(keys));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), format in format()) {
        drop(Document::parse(&bytes, format).map_err(|error| (error.to_string(), error.render("f"))));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[-\\[\\]{}:,#\"' \\n\\t\\\\a-c0-2&*!|>=.?%~/@ü]{0,60}", format in format()) {
        match Document::parse(text.as_bytes(), format) {
            Err(error) => drop((error.to_string(), error.render("f"))),
            Ok(mut document) => {
                drop(document.set(&KeyPath::root().child("new key"), 1));
                drop(document.insert(&KeyPath::root().join(Segment::Append), "x"));
                drop(document.remove(&KeyPath::root().item(0)));
                drop(document.remove(&KeyPath::root().child("a")));
            }
        }
    }

    #[test]
    fn serde_takes_a_value_there_and_back(value in values()) {
        let typed: serde_json::Value = persist_format::from_value(&value).expect("JSON can say it");
        prop_assert_eq!(Value::from(typed), value);
    }

    #[test]
    fn integers_of_any_size_are_kept(digits in "-?[1-9][0-9]{0,80}") {
        let value = Value::from(Integer::from_decimal(&digits).expect("they are digits"));
        for format in [Format::Json, Format::Yaml] {
            let map = Value::Map(Map::from_iter([("n", value.clone())]));
            let (document, _) = Document::encode(&map, format).expect("the format can say it");
            prop_assert_eq!(document.get(&KeyPath::root().child("n")), Some(&value));
        }
    }
}

fn segment() -> impl Strategy<Value = Segment> {
    prop_oneof![
        3 => text().prop_map(Segment::Key),
        1 => (0..1000usize).prop_map(Segment::Index),
        1 => (1..1000usize).prop_map(Segment::FromEnd),
        1 => Just(Segment::Append),
    ]
}

#[test]
fn what_a_format_cannot_say_is_an_error_or_a_warning() {
    let map = |value: Value| Value::Map(Map::from_iter([("k", value)]));
    let datetime: Datetime = "2024-05-01T12:00:00Z".parse().expect("it is a datetime");
    let check = |value: Value, format: Format, expected: &str| {
        let said = match convert::fit(&value, format) {
            Ok((_, warnings)) => warnings
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(said, expected, "{value} to {format}");
    };
    check(map(Value::Null), Format::Toml, "null left out at k");
    check(
        map(Value::Sequence(vec![Value::Null])),
        Format::Toml,
        "error: TOML has no null at k[0]",
    );
    check(
        map(Float::from(f64::NAN).into()),
        Format::Json,
        "error: JSON has no NaN at k",
    );
    check(map(Float::from(f64::NAN).into()), Format::Toml, "");
    check(map(u64::MAX.into()), Format::Json, "");
    check(
        map(u64::MAX.into()),
        Format::Toml,
        "error: 18446744073709551615 does not fit the 64-bit integers of TOML at k",
    );
    check(
        map(u128::MAX.into()),
        Format::Json,
        "integer beyond 64 bits, which many programs read as a float at k",
    );
    check(map(datetime.into()), Format::Toml, "");
    check(
        map(datetime.into()),
        Format::Yaml,
        "datetime written as a string at k",
    );
    check(
        map(Value::Bytes(vec![1])),
        Format::Toml,
        "bytes written as a base64 string at k",
    );
    check(map(Value::Bytes(vec![1])), Format::Yaml, "");
    check(
        Value::from(1),
        Format::Toml,
        "error: a TOML document is a table, not an integer",
    );
    check(
        Value::Map(Map::from_iter([(Value::from(1), 2)])),
        Format::Json,
        "key written as a string at 1",
    );
    let twins = Map::from_iter([(Value::from(1), 2), (Value::from("1"), 3)]);
    check(
        Value::Map(twins),
        Format::Json,
        "error: two keys would be the same as text at 1",
    );
}

/// A key that is no string has no path of its own: taken back by its text it would come back as a string.
#[test]
fn a_difference_in_keys_that_are_no_strings_can_be_taken_back() {
    let read = |text: &str| crate::support::document(Format::Yaml, text).into_value();
    let (with, without) = (read("null: a\nb: ''\n"), read("b: ''\n"));
    for (old, new) in [(&with, &without), (&without, &with)] {
        let diff = persist_format::diff::between(old, new);
        let mut value = old.clone();
        diff.apply(&mut value).expect("it applies");
        assert_eq!(value, *new);
        diff.invert().apply(&mut value).expect("it is taken back");
        assert_eq!(value, *old);
    }
}
