//! The lock of a file as it is held.

use std::sync::Arc;

use crate::context::SaveContext;
use crate::error::Error;
use crate::lock_file::Held;

/// The lock as taken: given back on drop.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) context: Arc<SaveContext>,
    pub(crate) held: Vec<Held>,
}

impl Hold {
    /// Is the lock still ours?
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let path = self.context.site.target().path().to_path_buf();
        if self.is_inherited() {
            return Err(Error::NotInherited { path });
        }
        // Who comes by the name of a state folder that was moved away meanwhile locks another file.
        self.context.site.check_state()?;
        match self.held.iter().all(Held::is_ours) {
            true => Ok(()),
            false => Err(Error::Lost { path }),
        }
    }

    /// The same as far as it can have been lost to another writer: enough before anything is written that is nobody's yet.
    pub(crate) fn verify_unshared(&self) -> Result<(), Error> {
        let path = self.context.site.target().path().to_path_buf();
        if self.is_inherited() {
            return Err(Error::NotInherited { path });
        }
        match self.held.iter().all(Held::is_unshared) {
            true => Ok(()),
            false => Err(Error::Lost { path }),
        }
    }

    pub(crate) fn is_inherited(&self) -> bool {
        self.held.iter().any(Held::is_inherited)
    }
}
