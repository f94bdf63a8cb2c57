//! Mode and owner of a file that is not there any more, for the one that comes back in its place.

use std::fs::File;
use std::io;

use crate::folder::Folder;
use crate::sharing::{self, Permission};
use crate::sys::{self, Meta, Owner};

/// What a file had besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// The permission bits, at most 0777: those that lend the owner's rights to others are never taken over.
    pub mode: u32,
    /// The owner's number.
    pub user: u32,
    /// The group's number.
    pub group: u32,
}

impl Former {
    /// Of an opened file; `None` where the system has neither modes nor numbers.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn of(file: &File) -> io::Result<Option<Self>> {
        sys::meta_of(file).map(|meta| Self::known(&meta))
    }

    pub(crate) fn known(meta: &Meta) -> Option<Self> {
        let Permission { mode, group } = meta.permission();
        cfg!(unix).then_some(Self {
            mode: mode & 0o777,
            user: meta.owner.user,
            group,
        })
    }

    pub(crate) fn permission(&self) -> Permission {
        Permission {
            mode: self.mode,
            group: self.group,
        }
    }
}

/// What a file gets where there is none to copy it from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fresh<'a> {
    /// Mode 0600: nobody but its owner reads it.
    #[default]
    Private,
    /// The mode that the umask gives to new files.
    Umask,
    /// What a file had that was here before, as far as that may be believed; else as [`Private`](Self::Private).
    Former(&'a Former),
}

/// Gives the new file what a former one had, as far as that may be believed.
///
/// What is kept about a file is the word of whoever owns the state folder. It makes the file theirs and nobody else's;
/// root's word can also make it that of the owner of the folder, who could have created it themselves.
pub(crate) fn apply(
    file: &File,
    former: Option<&Former>,
    around: &Folder,
    state_folder: &Folder,
) -> io::Result<()> {
    let folder = around.dir().meta()?.owner;
    let state = state_folder.dir().meta()?.owner;
    let caller = Owner::caller();
    let given_to = new_owner(caller, folder, state, former);
    if let Some(owner) = given_to {
        sys::give(file, owner)?;
    }
    if let Some(group) = state_folder.policy().sharing().group() {
        // What the group keeps is the group's again. Others may read it at most.
        let mode = former.map_or(0, |former| former.mode) & 0o775;
        return sys::set_permission(file, mode | sharing::FILE, Some(group));
    }
    // Who may use the file is for its owner to say, or for root.
    let user = given_to.unwrap_or(caller).user;
    let believed = former.filter(|_| state.is_root() || state.user == user);
    believed.map_or(Ok(()), |former| sys::set_mode(file, former.mode))
}

/// Who gets the new file; `None`: who creates it.
fn new_owner(caller: Owner, folder: Owner, state: Owner, former: Option<&Former>) -> Option<Owner> {
    if !caller.is_root() {
        return None;
    }
    let known = [state, folder];
    let believed = match state.is_root() {
        true => &known[..],
        false => &known[..1],
    };
    let user = former.and_then(|former| believed.iter().find(|known| known.user == former.user));
    let (Some(former), Some(user)) = (former, user) else {
        // What is kept about it belongs to them, so the file does, too.
        return Some(state).filter(|state| !state.is_root());
    };
    let group = known.iter().any(|known| known.group == former.group);
    Some(Owner {
        user: former.user,
        group: match group {
            true => former.group,
            false => user.group,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_a_file_that_comes_back() {
        let owner = |user, group| Owner { user, group };
        let (root, alice, bob) = (owner(0, 0), owner(1001, 100), owner(1002, 200));
        let former = |user, group| Former {
            mode: 0o644,
            user,
            group,
        };
        let check = |caller, folder, state, former: Option<Former>, expected| {
            assert_eq!(new_owner(caller, folder, state, former.as_ref()), expected);
        };
        check(alice, root, alice, Some(former(0, 0)), None);
        check(root, root, root, None, None);
        check(root, alice, alice, None, Some(alice));
        check(root, root, alice, Some(former(1001, 100)), Some(alice));
        check(root, alice, root, Some(former(1001, 100)), Some(alice));
        // Forged: the file would go to somebody who has no business here, or to a group of theirs.
        check(root, alice, alice, Some(former(1002, 200)), Some(alice));
        check(root, alice, root, Some(former(1002, 200)), None);
        check(root, alice, alice, Some(former(1001, 0)), Some(alice));
        check(
            root,
            bob,
            alice,
            Some(former(1001, 200)),
            Some(owner(1001, 200)),
        );
        check(root, root, alice, Some(former(0, 100)), Some(alice));
        check(root, root, root, Some(former(0, 100)), Some(root));
    }

    #[cfg(unix)]
    #[test]
    fn what_lends_rights_is_not_remembered() {
        let file = tempfile::tempfile().expect("a file");
        let mut meta = sys::meta_of(&file).expect("known");
        meta.mode = 0o6755;
        let known = Former::known(&meta).map(|former| former.mode);
        assert_eq!(known, Some(0o755));
    }
}
