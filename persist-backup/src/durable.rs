//! Creating a file so that it is there, whole, after a power cut, or not there at all.

use std::hash::{BuildHasher, RandomState};
use std::io;

use crate::backups::UNFINISHED;
use crate::storage::Storage;

/// Writes `bytes` to a new file and gives it the name `name`, which must be free.
/// The folder is not synced.
pub(crate) fn create_new(storage: &dyn Storage, name: &str, bytes: &[u8]) -> io::Result<()> {
    // The name certifies the content, so it must not exist before the content is synced.
    let unfinished = unfinished(storage, bytes, true)?;
    let named = storage.rename_new(&unfinished, name);
    if named.is_err() {
        drop(storage.remove(&unfinished));
    }
    named
}

/// The same for a file that may be there already and can be made again.
pub(crate) fn replace_note(storage: &dyn Storage, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(storage, bytes, false)?;
    let named = storage.rename_over(&unfinished, name);
    if named.is_err() {
        drop(storage.remove(&unfinished));
    }
    named
}

/// The name of a new file with these bytes.
fn unfinished(storage: &dyn Storage, bytes: &[u8], durable: bool) -> io::Result<String> {
    let random = RandomState::new();
    for attempt in 0..u64::MAX {
        let name = format!("{UNFINISHED}{:016x}", random.hash_one(attempt));
        match storage.write_new(&name, bytes, durable) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                drop(storage.remove(&name));
                return Err(error);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
