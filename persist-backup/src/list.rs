//! What is in the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::backups::{Name, note_name};
use crate::storage::Stored;
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
        let mut notes = BTreeSet::new();
        for file in self.files()? {
            let (id, compressed) = match file.kind {
                Name::Plain(id) => (id, false),
                Name::Compressed(id) => (id, true),
                // A note is believed as it stands, so it must be nobody else's.
                Name::Note(id) if file.own && file.len <= LONGEST_NOTE => {
                    notes.insert(id);
                    continue;
                }
                Name::Note(_) | Name::Unfinished | Name::Unknown => continue,
            };
            let path = self.dir().join(&file.name);
            let snapshot = Snapshot::new(id, path, compressed, file.len);
            if !compressed || !found.contains_key(&id) {
                found.insert(id, snapshot);
            }
        }
        let mut snapshots: Vec<_> = found.into_values().rev().collect();
        for snapshot in snapshots.iter_mut().filter(|s| notes.contains(&s.id)) {
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
        let catalog = self.catalog()?;
        let stray = |name: Name| match name {
            Name::Plain(_) | Name::Compressed(_) => false,
            Name::Note(id) => !catalog.holds(&id),
            Name::Unfinished | Name::Unknown => true,
        };
        let files = self.files()?.into_iter();
        let strays = files.filter(|file| stray(file.kind));
        let mut paths: Vec<_> = strays.map(|file| self.dir().join(file.name)).collect();
        paths.sort();
        Ok(paths)
    }

    /// The snapshot that `what` names: `latest`, a sequence number (with or without `#`), a whole name, or at least four
    /// digits from the start of the digest. Sequence numbers come before digests. Of several with one
    /// content it is the newest.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Ambiguous`], [`Error::Io`].
    pub fn find(&self, what: &str) -> Result<Snapshot, Error> {
        let snapshots = self.list()?;
        let have = numbers(&snapshots);
        let mut matches = matching(snapshots, what);
        match matches.len() {
            0 => Err(Error::NotFound {
                what: what.to_owned(),
                have,
            }),
            _ if is_same(&matches, Id::digest) => Ok(matches.remove(0)),
            _ if is_same(&matches, Id::seq) => Err(Error::Ambiguous {
                what: what.to_owned(),
                matches: matches.iter().map(described).collect(),
                by: "digest",
            }),
            _ => Err(Error::Ambiguous {
                what: what.to_owned(),
                matches: matches.iter().map(|snapshot| snapshot.id.short()).collect(),
                by: "number",
            }),
        }
    }

    /// Every entry; anything but a regular file counts as unknown, so that a link can't pose as a snapshot.
    fn files(&self) -> Result<Vec<File>, Error> {
        let mut stored = Vec::new();
        for (name, _) in self.storage().names().map_err(self.folder_failed("read"))? {
            let found = match name.to_str() {
                Some(text) => self.storage().look(text),
                None => Ok(Some(Stored {
                    name: name.clone(),
                    len: None,
                    own: false,
                })),
            };
            // Gone since the folder was read: another process prunes.
            stored.extend(found.map_err(self.folder_failed("read"))?);
        }
        let file = |stored: Stored| File {
            kind: match stored.len {
                Some(_) => Name::of(&stored.name),
                None => Name::Unknown,
            },
            len: stored.len.unwrap_or(0),
            own: stored.own,
            name: stored.name,
        };
        Ok(stored.into_iter().map(file).collect())
    }

    fn note(&self, id: &Id) -> Option<Meta> {
        let text = self.storage().read(&note_name(id), LONGEST_NOTE).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// What is known of an entry from its name and its length.
struct File {
    name: OsString,
    kind: Name,
    len: u64,
    own: bool,
}

/// From the oldest to the newest; `None` where there are none.
pub(crate) fn numbers(newest_first: &[Snapshot]) -> Option<RangeInclusive<u64>> {
    let (newest, oldest) = (newest_first.first()?, newest_first.last()?);
    Some(oldest.id.seq()..=newest.id.seq())
}

fn is_same<T: PartialEq>(matches: &[Snapshot], part: impl Fn(&Id) -> T) -> bool {
    let mut two = matches.windows(2);
    two.all(|two| part(&two[0].id) == part(&two[1].id))
}

/// A snapshot by what a person chooses it by.
fn described(snapshot: &Snapshot) -> String {
    let taken = snapshot.id.taken().strftime("%Y-%m-%d %H:%M:%S UTC");
    let why = snapshot.meta.as_ref().map(|meta| meta.reason.as_str());
    let why = why.filter(|why| !why.is_empty());
    let why = why.map_or_else(String::new, |why| format!(", {why}"));
    format!("{} ({taken}{why})", snapshot.id.short())
}

fn matching(mut snapshots: Vec<Snapshot>, what: &str) -> Vec<Snapshot> {
    if what == "latest" {
        snapshots.truncate(1);
        return snapshots;
    }
    let seq = number(what);
    if snapshots
        .iter()
        .any(|snapshot| Some(snapshot.id.seq()) == seq)
    {
        snapshots.retain(|snapshot| Some(snapshot.id.seq()) == seq);
        return snapshots;
    }
    snapshots.retain(|snapshot| snapshot.id.is_named(what));
    snapshots
}

fn number(what: &str) -> Option<u64> {
    what.strip_prefix('#').unwrap_or(what).parse().ok()
}

impl Id {
    /// Whether `what` names it: its number (with or without `#`), its whole name, or at least four digits from the start of its
    /// digest. It may name others as well.
    #[must_use]
    pub fn is_named(&self, what: &str) -> bool {
        let prefix = what.to_ascii_lowercase();
        let by_digest = prefix.len() >= 4 && self.digest().to_string().starts_with(&prefix);
        by_digest || number(what) == Some(self.seq()) || self.to_string() == what
    }
}
