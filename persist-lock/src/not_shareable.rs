//! What keeps a state folder from being shared.

/// Why a state folder can't be shared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotShareable {
    /// There is no file whose group it could be shared with.
    #[error("there is no file yet, so there is no group to share with")]
    NoFile,
    /// The group may not do with the file what it could do with its history.
    #[error(
        "group {group} may not read and write the file (its mode is {mode:04o}); `chmod g+rw` on it first"
    )]
    File {
        /// The file's group.
        group: u32,
        /// The file's mode.
        mode: u32,
    },
    /// The group is root's own.
    #[error(
        "the file's group is root's; first `chgrp` the file to the group of the people who share it"
    )]
    Root,
    /// The owner of the folder is no member of the group, or the file system keeps no modes.
    #[error("its owner is not a member of group {group}, or its file system does not store modes")]
    NotMember {
        /// The file's group.
        group: u32,
    },
    /// Something in it belongs to somebody else.
    #[error("{name} in it belongs to user {owner}; move it away first")]
    Foreign {
        /// Its name in the state folder.
        name: String,
        /// The number of its owner.
        owner: u32,
    },
    /// There is no such thing on this system.
    #[error("this system has no file modes")]
    System,
}
