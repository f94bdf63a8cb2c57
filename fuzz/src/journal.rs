//! The journal.

use std::fs;
use std::path::Path;

use persist_core::journal::Actor;
use persist_core::{ConfigFile, Error, KeyPath, Options, digest};

const LIVE: &str = "width = 1\n";
const STAGE: &str = "width = 0\n";

/// Any journal, and after a first line `stage` a leftover of a save: the file is read as it is, the next save happens as a
/// whole or not at all, and nothing is written outside of the state folder.
///
/// A line that is JSON becomes a record that proves itself, so that a fuzzer gets past SHA-256: `<prev>` in it stands for
/// the digest of the record before, `<live>` and `<stage>` for those of the files.
///
/// `folder` may be used again: the lock in it stays open for good, so that a new one for each input would use up the
/// descriptors.
pub fn journal(data: &[u8], folder: &Path) {
    let live = folder.join("in/app.toml");
    let state = folder.join("in/.app.toml.persist");
    let journal = state.join("journal");
    clear(&state);
    fs::create_dir_all(&journal).expect("the journal's folder");
    let records = match data.strip_prefix(b"stage\n") {
        Some(records) => {
            fs::write(state.join("stage"), STAGE).expect("the leftover");
            records
        }
        None => data,
    };
    fs::write(journal.join("00000001.log"), proven(records)).expect("the journal");
    fs::write(&live, LIVE).expect("the file");
    let mut options = Options::default();
    options.actor = Actor::named("fuzz");
    let file = ConfigFile::open(&live, options).expect("open");
    look(&file);
    let path: KeyPath = "width".parse().expect("a path");
    let saved = file.edit(None, |document| Ok(document.set(&path, 2)?.warnings));
    let found = fs::read_to_string(&live).expect("the file");
    assert_eq!(found, if saved.is_ok() { "width = 2\n" } else { LIVE });
    let _undone = file.undo();
    let _restored = file.restore("1");
    let _recovered = file.recover(None);
    look(&file);
    assert_eq!(names(folder), ["in"]);
    assert_eq!(names(&folder.join("in")), [".app.toml.persist", "app.toml"]);
}

/// Removes all but the lock.
fn clear(state: &Path) {
    for name in names(state).iter().filter(|name| *name != "lock") {
        let path = state.join(name);
        let done = match path.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        };
        done.expect("an empty folder");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn proven(data: &[u8]) -> Vec<u8> {
    let mut prev = "0".repeat(64);
    let mut segment = Vec::new();
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        let Some(json) = str::from_utf8(line)
            .ok()
            .filter(|text| text.starts_with('{'))
        else {
            segment.extend(line);
            continue;
        };
        let json = json.trim_end_matches('\n').replace("<prev>", &prev);
        let json = json.replace("<live>", &digest(LIVE.as_bytes()).to_string());
        let json = json.replace("<stage>", &digest(STAGE.as_bytes()).to_string());
        prev = digest(json.as_bytes()).to_string();
        segment.extend(format!("{prev} {json}\n").into_bytes());
    }
    segment
}

/// Everything that only looks.
fn look(file: &ConfigFile) {
    fn looked<T>(_: Result<T, Error>) {}
    looked(file.verify());
    looked(file.read());
    looked(file.history());
    looked(file.info());
    looked(file.backup_info());
    looked(file.last_good());
}
