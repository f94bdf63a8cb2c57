//! Taking a snapshot.

use jiff::Timestamp;

use crate::backups::{compressed_name, note_name, plain_name};
use crate::{Backups, Catalog, Error, Id, Meta, Snapshot, digest, durable, frame};

impl Backups {
    /// Takes a snapshot of `bytes`, with the next sequence number and the present time.
    ///
    /// When it returns, the snapshot is on the medium. Content above the threshold is stored compressed if that makes
    /// it smaller.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], or [`Error::Io`] with nothing left behind. A file is never replaced.
    pub fn create(&self, bytes: &[u8], meta: &Meta) -> Result<Snapshot, Error> {
        let id = Id::new(self.next_seq()?, Timestamp::now(), digest(bytes));
        self.create_as(id, bytes, meta)
    }

    /// Takes a snapshot under an identity that the caller has fixed before, in a journal for example.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); [`Error::Corrupt`] if `id` is not that of `bytes`.
    pub fn create_as(&self, id: Id, bytes: &[u8], meta: &Meta) -> Result<Snapshot, Error> {
        if bytes.len() as u64 > self.max_len {
            return Err(Error::TooLarge {
                path: self.dir().to_owned(),
                limit: self.max_len,
            });
        }
        if digest(bytes) != id.digest() {
            let (expected, found) = (id.digest().to_string(), digest(bytes).to_string());
            return Err(Error::corrupt(&self.path_for(&id), expected, found));
        }
        let storage = self.storage();
        storage.create().map_err(self.folder_failed("create"))?;
        let frame = self.frame_of(bytes)?;
        let compressed = frame.is_some();
        let name = match compressed {
            true => compressed_name(&id),
            false => plain_name(&id),
        };
        let stored = frame.as_deref().unwrap_or(bytes);
        durable::create_new(storage, &name, stored).map_err(self.failed("create", &name))?;
        let meta = Meta {
            plain_len: Some(bytes.len() as u64),
            ..meta.clone()
        };
        // Before the note: a power cut must not leave a note whose snapshot is lost.
        storage.sync().map_err(self.folder_failed("sync"))?;
        self.describe(&id, &meta)?;
        let snapshot = Snapshot::new(id, self.dir().join(name), compressed, stored.len() as u64);
        Ok(Snapshot {
            meta: Some(meta),
            ..snapshot
        })
    }

    /// Writes the note beside a snapshot: for one that came by a rename to [`path_for`](Self::path_for), or to correct it.
    /// It is not synced.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn describe(&self, id: &Id, meta: &Meta) -> Result<(), Error> {
        let name = note_name(id);
        let note = serde_json::to_vec_pretty(meta)
            .map_err(|error| self.failed("describe", &name)(error.into()))?;
        durable::replace_note(self.storage(), &name, &note).map_err(self.failed("write", &name))
    }

    /// One more than the highest sequence number in the folder; 1 in an empty one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder is there and can't be read.
    pub fn next_seq(&self) -> Result<u64, Error> {
        Ok(self.catalog()?.last_seq().saturating_add(1))
    }

    /// Removes what interrupted calls left behind, unfinished files and notes without a snapshot, and says how many
    /// files that were. Only for the one who holds the lock that keeps other writers away: the unfinished file of a
    /// running `create` looks the same.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn sweep(&self) -> Result<usize, Error> {
        self.sweep_in(&self.catalog()?)
    }

    /// The same by names that were read already.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn sweep_in(&self, catalog: &Catalog) -> Result<usize, Error> {
        let leftovers = catalog.leftovers();
        for name in &leftovers {
            self.storage()
                .remove(name)
                .map_err(self.failed("remove", name))?;
        }
        Ok(leftovers.len())
    }

    /// The frame to store, where storing one is worth it.
    pub(crate) fn frame_of(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        if bytes.len() as u64 <= self.compress_above {
            return Ok(None);
        }
        let frame = frame::encode(bytes).map_err(self.folder_failed("compress"))?;
        Ok(Some(frame).filter(|frame| frame.len() < bytes.len()))
    }
}
