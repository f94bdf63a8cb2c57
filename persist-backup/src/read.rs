//! Getting a snapshot's bytes back, verified.

use std::io::{self, Write as _};
use std::path::Path;

use crate::backups::{compressed_name, plain_name};
use crate::list::numbers;
use crate::storage::{Directory, Storage as _, parent};
use crate::{Backups, Digest, Error, Id, digest, frame};

/// A snapshot and what [`Backups::verify`] said of it.
pub type Verified = (Id, Result<(), Error>);

impl Backups {
    /// The plain bytes of a snapshot, exactly as they were given.
    ///
    /// Where both a plain and a compressed file are there (an interrupted [`compress`](Self::compress)), either will do.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if SHA-256 doesn't agree with the name, [`Error::NotFound`], [`Error::TooLarge`], [`Error::Io`].
    pub fn read(&self, id: &Id) -> Result<Vec<u8>, Error> {
        let plain = match self.read_plain(id) {
            Ok(bytes) => return Ok(bytes),
            Err(error) => error,
        };
        match self.read_compressed(id) {
            Ok(bytes) => Ok(bytes),
            Err(_) if !is_absent(&plain) => Err(plain),
            Err(compressed) if !is_absent(&compressed) => Err(compressed),
            Err(_) => Err(self.not_found(id)),
        }
    }

    /// Whether a snapshot can be read and is what its name says.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn verify(&self, id: &Id) -> Result<(), Error> {
        self.read(id).map(drop)
    }

    /// Verifies every snapshot, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder itself can't be read; everything else is in the list.
    pub fn verify_all(&self) -> Result<Vec<Verified>, Error> {
        let snapshots = self.list()?.into_iter();
        Ok(snapshots
            .map(|snapshot| (snapshot.id, self.verify(&snapshot.id)))
            .collect())
    }

    /// Writes a snapshot's verified bytes to a new file at `to` (mode 0600), durably, and gives their length.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::Io`] with `AlreadyExists` if there is something at `to`: it is never replaced.
    pub fn restore(&self, id: &Id, to: &Path) -> Result<u64, Error> {
        let bytes = self.read(id)?;
        let folder = Directory::at(parent(to).to_owned());
        let failed = |op| Error::io(op, to);
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).map_err(failed("create"))?;
        file.write_all(&bytes).map_err(failed("write"))?;
        file.as_file().sync_all().map_err(failed("sync"))?;
        file.persist_noclobber(to)
            .map_err(|refused| failed("create")(refused.error))?;
        folder.sync().map_err(Error::io("sync", folder.path()))?;
        Ok(bytes.len() as u64)
    }

    pub(crate) fn read_plain(&self, id: &Id) -> Result<Vec<u8>, Error> {
        let path = self.path_for(id);
        let bytes = self.read_bounded(&plain_name(id), self.max_len)?;
        certify(&path, id.digest(), &bytes)?;
        Ok(bytes)
    }

    pub(crate) fn read_compressed(&self, id: &Id) -> Result<Vec<u8>, Error> {
        let name = compressed_name(id);
        let path = self.dir().join(&name);
        // LZ4 expands by at most 1/255 and some headers, so a longer frame can't hold permitted content.
        let longest = self
            .max_len
            .saturating_add(self.max_len / 128)
            .saturating_add(1024);
        let stored = self.read_bounded(&name, longest)?;
        let bytes = frame::decode(&stored, self.max_len).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => Error::TooLarge {
                path: path.clone(),
                limit: self.max_len,
            },
            _ => Error::corrupt(
                &path,
                format!("an LZ4 frame of SHA-256 {}", id.digest()),
                format!("one that cannot be decoded: {error}"),
            ),
        })?;
        certify(&path, id.digest(), &bytes)?;
        Ok(bytes)
    }

    fn read_bounded(&self, name: &str, longest: u64) -> Result<Vec<u8>, Error> {
        let path = || self.dir().join(name);
        self.storage()
            .read(name, longest)
            .map_err(|error| match error.kind() {
                io::ErrorKind::FileTooLarge => Error::TooLarge {
                    path: path(),
                    limit: self.max_len,
                },
                io::ErrorKind::InvalidInput => {
                    Error::corrupt(&path(), "a file".into(), "something else".into())
                }
                _ => Error::io("read", &path())(error),
            })
    }

    fn not_found(&self, id: &Id) -> Error {
        let snapshots = match self.list() {
            Ok(snapshots) => snapshots,
            Err(error) => return error,
        };
        let mut others = snapshots.iter().map(|snapshot| snapshot.id.seq());
        Error::NotFound {
            what: match others.any(|number| number == id.seq()) {
                true => id.to_string(),
                false => format!("#{}", id.seq()),
            },
            have: numbers(&snapshots),
        }
    }
}

/// The name is the certificate: the bytes must hash to the digest in it.
fn certify(path: &Path, expected: Digest, bytes: &[u8]) -> Result<(), Error> {
    let found = digest(bytes);
    if found == expected {
        return Ok(());
    }
    let found = format!("{found} in {} bytes", bytes.len());
    Err(Error::corrupt(path, format!("SHA-256 {expected}"), found))
}

fn is_absent(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
}
