//! Whether a state folder is shared with a group, told from modes and groups alone.
//!
//! That a folder is shared is said by its own mode, [`FOLDER`], and by nothing in it, so that `chmod` on it is followed at once.
//! Besides the group's bits it has setuid and setgid, of which setgid hands the group on to what is created there. Both
//! together prove that a member or root has shared it: `chmod` drops setgid where the caller is no member of the group, and
//! `mkdir` in a folder with setgid hands on setgid, but never setuid. So who is no member can't make one that is believed.
//! (On a folder setuid means nothing else on Linux and macOS.)
//!
//! It counts only as long as the group may read and write the file: who may do that is trusted with what is kept about it,
//! and nobody else. In the folder a file is believed by that same rule, whoever owns it: what every member may read and
//! write anyway tells them nothing and takes nothing from them, wherever it was moved from. A file that is somebody's
//! alone could have been moved there to be shown.

/// Of a state folder that is shared.
pub(crate) const FOLDER: u32 = 0o6770;
/// Of the folders in it.
pub(crate) const SUBFOLDER: u32 = 0o2770;
/// Of the files in it.
pub(crate) const FILE: u32 = 0o660;
/// Of one that is closed but for that, with all in it known by what its members have left. It is still marked.
pub(crate) const CLOSED: u32 = 0o6700;
/// Of the same once what is not the group's was set apart: what is private in it now is its owner's.
pub(crate) const SWEPT: u32 = 0o1700;

/// What no folder has but one that is or was shared. (Who is no member keeps that bit, and not the one for the group.)
const MARK: u32 = 0o4000;
/// Reading and writing for the group.
const GROUP: u32 = 0o060;

/// What modes and groups are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) mode: u32,
    pub(crate) group: u32,
}

/// With whom a state folder is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// It is its owner's alone.
    Private,
    /// The members of this group.
    With(u32),
    /// It was, and is not to be any more: its own mode or the file's says so. What members have written is still as they left it.
    Ending {
        /// The group.
        group: u32,
        /// What is not theirs was set apart already.
        swept: bool,
    },
}

impl Permission {
    /// Whether the group may read and write.
    pub(crate) fn is_open_to(self, group: u32) -> bool {
        self.group == group && self.mode & GROUP == GROUP
    }

    /// The same of a folder, and that nobody else may create things in it.
    pub(crate) fn is_groups_alone(self, group: u32) -> bool {
        self.is_open_to(group) && self.mode & 0o002 == 0
    }

    /// Whether members may create and replace things in a folder, among others perhaps.
    pub(crate) fn is_for(self, group: u32) -> bool {
        const OTHERS: u32 = 0o003;
        const STICKY: u32 = 0o1000;
        let by_group = self.is_open_to(group) || self.mode & OTHERS == OTHERS;
        by_group && self.mode & STICKY == 0
    }
}

/// Whether a state folder is shared. A file that is gone has narrowed nothing.
pub(crate) fn of(state: Permission, live: Option<Permission>) -> Sharing {
    let group = state.group;
    if state.mode == SWEPT {
        return Sharing::Ending { group, swept: true };
    }
    if state.mode & MARK == 0 {
        return Sharing::Private;
    }
    // Root's own group owns more of a system than a few config files.
    let by_folder = state.mode == FOLDER && group != 0;
    match by_folder && live.is_none_or(|live| live.is_open_to(group)) {
        true => Sharing::With(group),
        false => Sharing::Ending {
            group,
            swept: false,
        },
    }
}

impl Sharing {
    /// The group that new files are for.
    pub(crate) fn group(self) -> Option<u32> {
        match self {
            Self::With(group) => Some(group),
            Self::Private | Self::Ending { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAM: u32 = 2001;
    const OTHERS: u32 = 2002;

    #[test]
    fn a_folder_and_its_file_say_together_whether_it_is_shared() {
        let check = |state, group, live: Option<(u32, u32)>, expected| {
            let permission = |(mode, group)| Permission { mode, group };
            let found = of(permission((state, group)), live.map(permission));
            assert_eq!(found, expected, "{state:o} of {group}, file {live:?}");
        };
        let ending = |group, swept| Sharing::Ending { group, swept };
        check(0o6770, TEAM, Some((0o664, TEAM)), Sharing::With(TEAM));
        check(0o6770, TEAM, Some((0o660, TEAM)), Sharing::With(TEAM));
        check(0o6770, TEAM, None, Sharing::With(TEAM));
        check(0o700, TEAM, Some((0o664, TEAM)), Sharing::Private);
        // What somebody can make who is no member: setgid comes from the folder around, setuid from nowhere.
        check(0o2770, TEAM, Some((0o664, TEAM)), Sharing::Private);
        check(0o4770, TEAM, Some((0o664, TEAM)), ending(TEAM, false));
        // Narrowed: the folder, or the file.
        check(0o6700, TEAM, Some((0o664, TEAM)), ending(TEAM, false));
        check(0o6750, TEAM, Some((0o664, TEAM)), ending(TEAM, false));
        check(0o6770, TEAM, Some((0o644, TEAM)), ending(TEAM, false));
        check(0o6770, TEAM, Some((0o600, TEAM)), ending(TEAM, false));
        check(0o6770, TEAM, Some((0o664, OTHERS)), ending(TEAM, false));
        check(0o1700, TEAM, Some((0o664, TEAM)), ending(TEAM, true));
        // Open to others, or root's group.
        check(0o6775, TEAM, Some((0o664, TEAM)), ending(TEAM, false));
        check(0o6777, TEAM, None, ending(TEAM, false));
        check(0o6770, 0, Some((0o664, 0)), ending(0, false));
    }
}
