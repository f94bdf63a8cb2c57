//! What is in the folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::backups::Name;
use crate::{Backups, Error, Id, Meta, Snapshot};

/// A note is a few hundred bytes; anything much larger is none.
const LONGEST_NOTE: u64 = 64 * 1024;

impl Backups {
    /// All snapshots, newest (highest sequence number) first. Contents are not read; a folder that isn't there is empty.
    ///
    /// Where a compression was interrupted and both files of a snapshot are there, the plain one is given.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder can't be read.
    pub fn list(&self) -> Result<Vec<Snapshot>, Error> {
        let mut found: BTreeMap<Id, Snapshot> = BTreeMap::new();
        for (name, path, stored_len) in self.files()? {
            let (id, compressed) = match name {
                Name::Plain(id) => (id, false),
                Name::Compressed(id) => (id, true),
                Name::Note(_) | Name::Unfinished | Name::Unknown => continue,
            };
            let snapshot = Snapshot::new(id, path, compressed, stored_len);
            if !compressed || !found.contains_key(&id) {
                found.insert(id, snapshot);
            }
        }
        let mut snapshots: Vec<_> = found.into_values().rev().collect();
        for snapshot in &mut snapshots {
            snapshot.meta = self.note(&snapshot.id);
        }
        Ok(snapshots)
    }

    /// What in the folder is neither a snapshot nor the note beside one: unfinished files, notes without a snapshot,
    /// and whatever somebody put there. Sorted by name.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder can't be read.
    pub fn strays(&self) -> Result<Vec<PathBuf>, Error> {
        let ids = self.ids()?;
        let stray = |name: Name| match name {
            Name::Plain(_) | Name::Compressed(_) => false,
            Name::Note(id) => !ids.contains(&id),
            Name::Unfinished | Name::Unknown => true,
        };
        let mut paths: Vec<_> = self
            .files()?
            .into_iter()
            .filter(|(name, ..)| stray(*name))
            .map(|(_, path, _)| path)
            .collect();
        paths.sort();
        Ok(paths)
    }

    /// The snapshot that `what` names: `latest`, a sequence number (with or without `#`), a whole name, or at least four
    /// digits from the start of the digest. Sequence numbers come before digests.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Ambiguous`], [`Error::Io`].
    pub fn find(&self, what: &str) -> Result<Snapshot, Error> {
        let snapshots = self.list()?;
        let have = match (snapshots.last(), snapshots.first()) {
            (Some(oldest), Some(newest)) => format!("{} to {}", oldest.id.seq(), newest.id.seq()),
            _ => "none".to_owned(),
        };
        let mut matches = matching(snapshots, what);
        match matches.len() {
            0 => Err(Error::NotFound {
                what: what.to_owned(),
                have,
            }),
            1 => Ok(matches.remove(0)),
            _ => Err(Error::Ambiguous {
                what: what.to_owned(),
                matches: matches.iter().map(|snapshot| snapshot.id.short()).collect(),
            }),
        }
    }

    pub(crate) fn ids(&self) -> Result<Vec<Id>, Error> {
        let id = |name| match name {
            Name::Plain(id) | Name::Compressed(id) => Some(id),
            Name::Note(_) | Name::Unfinished | Name::Unknown => None,
        };
        Ok(self
            .files()?
            .into_iter()
            .filter_map(|(name, ..)| id(name))
            .collect())
    }

    /// What only an interrupted call leaves: unfinished files, and notes whose snapshot is not there.
    pub(crate) fn leftovers(&self) -> Result<Vec<PathBuf>, Error> {
        let ids = self.ids()?;
        let left = |name| match name {
            Name::Unfinished => true,
            Name::Note(id) => !ids.contains(&id),
            Name::Plain(_) | Name::Compressed(_) | Name::Unknown => false,
        };
        let files = self.files()?.into_iter();
        Ok(files
            .filter(|(name, ..)| left(*name))
            .map(|(_, path, _)| path)
            .collect())
    }

    /// Every entry; anything but a regular file counts as unknown, so that a link can't pose as a snapshot.
    fn files(&self) -> Result<Vec<(Name, PathBuf, u64)>, Error> {
        let entries = match fs::read_dir(self.dir()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(Error::io("read", self.dir()))?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io("read", self.dir()))?;
            let (name, path) = (Name::of(&entry.file_name()), entry.path());
            match entry.metadata() {
                Ok(meta) if meta.is_file() => files.push((name, path, meta.len())),
                Ok(_) => files.push((Name::Unknown, path, 0)),
                // Gone since the folder was read: another process prunes.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("read", &path)(error)),
            }
        }
        Ok(files)
    }

    fn note(&self, id: &Id) -> Option<Meta> {
        let path = self.note_path(id);
        if !short_file(&path) {
            return None;
        }
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

fn short_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= LONGEST_NOTE)
}

fn matching(mut snapshots: Vec<Snapshot>, what: &str) -> Vec<Snapshot> {
    if what == "latest" {
        snapshots.truncate(1);
        return snapshots;
    }
    let seq: Option<u64> = what.strip_prefix('#').unwrap_or(what).parse().ok();
    if snapshots
        .iter()
        .any(|snapshot| Some(snapshot.id.seq()) == seq)
    {
        snapshots.retain(|snapshot| Some(snapshot.id.seq()) == seq);
        return snapshots;
    }
    let prefix = what.to_ascii_lowercase();
    let by_digest = |id: &Id| prefix.len() >= 4 && id.digest().to_string().starts_with(&prefix);
    snapshots.retain(|snapshot| snapshot.id.to_string() == what || by_digest(&snapshot.id));
    snapshots
}
