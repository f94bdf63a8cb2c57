//! Every lock file this process has opened, by identity, each with one descriptor that is never closed.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::shared::Shared;
use crate::sys::{self, FileId};

static REGISTRY: Mutex<Option<HashMap<FileId, Arc<Shared>>>> = Mutex::new(None);

/// The shared lock of the file now at `path`, opened or created when this process has not met it yet.
pub(crate) fn get(path: &Path) -> Result<(FileId, Arc<Shared>), Error> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let known = registry.get_or_insert_default();
    // By name first: opening a known file and closing it again would drop its locks.
    if let Some(id) = id_at(path)?
        && let Some(shared) = known.get(&id).filter(|shared| !shared.is_inherited())
    {
        return Ok((id, Arc::clone(shared)));
    }
    let file = sys::open_lock(path).map_err(|error| sys::refused(error, "open the lock", path))?;
    let id = sys::file_id(&file, path).map_err(Error::io("examine", path))?;
    let fresh = Arc::new(Shared::new(file));
    match known.get(&id).filter(|shared| !shared.is_inherited()) {
        Some(shared) => {
            // Somebody put a known file at this name between the look and the open. The second
            // descriptor must stay open for good, for the reason above.
            std::mem::forget(fresh);
            Ok((id, Arc::clone(shared)))
        }
        None => {
            if let Some(inherited) = known.insert(id.clone(), Arc::clone(&fresh)) {
                std::mem::forget(inherited);
            }
            Ok((id, fresh))
        }
    }
}

/// Is the lock file at `path` still the one with this identity?
pub(crate) fn is_at(path: &Path, id: &FileId) -> bool {
    id_at(path).is_ok_and(|found| found.as_ref() == Some(id))
}

fn id_at(path: &Path) -> Result<Option<FileId>, Error> {
    match sys::file_id_at(path) {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("examine", path)(error)),
    }
}
