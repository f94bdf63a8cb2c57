//! What keeps a name from being written.

use std::fmt;

/// Why something can't be written, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadOnly {
    /// Nobody has write permission: the file was protected on purpose, also against root.
    Protected,
    /// The caller has no write permission for the file.
    File,
    /// The caller has no write permission for the folder.
    Folder,
    /// The file system is mounted read-only.
    FileSystem,
    /// An attribute forbids every change (`chattr +i`).
    Immutable,
    /// An attribute forbids every change but appending (`chattr +a`).
    AppendOnly,
    /// Permissions and attributes would allow it, and it is refused all the same.
    Refused,
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Protected => "is write-protected: make it writable",
            Self::File => "can't be written by this user: save as its owner, or change its mode",
            Self::Folder => {
                "is a folder in which this user can't create files: save as its owner, or change its mode"
            }
            Self::FileSystem => {
                "is on a read-only file system: remount it read-write, or keep the file elsewhere"
            }
            Self::Immutable => "is immutable: clear that attribute first (chattr -i)",
            Self::AppendOnly => "is append-only: clear that attribute first (chattr -a)",
            Self::Refused => {
                "has permissions that would allow this, but the file system or a security module refuses it"
            }
        })
    }
}
