//! Copies of content that the state folder holds: the mirror and the backups.
//!
//! A copy that is gone or damaged is `None`. One that can't be read at the moment is an error: it is no
//! reason to take an older copy as good, or a damaged file for an edited one.

use persist_backup::{Backups, Digest, Id};

use super::opened::Opened;
use super::spare::is_no_copy;
use crate::checkpoint::Content;
use crate::error::{Error, io_error};
use crate::live::Live;
use crate::place;

impl Opened<'_> {
    /// The mirror's bytes, if they are the content with `digest`.
    pub(super) fn mirror_of(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let found = self.copy_at(place::MIRROR)?;
        Ok(found.filter(|bytes| persist_backup::digest(bytes) == *digest))
    }

    /// The same of the copy that was to become a backup.
    pub(super) fn spare_of(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let found = self.copy_at(place::SPARE)?;
        Ok(found.filter(|bytes| persist_backup::digest(bytes) == *digest))
    }

    /// What the copy of that name holds.
    pub(super) fn digest_at(&self, name: &'static str) -> Result<Option<Digest>, Error> {
        let found = self.copy_at(name)?;
        Ok(found.as_deref().map(persist_backup::digest))
    }

    pub(super) fn copy_at(&self, name: &'static str) -> Result<Option<Vec<u8>>, Error> {
        let read = match self.state() {
            Ok(Some(state)) => state.read(name, self.longest()),
            Ok(None) => return Ok(None),
            Err(error) => Err(error),
        };
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if is_no_copy(&e) => Ok(None),
            Err(e) => Err(io_error("read", &self.state_dir().join(name), e)),
        }
    }

    /// A backup's bytes, verified.
    pub(super) fn backup(&self, backups: &Backups, id: &Id) -> Result<Option<Vec<u8>>, Error> {
        match backups.read(id) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e @ persist_backup::Error::Io { .. }) => Err(self.backup_error(e)),
            Err(error) => {
                tracing::warn!(%id, %error, "a backup is of no use");
                Ok(None)
            }
        }
    }

    /// Exactly the content with `digest`, and the name of the place it was found in.
    pub(super) fn copy_of(&self, digest: &Digest) -> Result<Option<(Vec<u8>, String)>, Error> {
        if let Some(bytes) = self.mirror_of(digest)? {
            return Ok(Some((bytes, "mirror".into())));
        }
        let backups = self.backups();
        let snapshots = backups.list().map_err(|e| self.backup_error(e))?;
        for snapshot in snapshots.iter().filter(|s| s.id.digest() == *digest) {
            if let Some(bytes) = self.backup(&backups, &snapshot.id)? {
                return Ok(Some((bytes, format!("backup {}", snapshot.id.short()))));
            }
        }
        Ok(None)
    }

    /// Content that this file is known to have had and that `live` could be a part of: of the mirror and the good backups.
    /// Enough to tell damage by, so not more than a few, and not more than a few are looked for.
    pub(super) fn known_copies(
        &self,
        expected: Option<&Content>,
        live: Option<&Live>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        const MOST: usize = 4;
        let mut copies = Vec::new();
        let mut left = 4 * self.longest();
        let live = live.map_or(&[][..], |live| &live.bytes);
        let mut tell = |bytes: Vec<u8>| {
            left = left.saturating_sub(bytes.len() as u64);
            // The first tells that there are any.
            if copies.is_empty() || (bytes.len() > live.len() && bytes.starts_with(live)) {
                copies.push(bytes);
            }
            left > 0 && copies.len() < MOST
        };
        if let Some(expected) = expected
            && let Some(mirror) = self.mirror_of(&expected.digest)?
        {
            tell(mirror);
        }
        let backups = self.backups();
        for snapshot in backups.list().map_err(|e| self.backup_error(e))? {
            if let Some(bytes) = self.backup(&backups, &snapshot.id)?
                && !tell(bytes)
            {
                break;
            }
        }
        Ok(copies)
    }
}
