//! Any bytes as the journal: the file is read as it is, and the next save works.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use persist_core::{ConfigFile, Options, Value};

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let live = folder.path().join("app.toml");
    let journal = folder.path().join(".app.toml.persist/journal");
    fs::create_dir_all(&journal).expect("the journal's folder");
    fs::write(journal.join("00000001.log"), data).expect("the journal");
    fs::write(&live, "width = 1\n").expect("the file");
    let file = ConfigFile::open(&live, Options::default()).expect("open");
    let _verification = file.verify();
    let _reading = file.read();
    let path = "width".parse().expect("a path");
    let saved = file.edit(None, |document| document.set(&path, Value::from(2)).map(|_| Vec::new()));
    if saved.is_err() {
        assert_eq!(fs::read(&live).expect("the file"), b"width = 1\n");
    }
});
