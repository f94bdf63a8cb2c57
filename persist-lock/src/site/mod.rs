//! A file's own folder and its state folder, opened for one operation.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::folder::Folder;
use crate::ownership::{self, Owners};
use crate::paths::{parent, state_dir_for};
use crate::sharing::Sharing;
use crate::target::Target;

mod live;
mod state;

pub use state::Created;

/// Where a file and what is kept about it lie, as handles: whatever is swapped meanwhile leads nowhere else.
///
/// Meant for one operation; who holds it longer goes along with folders that are renamed.
#[derive(Debug, Clone)]
pub struct Site {
    target: Target,
    folder: Folder,
    state_path: PathBuf,
    /// The folder that the state folder is in; `None` where that is missing.
    around: Option<Folder>,
    state: Option<Folder>,
    /// The state folder of an earlier operation, which may be the same.
    earlier: Option<Folder>,
    /// The owners by which the state folder was judged.
    judged: Option<Owners>,
    /// The same file with the folder beside it, where the state folder is another: the lock in there is taken first.
    beside: Option<Arc<Site>>,
}

impl Site {
    /// Opens the folder of the file, and the one around the state folder; not yet the state folder. Creates nothing.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn without_state(target: &Target, state_path: &Path) -> Result<Self, Error> {
        Self::without_state_again(target, state_path, None)
    }

    /// The same for the next operation on that file: handles of the `earlier` one serve where they are what opening would give now, which
    /// is asked. Whose each folder is, and who calls, is judged anew.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn without_state_again(
        target: &Target,
        state_path: &Path,
        earlier: Option<&Self>,
    ) -> Result<Self, Error> {
        let folder = match earlier {
            Some(earlier) => Folder::open_again(target.folder(), &earlier.folder)?,
            None => Folder::open(target.folder())?,
        };
        let above = parent(state_path);
        let around = match above == target.folder() {
            true => Some(folder.clone()),
            false => match Folder::open(above) {
                Err(Error::ParentMissing { .. }) => None,
                other => Some(other?),
            },
        };
        Ok(Self {
            target: target.clone(),
            folder,
            state_path: state_path.to_path_buf(),
            around,
            state: None,
            earlier: earlier.and_then(|earlier| earlier.state.clone()),
            judged: None,
            beside: None,
        })
    }

    /// The site with a state folder that is not the one beside the file: whoever takes its lock takes that of `beside` first.
    ///
    /// A file has one name, which everybody comes by, and may have been given any number of state folders. So what stands
    /// beside it is what is locked.
    #[must_use]
    pub fn locked_beside(mut self, beside: Self) -> Self {
        self.beside = Some(Arc::new(beside));
        self
    }

    /// The site by whose lock this one is locked first; `None` where the state folder is the one beside the file, or the
    /// lock can't be there.
    pub fn beside(&self) -> Option<&Self> {
        self.beside.as_deref()
    }

    /// Whether the state folder is the one beside the file, by whichever path it was named.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn is_beside(&self) -> Result<bool, Error> {
        let default = state_dir_for(self.target.path());
        match &self.around {
            Some(around) if default.file_name() == Some(self.state_name()) => around
                .is_same(&self.folder)
                .map_err(Error::io("examine", around.path())),
            _ => Ok(false),
        }
    }

    /// Where the state folder is or will be, from the root on and without links; `None` where the folder around it is missing.
    pub fn real_state_path(&self) -> Option<PathBuf> {
        let around = self.around.as_ref()?;
        Some(around.path().join(self.state_name()))
    }

    /// Whether what the state folder of this site says of another may be followed there: only to what its owner could
    /// reach without the caller, or by the word of root or the caller.
    pub fn may_lead_to(&self, other: &Self) -> bool {
        match (&self.judged, &other.judged) {
            (Some(from), Some(to)) => ownership::may_lead(from, to),
            _ => false,
        }
    }

    /// The file.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The folder that holds the file.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The state folder, if there is one.
    pub fn state(&self) -> Option<&Folder> {
        self.state.as_ref()
    }

    /// Where the state folder is or will be; for messages.
    pub fn state_path(&self) -> &Path {
        &self.state_path
    }

    /// The group that the state folder is shared with.
    pub fn shared_with(&self) -> Option<u32> {
        self.sharing().group()
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.judged
            .map_or(Sharing::Private, |owners| owners.sharing)
    }

    pub(crate) fn owners(&self) -> Option<&Owners> {
        self.judged.as_ref()
    }

    fn lost(&self) -> Error {
        Error::Lost {
            path: self.target.path().to_path_buf(),
        }
    }

    /// Whether the folders with locks still have their names: who comes by the name would find another.
    pub(crate) fn check_state(&self) -> Result<(), Error> {
        self.beside().map_or(Ok(()), Self::check_state)?;
        let (Some(around), Some(state)) = (&self.around, &self.state) else {
            return Err(self.lost());
        };
        match state.is_at(around, self.state_name()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.lost()),
            Err(error) => Err(Error::io("examine", &self.state_path)(error)),
        }
    }

    fn state_name(&self) -> &OsStr {
        self.state_path.file_name().unwrap_or_default()
    }
}
