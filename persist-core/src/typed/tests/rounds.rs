//! How often a document is read back until all settings are right: counts, which do not grow with the settings.

use std::cell::Cell;

use persist_format::{Defaults, Document, Format};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::typed::{Trouble, Typed, Written};

thread_local!(static READS: Cell<usize> = const { Cell::new(0) });

/// A field that counts how often the settings are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Counted(u8);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Counted, D::Error> {
        READS.set(READS.get() + 1);
        u8::deserialize(from).map(Counted)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    name: String,
    #[serde(default = "port", skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default = "tags", skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

fn port() -> Option<u16> {
    Some(80)
}

fn tags() -> Vec<String> {
    vec!["default".into()]
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Listed {
    counted: Counted,
    items: Vec<Item>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Colored {
    counted: Counted,
    #[serde(alias = "colour")]
    color: String,
    #[serde(alias = "centre")]
    center: u8,
    #[serde(alias = "grey")]
    gray: Option<u8>,
    plain: u8,
}

/// The document after the change, and how often it was read back.
fn written<T>(text: &str, change: impl Fn(&mut T)) -> (Result<Written, Trouble>, Document, usize)
where
    T: Default + Serialize + DeserializeOwned,
{
    let defaults = Defaults::new(&T::default()).expect("it holds");
    let typed = Typed {
        defaults: &defaults,
        stamp: None,
        unchecked: &[],
        without_excluded: &|tree| tree,
    };
    let mut document = Document::parse(text.as_bytes(), Format::Yaml).expect("it holds");
    let mut settings: T = document.deserialize_with(&defaults).expect("it holds");
    let before = persist_format::to_value(&settings).expect("it holds");
    change(&mut settings);
    let after = persist_format::to_value(&settings).expect("it holds");
    READS.set(0);
    let written = typed.write::<T>(&mut document, &typed.asked::<T>(before, after));
    (written, document, READS.get())
}

#[test]
fn places_of_a_long_list_are_settled_together() {
    let reads = |count: usize| {
        let items = (0..count).map(|n| format!("  - name: n{n}\n    port: 1\n    tags: [a]\n"));
        let text = format!("counted: 1\nitems:\n{}", items.collect::<String>());
        let (written, document, reads) = written(&text, |listed: &mut Listed| {
            for (at, item) in listed.items.iter_mut().enumerate() {
                item.port = None;
                // Some with an empty list besides, which null is no word for.
                item.tags.truncate(at % 2);
            }
        });
        assert!(written.is_ok());
        let text = document.text();
        assert_eq!(text.matches("port: null").count(), count, "{text}");
        assert_eq!(
            text.matches("tags: []").count(),
            count.div_ceil(2),
            "{text}"
        );
        reads
    };
    assert_eq!((reads(4), reads(40)), (5, 5));
}

#[test]
fn settings_under_aliases_are_searched_together() {
    let text = "counted: 1\ncolour: red\ncentre: 1\ngrey: 1\nplain: 1\n";
    let (done, document, reads) = written(text, |colored: &mut Colored| {
        colored.color = "blue".into();
        colored.center = 2;
        colored.gray = None;
        colored.plain = 2;
    });
    assert!(done.is_ok());
    assert_eq!(
        document.text(),
        "counted: 1\ncolour: blue\ncentre: 2\ngrey: null\nplain: 2\n"
    );
    // The first fails, the second is begun again for each default that an alias takes the place of.
    assert_eq!(reads, 1 + 4);
}

/// What one place can't say does not keep the others from being settled, and is named.
#[test]
fn the_place_that_can_not_be_said_is_named() {
    let text = "counted: 1\nitems:\n  - {name: a, port: 1, tags: [a]}\n  - {name: b, port: 1, tags: [b]}\n";
    let document = |format, text: &str| Document::parse(text.as_bytes(), format).expect("it holds");
    let yaml = document(Format::Yaml, text);
    let (toml, _) = yaml.convert(Format::Toml).expect("it holds");
    let defaults = Defaults::new(&Listed::default()).expect("it holds");
    let typed = Typed {
        defaults: &defaults,
        stamp: None,
        unchecked: &[],
        without_excluded: &|tree| tree,
    };
    let mut settings: Listed = toml.deserialize_with(&defaults).expect("it holds");
    let before = persist_format::to_value(&settings).expect("it holds");
    settings.items.iter_mut().for_each(|item| item.tags.clear());
    settings.items[1].port = None; // TOML has no null
    let after = persist_format::to_value(&settings).expect("it holds");
    let mut now = toml.clone();
    let Err(Trouble::NotReadBack { path, .. }) =
        typed.write::<Listed>(&mut now, &typed.asked::<Listed>(before, after))
    else {
        panic!("TOML has no null");
    };
    assert_eq!(
        (path.to_string(), now.text()),
        ("items[1].port".into(), toml.text())
    );
}
