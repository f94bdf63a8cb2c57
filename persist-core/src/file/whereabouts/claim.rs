//! Writing down where a file's history is.

use std::io;

use persist_lock::Site;

use crate::error::{Error, io_error};
use crate::file::opened::Opened;
use crate::home::{self, Home};
use crate::place::{self, Ownership};
use crate::state_format::Format;

impl Opened<'_> {
    /// Looks once more, now under the lock, at what could have changed while it was waited for. Then makes the folders say
    /// where the history is and whose: durably, and before anything is written of it.
    pub(in crate::file) fn settle_whereabouts(&mut self) -> Result<(), Error> {
        // A newer persist may have come first.
        let known = &self.file().state_format;
        let format = self.state_folder().and_then(|state| known.read(state));
        let format = format.map_err(|e| io_error("read the format of", self.state_dir(), e))?;
        self.format = Some(format);
        self.refuse_newer()?;
        if format == Format::Elsewhere {
            return Err(self.changed());
        }
        let Some(found) = &self.whereabouts else {
            return Ok(()); // the folder's name says whose it is
        };
        let beside = found.beside.as_ref();
        if let Some(state) = beside.and_then(Site::state)
            && self.said(state)? != found.said
        {
            return Err(self.changed());
        }
        if found.home != Home::Beside {
            self.claim(found.home, format)?;
        }
        match beside {
            Some(beside) if found.home == Home::Given => self.point(beside, &found.site),
            _ => Ok(()),
        }
    }

    /// Where the history is that the caller did not say the place of.
    pub(in crate::file) fn led_to(&self) -> Option<String> {
        let found = self.whereabouts.as_ref()?;
        let led = found.home == Home::Pointed && self.options().state_dir.is_none();
        led.then(|| self.state_dir().display().to_string())
    }

    /// Makes the state folder say whose it is.
    fn claim(&self, home: Home, format: Format) -> Result<(), Error> {
        let kept = self
            .state_folder()
            .and_then(|state| place::kept_in(state, format, self.live()));
        match kept.map_err(|e| io_error("find out whose it is:", self.state_dir(), e))? {
            Ownership::Ours => return Ok(()),
            Ownership::Anothers(other) => return Err(self.taken(self.state_dir(), other)),
            // Unmounted just now, with an empty folder in its place.
            Ownership::Nothing if home == Home::Pointed => return Err(self.changed()),
            _ => {}
        }
        let claimed = self
            .state_folder()
            .and_then(|state| place::claim(state, self.live()));
        claimed.map_err(|e| io_error("claim the state folder", self.state_dir(), e))
    }

    /// Makes the folder beside the file say that the history is in this one.
    fn point(&self, beside: &Site, site: &Site) -> Result<(), Error> {
        let (Some(state), Some(path)) = (beside.state(), site.real_state_path()) else {
            return Ok(());
        };
        // What a crash took before would leave the other without its name.
        for named in [site, beside] {
            named.sync_state_name().map_err(|e| self.lock_error(e))?;
        }
        match home::point(state, &path) {
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                tracing::warn!(path = %state.path().display(), %error, "it can't say where the history is");
                Ok(())
            }
            pointed => pointed.map_err(|e| io_error("write to", state.path(), e)),
        }
    }
}
