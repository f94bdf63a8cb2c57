//! Any text as a manifest: a graph or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persist_migrate::Manifest;

fuzz_target!(|text: &str| {
    if let Ok(manifest) = Manifest::parse(text) {
        let _graph = manifest.graph::<persist_core::Draft>();
    }
});
