//! A snapshot's name has one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persist_backup::Id;

fuzz_target!(|text: &str| {
    if let Ok(id) = text.parse::<Id>() {
        assert_eq!(id.to_string(), text);
    }
});
