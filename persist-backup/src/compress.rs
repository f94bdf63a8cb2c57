//! Compressing a snapshot later, off the path of a save.

use crate::backups::{compressed_name, plain_name};
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
        let (plain, frame) = (plain_name(id), compressed_name(id));
        let has = |name: &str| {
            let found = self
                .storage()
                .look(name)
                .map_err(self.failed("look at", name));
            found.map(|found| found.is_some())
        };
        let mut framed = has(&frame)?;
        if !has(&plain)? {
            self.read_compressed(id).or_else(|_| self.read(id))?;
            return self.find(&id.to_string());
        }
        let bytes = self.read(id)?;
        if framed && self.read_compressed(id).is_err() {
            // A frame under this name that isn't good is worth less than the verified bytes in hand.
            self.storage()
                .remove(&frame)
                .map_err(self.failed("remove", &frame))?;
            framed = false;
        }
        if !framed {
            let encoded = frame::encode(&bytes).map_err(self.failed("compress", &plain))?;
            if encoded.len() >= bytes.len() {
                return self.find(&id.to_string());
            }
            durable::create_new(self.storage(), &frame, &encoded)
                .map_err(self.failed("create", &frame))?;
            self.storage().sync().map_err(self.folder_failed("sync"))?;
        }
        self.read_compressed(id)?;
        self.storage()
            .remove(&plain)
            .map_err(self.failed("remove", &plain))?;
        self.find(&id.to_string())
    }
}
