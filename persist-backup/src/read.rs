//! Getting a snapshot's bytes back, verified.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::{Backups, Digest, Error, Id, digest, durable, frame};

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
        let plain = self.read_plain(id);
        match (plain, self.read_compressed(id)) {
            (Ok(bytes), _) | (Err(_), Ok(bytes)) => Ok(bytes),
            (Err(plain), Err(_)) if !is_absent(&plain) => Err(plain),
            (Err(_), Err(compressed)) if !is_absent(&compressed) => Err(compressed),
            (Err(_), Err(_)) => Err(self.not_found(id)),
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
        durable::create_new(to, &bytes)?;
        durable::sync_dir(durable::parent(to))?;
        Ok(bytes.len() as u64)
    }

    pub(crate) fn read_plain(&self, id: &Id) -> Result<Vec<u8>, Error> {
        let path = self.path_for(id);
        let bytes = self.read_bounded(&path, self.max_len)?;
        certify(&path, id.digest(), &bytes)?;
        Ok(bytes)
    }

    pub(crate) fn read_compressed(&self, id: &Id) -> Result<Vec<u8>, Error> {
        let path = self.compressed_path(id);
        // LZ4 expands by at most 1/255 and some headers, so a longer frame can't hold permitted content.
        let longest = self
            .max_len
            .saturating_add(self.max_len / 128)
            .saturating_add(1024);
        let stored = self.read_bounded(&path, longest)?;
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

    fn read_bounded(&self, path: &Path, longest: u64) -> Result<Vec<u8>, Error> {
        // Opening a FIFO would wait for somebody to write into it.
        let meta = std::fs::symlink_metadata(path).map_err(Error::io("examine", path))?;
        if !meta.is_file() {
            return Err(Error::corrupt(
                path,
                "a file".into(),
                "something else".into(),
            ));
        }
        let file = File::open(path).map_err(Error::io("open", path))?;
        let len = file.metadata().map_or(0, |m| m.len().min(longest));
        let mut bytes = Vec::with_capacity(usize::try_from(len).map_or(0, |len| len + 1));
        file.take(longest.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.len() as u64 > longest {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                limit: self.max_len,
            });
        }
        Ok(bytes)
    }

    fn not_found(&self, id: &Id) -> Error {
        self.find(&format!("#{}", id.seq()))
            .err()
            .unwrap_or_else(|| Error::NotFound {
                what: id.to_string(),
                have: format!("another snapshot with the number {}", id.seq()),
            })
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
