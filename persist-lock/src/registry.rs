//! Every lock file this process has opened, by identity, each with one descriptor that is never closed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::absent::absent_is_none;
use crate::at::At;
use crate::error::Error;
use crate::shared::Shared;
use crate::sys::{self, FileId, Meta};

static REGISTRY: Mutex<Option<HashMap<FileId, Arc<Shared>>>> = Mutex::new(None);

/// A lock file that this process has open.
pub(crate) struct OpenLock {
    pub(crate) id: FileId,
    pub(crate) shared: Arc<Shared>,
    /// Whether its folder's rules let us write into it.
    pub(crate) own: bool,
}

/// The shared lock of the file now at `path`, opened or created when this process has not met it yet.
pub(crate) fn get(at: &At) -> Result<OpenLock, Error> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let known = registry.get_or_insert_default();
    let found = |id, shared: &Arc<Shared>, meta: &Meta| OpenLock {
        id,
        shared: Arc::clone(shared),
        own: at.folder.policy().owns(meta),
    };
    // By name first: opening a known file and closing it again would drop its locks.
    if let Some((id, meta)) = look(at)?
        && let Some(shared) = known.get(&id).filter(|shared| !shared.is_inherited())
    {
        return Ok(found(id, shared, &meta));
    }
    let file = at
        .open_lock()
        .map_err(|error| sys::refused(error, "open the lock", at.path()))?;
    let id = sys::file_id(&file, at.name_in()).map_err(Error::io("examine", at.path()))?;
    let meta = sys::meta_of(&file).map_err(Error::io("examine", at.path()))?;
    let fresh = Arc::new(Shared::new(file));
    match known.get(&id).filter(|shared| !shared.is_inherited()) {
        Some(shared) => {
            // Somebody put a known file at this name between the look and the open. The second
            // descriptor must stay open as long as the process lives, for the reason above.
            std::mem::forget(fresh);
            Ok(found(id, shared, &meta))
        }
        None => {
            if let Some(inherited) = known.insert(id.clone(), Arc::clone(&fresh)) {
                std::mem::forget(inherited);
            }
            Ok(found(id, &fresh, &meta))
        }
    }
}

/// Is the lock file at `path` still the one with this identity?
pub(crate) fn is_at(at: &At, id: &FileId) -> bool {
    look(at).is_ok_and(|found| found.is_some_and(|(found, _)| found == *id))
}

fn look(at: &At) -> Result<Option<(FileId, Meta)>, Error> {
    absent_is_none(sys::file_id_at(at.name_in())).map_err(Error::io("examine", at.path()))
}
