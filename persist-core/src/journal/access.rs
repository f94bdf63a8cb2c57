//! Mode and owner as the journal keeps them.

use persist_lock::Former;
use serde::{Deserialize, Serialize};

/// Who may use a file, where the system has modes and numbers of owners.
///
/// Whoever owns the journal can write here what they like: see `WriteGuard::stage_as` in persist-lock for what is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The permission bits, in octal: `0644`.
    pub mode: String,
    /// The owner's number.
    pub user: u32,
    /// The group's number.
    pub group: u32,
}

impl From<Former> for Access {
    fn from(former: Former) -> Access {
        Access {
            mode: format!("{:04o}", former.mode & 0o777),
            user: former.user,
            group: former.group,
        }
    }
}

impl Access {
    /// `None` where the mode is no number.
    pub(crate) fn former(&self) -> Option<Former> {
        let mode = u32::from_str_radix(&self.mode, 8).ok()?;
        Some(Former {
            mode: mode & 0o777,
            user: self.user,
            group: self.group,
        })
    }
}
