//! Defaults and flattened parts of a struct.

use persist_format::{Defaults, Document, Format};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Strict {
    A { level: u8 },
    B { level: u8 },
    None,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Lenient {
    A {
        #[serde(default)]
        level: u8,
    },
    B {
        #[serde(default)]
        level: u8,
    },
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Mode {
    Fast,
    Slow,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Shape {
    mode: Mode,
    size: u8,
    #[serde(default)]
    name: String,
}

/// A flattened enum between the struct's own fields and a flattened struct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Around<K> {
    width: u8,
    #[serde(flatten)]
    shape: Shape,
    #[serde(flatten)]
    kind: K,
    #[serde(default)]
    height: u8,
}

fn around<K: Serialize + serde::de::DeserializeOwned>(kind: K) -> (Around<K>, Defaults) {
    let shape = Shape {
        mode: Mode::Slow,
        size: 7,
        name: "x".into(),
    };
    let around = Around {
        width: 8,
        shape,
        kind,
        height: 9,
    };
    let defaults = Defaults::new(&around).expect("defaults");
    (around, defaults)
}

#[test]
fn a_flattened_variant_is_not_filled_from_another_one() {
    let read = |text: &str| Document::parse(text.as_bytes(), Format::Yaml).unwrap();
    for kind in ["b", "none"] {
        let (mut wanted, defaults) = around(Lenient::A { level: 3 });
        wanted.shape.mode = Mode::Fast;
        wanted.kind = match kind {
            "b" => Lenient::B { level: 0 },
            _ => Lenient::None,
        };
        let document = read(&format!("kind: {kind}\nmode: Fast\n"));
        let found: Around<Lenient> = document.deserialize_with(&defaults).unwrap();
        assert_eq!(found, wanted, "the other fields are filled in");
    }
    let (_, defaults) = around(Strict::A { level: 3 });
    let document = read("kind: b\n");
    let error = document.deserialize_with::<Around<Strict>>(&defaults);
    assert_eq!(
        error.unwrap_err().to_string(),
        "missing field `level` (1:1)"
    );
    // The same variant is.
    for text in ["kind: a\n", "mode: Slow\n", "{}\n"] {
        let (wanted, defaults) = around(Lenient::A { level: 3 });
        let found: Around<Lenient> = read(text).deserialize_with(&defaults).unwrap();
        assert_eq!(found, wanted, "{text}");
        let (wanted, defaults) = around(Strict::A { level: 3 });
        let found: Around<Strict> = read(text).deserialize_with(&defaults).unwrap();
        assert_eq!(found, wanted, "{text}");
    }
}
