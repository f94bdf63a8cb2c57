//! Programs that save a file in other ways, to show that the harness tells right from wrong.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Ways to save, the last of them sound.
pub(crate) const WAYS: [&str; 4] = [
    "overwrite",
    "rename-unsynced",
    "rename-no-folder-sync",
    "rename-synced",
];

/// Replaces the file's content, then acknowledges.
pub(crate) fn save(way: &str, path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if way == "overwrite" {
        fs::write(path, content)?;
    } else {
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(content)?;
        if way != "rename-unsynced" {
            file.sync_all()?;
        }
        fs::rename(&new, path)?;
        if way == "rename-synced" {
            File::open(folder)?.sync_all()?;
        }
    }
    println!("saved");
    Ok(())
}
