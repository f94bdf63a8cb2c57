#![no_main]

use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(persist_fuzz::folder);

libfuzzer_sys::fuzz_target!(|data: &[u8]| persist_fuzz::journal(data, FOLDER.path()));
