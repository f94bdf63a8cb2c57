//! A disk that keeps what a program sees apart from what a power cut leaves.
//!
//! The contract is the weakest that ARCHITECTURE.md states. Data writes are lost, torn at sectors or reordered until the
//! file is synced; a file's length may reach the medium without its data. A change of directory entries (create, link,
//! unlink, rename, exchange) is atomic, independent of every other one, and lost unless one of its folders is synced.
//! Syncing a file says nothing about its name.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A file or folder, whatever its names.
pub(crate) type Ino = usize;

/// The folder that the traced program works in.
pub(crate) const ROOT: Ino = 0;

pub(crate) type Bytes = Arc<[u8]>;

/// One atomic change of directory entries: every named slot gets its new inode, or none does.
pub(crate) type Entries = Vec<(Ino, String, Option<Ino>)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Write { at: usize, bytes: Bytes },
    Truncate { len: usize },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Data(Ino, Data),
    Entries(Entries),
    Sync(Ino),
    /// A command begins.
    Start(usize),
    /// The command has told its user that the change is saved.
    Acknowledge(usize),
}

/// Everything that was done, and what was there before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) base: Disk,
    pub(crate) ops: Vec<Op>,
    /// What each inode was called first, for messages.
    pub(crate) names: BTreeMap<Ino, String>,
}

impl Log {
    /// An operation as a person reads it.
    pub(crate) fn describe(&self, index: usize) -> String {
        let name = |ino: &Ino| {
            self.names
                .get(ino)
                .cloned()
                .unwrap_or_else(|| "the folder".to_owned())
        };
        let what = match &self.ops[index] {
            Op::Data(ino, Data::Write { at, bytes }) => {
                format!("write {} bytes at {at} of {}", bytes.len(), name(ino))
            }
            Op::Data(ino, Data::Truncate { len }) => format!("truncate {} to {len}", name(ino)),
            Op::Sync(ino) => format!("sync {}", name(ino)),
            Op::Start(command) => format!("start of command {command}"),
            Op::Acknowledge(command) => format!("command {command} acknowledged"),
            Op::Entries(slots) => slots
                .iter()
                .map(|(dir, slot, ino)| match ino {
                    Some(ino) => format!("{}/{slot} := {}", name(dir), name(ino)),
                    None => format!("{}/{slot} removed", name(dir)),
                })
                .collect::<Vec<_>>()
                .join(", "),
        };
        format!("op {index}: {what}")
    }
}

/// The contents of files and folders by inode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disk {
    pub(crate) files: BTreeMap<Ino, Vec<u8>>,
    pub(crate) folders: BTreeMap<Ino, BTreeMap<String, Ino>>,
}

impl Disk {
    pub(crate) fn set_entries(&mut self, entries: &Entries) {
        for (dir, name, ino) in entries {
            let folder = self.folders.entry(*dir).or_default();
            match ino {
                Some(ino) => folder.insert(name.clone(), *ino),
                None => folder.remove(name),
            };
        }
    }

    pub(crate) fn set_data(&mut self, ino: Ino, data: &Data) {
        apply(self.files.entry(ino).or_default(), data);
    }

    /// Every path below the root, folders before what is in them; `true` marks a folder.
    pub(crate) fn tree(&self, is_folder: &dyn Fn(Ino) -> bool) -> Vec<(String, Ino, bool)> {
        let mut found = Vec::new();
        let mut open = vec![(String::new(), ROOT)];
        while let Some((prefix, dir)) = open.pop() {
            for (name, ino) in self.folders.get(&dir).into_iter().flatten() {
                let path = format!("{prefix}{name}");
                let folder = is_folder(*ino);
                if folder {
                    open.push((format!("{path}/"), *ino));
                }
                found.push((path, *ino, folder));
            }
        }
        found.sort();
        found
    }
}

pub(crate) fn apply(content: &mut Vec<u8>, data: &Data) {
    match data {
        Data::Truncate { len } => content.resize(*len, 0),
        Data::Write { at, bytes } => {
            let end = at + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*at..end].copy_from_slice(bytes);
        }
    }
}
