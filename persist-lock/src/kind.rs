//! What is no regular file.

use std::{fmt, io};

/// What a path that is no regular file leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A folder.
    Directory,
    /// A named pipe.
    Fifo,
    /// A local socket.
    Socket,
    /// A character device such as `/dev/null`.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A symbolic link where none was expected.
    Symlink,
    /// Something else.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a folder",
            Self::Fifo => "a named pipe",
            Self::Socket => "a socket",
            Self::CharDevice => "a character device",
            Self::BlockDevice => "a block device",
            Self::Symlink => "a symbolic link",
            Self::Other => "something else",
        })
    }
}

impl Kind {
    /// An error of kind [`io::ErrorKind::InvalidInput`] that says what was found.
    pub(crate) fn not_regular(self) -> io::Error {
        let found = format!("it is {self}, not a regular file");
        io::Error::new(io::ErrorKind::InvalidInput, found)
    }
}
