//! An edit of any document is refused or does what it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persist_format::{Document, Format, KeyPath, Value};

fuzz_target!(|data: &[u8]| {
    let Ok(path) = "probe".parse::<KeyPath>() else { return };
    for format in [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml] {
        let Ok(mut document) = Document::parse(data, format) else { continue };
        if document.set(&path, Value::from(7)).is_ok() {
            assert_eq!(document.get(&path), Some(&Value::from(7)));
            let again = Document::parse(&document.bytes(), format).expect("what was written is read");
            assert_eq!(again.value(), document.value());
        }
    }
});
