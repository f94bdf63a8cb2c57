//! The folder's names, read once and kept up to date by whoever changes them.

use std::collections::BTreeSet;

use crate::backups::{Name, note_name};
use crate::{Backups, Error, Id};

/// What is in the folder, by names alone: which snapshots there are, and what interrupted calls left. What the files hold, and whether that is
/// what they are called, is not looked at.
///
/// It is read once ([`Backups::catalog`]) by whoever holds the lock that keeps other writers away, and told of what changes.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    plain: BTreeSet<Id>,
    compressed: BTreeSet<Id>,
    notes: BTreeSet<Id>,
    unfinished: Vec<String>,
}

impl Catalog {
    /// The snapshots, newest (highest sequence number) first.
    pub fn ids(&self) -> impl Iterator<Item = Id> {
        let all: BTreeSet<Id> = self.plain.union(&self.compressed).copied().collect();
        all.into_iter().rev()
    }

    /// Whether there is a snapshot of that identity.
    #[must_use]
    pub fn holds(&self, id: &Id) -> bool {
        self.plain.contains(id) || self.compressed.contains(id)
    }

    /// The highest sequence number; 0 where there is no snapshot.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.ids().next().map_or(0, |id| id.seq())
    }

    /// A plain snapshot that has come by a rename.
    pub fn add(&mut self, id: Id) {
        self.plain.insert(id);
    }

    /// Whether it is stored as it is.
    #[must_use]
    pub fn is_plain(&self, id: &Id) -> bool {
        self.plain.contains(id)
    }

    /// The names of the files of a snapshot. The note goes last: until then it describes a snapshot, afterwards it would be a stray.
    pub(crate) fn files_of(&self, id: &Id) -> Vec<String> {
        let mut files = Vec::new();
        files.extend(self.plain.contains(id).then(|| id.to_string()));
        let compressed = self.compressed.contains(id);
        files.extend(compressed.then(|| crate::backups::compressed_name(id)));
        files.extend(self.notes.contains(id).then(|| note_name(id)));
        files
    }

    pub(crate) fn forget(&mut self, id: &Id) {
        self.plain.remove(id);
        self.compressed.remove(id);
        self.notes.remove(id);
    }

    /// What only an interrupted call leaves: unfinished files, and notes whose snapshot is not there.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let lonely = self.notes.iter().filter(|id| !self.holds(id));
        let unfinished = self.unfinished.iter().cloned();
        unfinished.chain(lonely.map(note_name)).collect()
    }
}

impl Backups {
    /// Reads the names in the folder.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder is there and can't be read.
    pub fn catalog(&self) -> Result<Catalog, Error> {
        let mut catalog = Catalog::default();
        let names = self.storage().names();
        for (name, is_file) in names.map_err(self.folder_failed("read"))? {
            match Name::of(&name) {
                Name::Plain(id) if is_file => drop(catalog.plain.insert(id)),
                Name::Compressed(id) if is_file => drop(catalog.compressed.insert(id)),
                Name::Note(id) if is_file => drop(catalog.notes.insert(id)),
                Name::Unfinished if is_file => {
                    catalog.unfinished.extend(name.into_string().ok());
                }
                _ => {}
            }
        }
        Ok(catalog)
    }
}
