//! What every save of a file needs.

use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::options::Options;
use crate::scratch::Scratch;
use crate::site::Site;

/// Where everything lies and what may be done; shared by the lock and its guards.
#[derive(Debug)]
pub(crate) struct SaveContext {
    pub(crate) site: Site,
    pub(crate) live: At,
    pub(crate) state: Folder,
    pub(crate) scratch: Scratch,
    pub(crate) options: Options,
}

impl SaveContext {
    /// Of an opened site that has a state folder.
    pub(crate) fn of(site: &Site, options: Options) -> Result<Self, Error> {
        let state = site.state().ok_or_else(|| Error::ParentMissing {
            path: site.state_path().to_path_buf(),
        })?;
        let scratch = Scratch::of(site.folder(), state, site.target().name())
            .map_err(Error::io("examine", site.folder().path()))?;
        Ok(Self {
            live: site.live(),
            state: state.clone(),
            site: site.clone(),
            scratch,
            options,
        })
    }
}
