//! Any bytes, in every format: a document or an error, and a document keeps its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persist_format::{Document, Format};

fuzz_target!(|data: &[u8]| {
    for format in [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml] {
        if let Ok(document) = Document::parse(data, format) {
            assert_eq!(document.bytes(), data);
        }
    }
});
