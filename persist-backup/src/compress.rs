//! Compressing a snapshot later, off the path of a save.

use std::fs;
use std::io;
use std::path::Path;

use crate::{Backups, Error, Id, Snapshot, durable, frame};

impl Backups {
    /// Stores a plain snapshot as an LZ4 frame instead, if that makes it smaller; `compress_above` is not looked at.
    ///
    /// At every moment, power cuts included, one good file is there: the frame is synced, read back from the disk and
    /// compared before the plain file goes. Doing it again finishes an interrupted call.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if the plain file is damaged (it stays as it is), [`Error::NotFound`], [`Error::Io`].
    pub fn compress(&self, id: &Id) -> Result<Snapshot, Error> {
        let (plain, frame) = (self.path_for(id), self.compressed_path(id));
        if !exists(&plain)? {
            self.read_compressed(id).or_else(|_| self.read(id))?;
            return self.find(&id.to_string());
        }
        let bytes = self.read(id)?;
        if exists(&frame)? && self.read_compressed(id).is_err() {
            // A frame under this name that isn't good is worth less than the verified bytes in hand.
            fs::remove_file(&frame).map_err(Error::io("remove", &frame))?;
        }
        if !exists(&frame)? {
            let encoded = frame::encode(&bytes).map_err(Error::io("compress", &plain))?;
            if encoded.len() >= bytes.len() {
                return self.find(&id.to_string());
            }
            durable::create_new(&frame, &encoded)?;
            durable::sync_dir(self.dir())?;
        }
        self.read_compressed(id)?;
        fs::remove_file(&plain).map_err(Error::io("remove", &plain))?;
        self.find(&id.to_string())
    }
}

fn exists(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("look at", path)(error)),
    }
}
