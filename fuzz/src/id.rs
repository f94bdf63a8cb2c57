//! The names of snapshots.

use std::fs;

use persist_core::backup::{Backups, Id};

/// The name of a snapshot has one spelling, and a folder with any file in it can be listed.
pub fn id(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(id) = text.parse::<Id>() {
        assert_eq!(id.to_string(), text);
        assert_eq!(Id::new(id.seq(), id.taken(), id.digest()), id);
    }
    let is_name = !text.is_empty() && text.len() < 200 && !text.contains(['/', '\\', '\0']);
    let folder = super::folder();
    if is_name && fs::write(folder.path().join(text), b"x").is_ok() {
        let backups = Backups::at(folder.path());
        let _listed = backups.list();
        let _verified = backups.verify_all();
    }
}
