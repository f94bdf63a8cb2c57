//! What must not change, as it is and as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::tree;

/// Longer files are compared by their times alone.
const READ: u64 = 64 * 1024;

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    inode: (u64, u64),
    links: u64,
    mode: u32,
    owner: (u32, u32),
    len: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    content: Vec<u8>,
}

/// A tree, by paths below its top.
#[derive(Debug)]
pub(crate) struct Snapshot(BTreeMap<PathBuf, Entry>);

impl Snapshot {
    /// All below `top` but for what is named in `without`.
    pub(crate) fn of(top: &Path, without: &[&str]) -> Self {
        let mut entries = BTreeMap::new();
        for found in fs::read_dir(top).unwrap() {
            let found = found.unwrap();
            if without.iter().any(|name| found.file_name() == **name) {
                continue;
            }
            let path = found.path();
            let below = tree::walk(&path);
            let meta = fs::symlink_metadata(&path).unwrap();
            for (path, meta) in std::iter::once((path, meta)).chain(below) {
                let name = path.strip_prefix(top).unwrap().to_owned();
                entries.insert(name, Entry::of(&path, &meta));
            }
        }
        Self(entries)
    }

    /// What is different now. Of the file `planted` a further name was made, which may go again.
    pub(crate) fn changes(&self, now: &Self, planted: Option<(u64, u64)>) -> Vec<String> {
        let mut changes = Vec::new();
        for (path, old) in &self.0 {
            let told = match now.0.get(path) {
                None => "is gone".to_owned(),
                Some(new) if new == old => continue,
                Some(new) => old.difference(new, planted == Some(old.inode)),
            };
            if !told.is_empty() {
                changes.push(format!("{} {told}", path.display()));
            }
        }
        for path in now.0.keys().filter(|path| !self.0.contains_key(*path)) {
            changes.push(format!("{} is new", path.display()));
        }
        changes
    }
}

/// Device and number of everything in a tree.
pub(crate) fn inodes(top: &Path) -> BTreeSet<(u64, u64)> {
    let all = tree::walk(top).into_iter();
    all.map(|(_, meta)| (meta.dev(), meta.ino())).collect()
}

impl Entry {
    fn of(path: &Path, meta: &fs::Metadata) -> Self {
        let content = if meta.is_symlink() {
            fs::read_link(path).map(|to| to.into_os_string().into_encoded_bytes())
        } else if meta.is_file() && meta.len() <= READ {
            fs::read(path)
        } else {
            Ok(Vec::new())
        };
        Self {
            inode: (meta.dev(), meta.ino()),
            links: meta.nlink(),
            mode: meta.mode(),
            owner: (meta.uid(), meta.gid()),
            len: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            content: content.unwrap_or_default(),
        }
    }

    /// Of a planted file the number of names, and the time of that change, may differ.
    fn difference(&self, new: &Self, planted: bool) -> String {
        let facts = [
            ("another file", self.inode != new.inode),
            (
                "content",
                self.content != new.content || self.len != new.len,
            ),
            ("mode", self.mode != new.mode),
            ("owner", self.owner != new.owner),
            ("names", !planted && self.links != new.links),
            ("modified", self.modified != new.modified),
            ("changed", !planted && self.changed != new.changed),
        ];
        let told: Vec<_> = facts.iter().filter(|fact| fact.1).map(|f| f.0).collect();
        if told.is_empty() {
            return String::new();
        }
        let mut told = told.join(", ");
        if self.mode != new.mode {
            told += &format!(" ({:o} -> {:o})", self.mode, new.mode);
        }
        if self.owner != new.owner {
            told += &format!(" ({} -> {})", self.owner.0, new.owner.0);
        }
        format!("differs: {told}")
    }
}
