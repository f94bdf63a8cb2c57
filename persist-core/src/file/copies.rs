//! Copies of content that the state folder holds: the mirror and the backups.
//!
//! A copy that is gone or damaged is `None`. One that can't be read at the moment is an error: it is no
//! reason to take an older copy for good, or a damaged file for an edited one.

use std::io;

use persist_backup::{Backups, Digest, Id};

use super::opened::Opened;
use crate::diagnose::Content;
use crate::error::{Error, io_error};
use crate::live::Live;
use crate::place;

impl Opened<'_> {
    /// The mirror's bytes, if they are the content with `digest`.
    pub(super) fn mirror_of(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let read = match self.state() {
            Ok(Some(state)) => state.read(place::MIRROR, self.longest()),
            Ok(None) => return Ok(None),
            Err(error) => Err(error),
        };
        match read {
            Ok(bytes) => Ok((persist_backup::digest(&bytes) == *digest).then_some(bytes)),
            // Nothing, or something that we never wrote.
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::NotFound
                        | io::ErrorKind::InvalidInput
                        | io::ErrorKind::FileTooLarge
                ) =>
            {
                Ok(None)
            }
            Err(e) => Err(io_error("read", &self.state_dir().join(place::MIRROR), e)),
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
