use std::collections::BTreeMap;

use persist_format::{Document, Format, Value, from_value, to_value};
use serde::{Deserialize, Serialize};

use crate::support::document;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    width: u16,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Mode {
    Plain,
    Limited(u8),
    Full { depth: i128 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct App {
    window: Window,
    modes: Vec<Mode>,
    ports: BTreeMap<u16, f32>,
    since: toml::value::Datetime,
}

fn app() -> App {
    App {
        window: Window {
            width: 1280,
            title: None,
        },
        modes: vec![
            Mode::Plain,
            Mode::Limited(3),
            Mode::Full {
                depth: i128::from(i64::MAX),
            },
        ],
        ports: BTreeMap::from([(80, 0.1), (443, 2.0)]),
        since: "2024-05-01T12:00:00Z".parse().expect("it is a datetime"),
    }
}

#[test]
fn types_survive_every_format() {
    for format in Format::ALL {
        let value = to_value(&app()).expect("it can be said");
        let (doc, _) = Document::encode(&value, format).expect("the format can say it");
        if format == Format::Toml {
            assert_eq!(doc.deserialize::<App>().expect("it fits"), app());
        }
        assert_eq!(from_value::<App>(&value).expect("it fits"), app());
    }
    let toml = Document::encode(&to_value(&app()).expect("it can be said"), Format::Toml)
        .expect("it can be said")
        .0;
    insta::assert_snapshot!(toml.text(), @r#"
    modes = ["Plain", { Limited = 3 }, { Full = { depth = 9223372036854775807 } }]
    since = 2024-05-01T12:00:00Z

    [window]
    width = 1280

    [ports]
    80 = 0.1
    443 = 2.0
    "#);
}

#[test]
fn an_error_names_the_place_and_draws_it() {
    let error = |format, text: &str| {
        document(format, text)
            .deserialize::<App>()
            .expect_err("it doesn't fit")
            .with_file("app.toml")
    };
    let wrong = error(
        Format::Toml,
        "modes = []\n\n[window]\ntitle = 'x'\nwidth = \"wide\" # not a number\n",
    );
    insta::assert_snapshot!(wrong, @"app.toml:5:9: expected u16, found string at window.width");
    insta::assert_snapshot!(wrong.render(""), @r#"
    error: expected u16, found string at window.width
     --> app.toml:5:9
      |
    5 | width = "wide" # not a number
      |         ^^^^^^
    "#);
    let unknown = error(Format::Yaml, "window:\n  widht: 3\n");
    insta::assert_snapshot!(unknown, @"app.toml:2:3: unknown field `widht` at window.widht; did you mean `width`?");
    assert_eq!(unknown.help(), Some("did you mean `width`?"));
    let range = error(Format::Json, "{\"window\": {\"width\": 70000}}");
    insta::assert_snapshot!(range, @"app.toml:1:22: expected u16, found integer 70000 at window.width");
    let variant = error(
        Format::Json,
        "{\"window\": {\"width\": 1}, \"modes\": [\"Plane\"]}",
    );
    insta::assert_snapshot!(variant, @"app.toml:1:36: unknown variant `Plane` at modes[0]; expected one of `Plain`, `Limited`, `Full`");
    let missing = error(Format::Toml, "[window]\nwidth = 1\n");
    insta::assert_snapshot!(missing, @"app.toml:1:1: missing field `modes`");
}

#[test]
fn strings_of_messages_are_kept_out() {
    let doc = document(Format::Json, "{\"window\": {\"width\": \"hunter2\"}}");
    let error = doc.deserialize::<App>().expect_err("it doesn't fit");
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn both_spellings_of_enums_are_read() {
    let modes = |text: &str| {
        document(Format::Yaml, text)
            .deserialize::<Vec<Mode>>()
            .expect("it fits")
    };
    assert_eq!(
        modes("- Plain\n- !Limited 3\n- Limited: 3\n"),
        [Mode::Plain, Mode::Limited(3), Mode::Limited(3)]
    );
}

#[test]
fn numbers_are_whole() {
    let doc = document(
        Format::Json,
        "{\"a\": 18446744073709551615, \"b\": 170141183460469231731687303715884105728}",
    );
    let read: BTreeMap<String, u128> = doc.deserialize().expect("it fits");
    assert_eq!(read["a"], u128::from(u64::MAX));
    assert_eq!(read["b"], 1 << 127);
    assert_eq!(
        to_value(&read)
            .expect("it can be said")
            .get(&"b".parse().expect("it is a path")),
        Some(&Value::from(1u128 << 127))
    );
}
