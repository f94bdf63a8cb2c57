//! What can go wrong, by what a caller would do about it.

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::holder::Holder;
use crate::kind::Kind;
use crate::not_shareable::NotShareable;
use crate::read_only::ReadOnly;

/// What a new file takes over from the one that it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kept {
    /// The user that it belongs to.
    Owner,
    /// The group that it belongs to.
    Group,
    /// Who may read, write and execute it.
    Mode,
    /// An extended attribute, access lists among them, by its name.
    Attribute(OsString),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Group => f.write_str("group"),
            Self::Mode => f.write_str("mode"),
            Self::Attribute(name) => write!(f, "attribute {}", name.display()),
        }
    }
}

/// Why a lock could not be taken, or a file not be replaced.
///
/// Unless a variant says otherwise the live file is exactly what it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The path leads to something that is not a regular file.
    #[error("{} is {kind}, not a regular file", path.display())]
    NotRegular {
        /// The path as resolved.
        path: PathBuf,
        /// What was found there.
        kind: Kind,
    },
    /// Symbolic links lead in a circle, or there are more than 40 of them.
    #[error("the symbolic links from {} lead in a circle", path.display())]
    SymlinkLoop {
        /// The path as given.
        path: PathBuf,
    },
    /// A symbolic link belongs to somebody else and leads to what is not theirs.
    #[error(
        "the symbolic link {} belongs to another user, who does not own what it points to: use the path that it points to",
        path.display()
    )]
    ForeignLink {
        /// The link.
        path: PathBuf,
    },
    /// The state folder belongs to somebody who has no business with the file.
    #[error(
        "{} belongs to user {owner}, so it is not used for this file: move it away, or choose another state folder",
        path.display()
    )]
    ForeignState {
        /// The state folder.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
    },
    /// The state folder is its owner's, and not shared with a group that the caller is a member of.
    #[error("{}", not_shared(path, *owner, *group))]
    NotShared {
        /// The state folder.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
        /// The group that it is shared with, of which the caller is no member.
        group: Option<u32>,
    },
    /// The state folder can't be shared with the file's group.
    #[error("{} can't be shared: {why}", path.display())]
    NotShareable {
        /// The state folder.
        path: PathBuf,
        /// Why.
        why: NotShareable,
    },
    /// The folder that should hold the file does not exist.
    #[error("the folder {} does not exist: create it first", path.display())]
    ParentMissing {
        /// The missing folder.
        path: PathBuf,
    },
    /// The file, its folder or its file system may not be written.
    #[error("{} {cause}", path.display())]
    ReadOnly {
        /// What can't be written: the file, or its folder.
        path: PathBuf,
        /// Why.
        cause: ReadOnly,
        /// The operating system's word, where it was asked.
        source: Option<io::Error>,
    },
    /// The file system does not know an operation that can't be done without.
    #[error(
        "cannot {op} {}: its file system does not support this; keep the file on another one",
        path.display()
    )]
    NotOffered {
        /// What was tried, as a verb phrase.
        op: &'static str,
        /// On what.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// The file is a mount point of its own, so that no other file can take its name.
    #[error(
        "{} is a mount point and can't be replaced: mount its folder instead, or allow writing in place",
        path.display()
    )]
    Busy {
        /// The mount point.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// Another program has the file open and lets nobody else at it (Windows).
    #[error("{} is in use by another program: close it there", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// The folder has the sticky bit and the file belongs to somebody else.
    #[error(
        "{} belongs to another user in a sticky folder and can't be replaced: change its owner or move it",
        path.display()
    )]
    Sticky {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// The new file can't be given the same owner, mode, access list or attributes.
    #[error(
        "replacing {} would lose its {what}: save as its owner, or allow writing in place",
        path.display()
    )]
    NotKept {
        /// The live file.
        path: PathBuf,
        /// What would be lost.
        what: Kept,
        /// The operating system's word.
        source: io::Error,
    },
    /// The file has other names, and the options don't say what is to become of them.
    #[error(
        "{} has {links} names (hard links): allow splitting it from the others, or writing in place for all of them",
        path.display()
    )]
    HardLinked {
        /// The live file.
        path: PathBuf,
        /// How many names the inode has.
        links: u64,
    },
    /// The file has other names, and somebody else can have made this one, so it is not written into.
    #[error(
        "{} has other names (hard links), and other users can create links in its folder: save it by its name in another folder",
        path.display()
    )]
    ForeignName {
        /// The live file.
        path: PathBuf,
    },
    /// The lock was not free in time.
    #[error("{} is locked{} (waited {:.1} s)", path.display(), held_by(holder.as_ref()), waited.as_secs_f64())]
    Timeout {
        /// The file whose lock was wanted.
        path: PathBuf,
        /// Who holds it, as far as is known.
        holder: Option<Holder>,
        /// How long was waited.
        waited: Duration,
    },
    /// The guard belongs to the process this one was forked from.
    #[error("the lock on {} is not inherited across fork: acquire it again", path.display())]
    NotInherited {
        /// The file.
        path: PathBuf,
    },
    /// The lock was lost while the guard lived: its file was deleted, or somebody dropped it.
    #[error("the lock on {} was lost while it was held: acquire it again and reread the file", path.display())]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// The file system has no working locks.
    #[error(
        "the file system of {} does not support locks: move the state folder, or allow saving without a lock",
        path.display()
    )]
    Unsupported {
        /// The lock file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// Something that is not ours appeared at, or vanished from, a name in use.
    #[error("{} was changed by something else meanwhile: read it again", path.display())]
    Changed {
        /// The name.
        path: PathBuf,
    },
    /// The caller's check of the staged file said no.
    #[error("the new content of {} was rejected by the caller's check", path.display())]
    Rejected {
        /// The live file.
        path: PathBuf,
        /// What the check said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A sync of the staged file failed. It is never tried again on the same file: stage afresh.
    #[error("the new content for {} may not have reached the disk: stage it again", path.display())]
    SyncFailed {
        /// The live file.
        path: PathBuf,
        /// The operating system's word; `None` when this is a second try.
        source: Option<io::Error>,
    },
    /// The change **is in place**, but a power cut may undo it: a sync failed afterwards.
    #[error("{} was changed, but a power cut could still undo it", path.display())]
    InPlaceNotDurable {
        /// The live file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// The change **is in place and durable**, but the previous version could not get its backup name.
    #[error(
        "{} was changed, but its previous version is at {} instead of {}",
        path.display(), kept.display(), backup.display()
    )]
    BackupNotNamed {
        /// The live file.
        path: PathBuf,
        /// Where the previous version is now.
        kept: PathBuf,
        /// The name it should have got.
        backup: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// Anything else the operating system refused.
    #[error("cannot {op} {}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        op: &'static str,
        /// On what.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
}

impl Error {
    /// What it is about: the path of the message's beginning.
    pub fn path(&self) -> &Path {
        match self {
            Self::NotRegular { path, .. }
            | Self::SymlinkLoop { path, .. }
            | Self::ForeignLink { path, .. }
            | Self::ForeignState { path, .. }
            | Self::NotShared { path, .. }
            | Self::NotShareable { path, .. }
            | Self::ParentMissing { path, .. }
            | Self::ReadOnly { path, .. }
            | Self::NotOffered { path, .. }
            | Self::Busy { path, .. }
            | Self::InUse { path, .. }
            | Self::Sticky { path, .. }
            | Self::NotKept { path, .. }
            | Self::HardLinked { path, .. }
            | Self::ForeignName { path, .. }
            | Self::Timeout { path, .. }
            | Self::NotInherited { path, .. }
            | Self::Lost { path, .. }
            | Self::Unsupported { path, .. }
            | Self::Changed { path, .. }
            | Self::Rejected { path, .. }
            | Self::SyncFailed { path, .. }
            | Self::InPlaceNotDurable { path, .. }
            | Self::BackupNotNamed { path, .. }
            | Self::Io { path, .. } => path,
        }
    }

    /// What the operating system said, where it was asked.
    pub fn os(&self) -> Option<&io::Error> {
        match self {
            Self::NotOffered { source, .. }
            | Self::Busy { source, .. }
            | Self::InUse { source, .. }
            | Self::Sticky { source, .. }
            | Self::NotKept { source, .. }
            | Self::Unsupported { source, .. }
            | Self::InPlaceNotDurable { source, .. }
            | Self::BackupNotNamed { source, .. }
            | Self::Io { source, .. } => Some(source),
            Self::ReadOnly { source, .. } | Self::SyncFailed { source, .. } => source.as_ref(),
            Self::NotRegular { .. }
            | Self::SymlinkLoop { .. }
            | Self::ForeignLink { .. }
            | Self::ForeignState { .. }
            | Self::NotShared { .. }
            | Self::NotShareable { .. }
            | Self::ParentMissing { .. }
            | Self::HardLinked { .. }
            | Self::ForeignName { .. }
            | Self::Timeout { .. }
            | Self::NotInherited { .. }
            | Self::Lost { .. }
            | Self::Changed { .. }
            | Self::Rejected { .. } => None,
        }
    }

    pub(crate) fn io(op: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { op, path, source }
    }

    /// Is the new content in place although this is an error?
    pub fn is_in_place(&self) -> bool {
        matches!(
            self,
            Self::InPlaceNotDurable { .. } | Self::BackupNotNamed { .. }
        )
    }
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" by {holder}"))
}

fn not_shared(path: &Path, owner: u32, group: Option<u32>) -> String {
    let path = path.display();
    match group {
        Some(group) => {
            format!("{path} can be opened only by user {owner} and the members of group {group}")
        }
        None => format!(
            "{path} can be opened only by user {owner}: that user or root can share it with the file's group"
        ),
    }
}
