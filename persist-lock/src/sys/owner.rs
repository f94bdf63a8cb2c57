//! Whose a file is, and whose a new one is to be. On Windows all are the same one, who may do everything: owners are not
//! asked there.

/// User and group by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Owner {
    /// Who runs this process, for the kernel's purposes.
    pub(crate) fn caller() -> Self {
        #[cfg(unix)]
        return Self {
            user: rustix::process::geteuid().as_raw(),
            group: rustix::process::getegid().as_raw(),
        };
        #[cfg(windows)]
        Self { user: 0, group: 0 }
    }

    pub(crate) fn is_root(self) -> bool {
        self.user == 0
    }
}

/// Who is given a new file.
#[cfg_attr(
    windows,
    expect(dead_code, reason = "access comes from the folder's list there")
)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NewOwner {
    /// `None`: whoever creates it.
    pub(crate) owner: Option<Owner>,
    /// Whose members may read and write it, too.
    pub(crate) group: Option<u32>,
}
