//! Whose a state folder is, decided from owners alone.
//!
//! What is kept about a file is as private as the file, and is believed: a recovery puts it into the file. So it must belong
//! to the file's owner, or have been made by the caller or by root in a folder of root's. Whoever owns the folder around the
//! file, or may create things in it, could have put a state folder there; what it says is theirs and not the file's.
//! One that is shared with the file's group is believed as well: `sharing.rs` says why nobody else can have made it.

use crate::sharing::Sharing;
use crate::sys::{Meta, NewOwner, Owner};

/// What an operation knows of owners.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owners {
    pub(crate) caller: Owner,
    pub(crate) state: Owner,
    /// `None` where there is no live file.
    pub(crate) live: Option<Owner>,
    /// Of the folder that the state folder is in.
    pub(crate) around: Owner,
    /// May others than its owner create things in that folder?
    pub(crate) shared: bool,
    /// With whom the state folder is shared.
    pub(crate) sharing: Sharing,
    /// May members of that group create things in the folder around, and others not?
    pub(crate) around_is_groups: bool,
}

/// Where the content comes from that a missing file is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// From the caller.
    Caller,
    /// From the state folder: it is whose that is, and so is the file.
    History,
}

/// Who gets what is created in a folder, and whose files in it are believed unread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnerPolicy {
    new_owner: Option<Owner>,
    trusted: [Option<Owner>; 2],
    sharing: Sharing,
}

/// Whether a state folder is one to keep and to believe.
pub(crate) fn is_believed(owners: &Owners, content: Provenance) -> bool {
    let Owners {
        caller,
        state,
        live,
        around,
        shared,
        sharing,
        around_is_groups,
    } = *owners;
    if sharing.group().is_some() {
        // Where there is no file, whoever creates one there has to be of the group.
        let by_group = live.is_some() || around_is_groups && !caller.is_root();
        if by_group {
            return true;
        }
    }
    if !caller.is_root() {
        // Where there is no file, it will be theirs who own the folder.
        let theirs = live.unwrap_or(around).user;
        return [0, caller.user, theirs].contains(&state.user);
    }
    let roots_alone = around.is_root() && !shared;
    match live {
        Some(live) if state.is_root() => live.is_root() || roots_alone,
        Some(live) => state.user == live.user,
        // Nobody but root can have given it to them; or what comes of it is theirs.
        None => state.is_root() || roots_alone || content == Provenance::History,
    }
}

/// Whether one state folder may say that the history is in another. Who owns the first wrote it there, and could mean a
/// folder that only the caller may enter: what is kept there would come back into a file of theirs.
pub(crate) fn may_lead(from: &Owners, to: &Owners) -> bool {
    let writer = from.state.user;
    writer == to.state.user || from.state.is_root() || writer == from.caller.user
}

impl OwnerPolicy {
    pub(crate) fn of(owners: &Owners) -> Self {
        let is_given_away = owners.caller.is_root() && !owners.state.is_root();
        Self {
            new_owner: is_given_away.then_some(owners.state),
            trusted: [Some(owners.state), owners.live],
            sharing: owners.sharing,
        }
    }

    /// Whether a file has no other name and nobody else has put it there. One with another name, or of somebody else, may
    /// be anybody's: moved or linked here so that the caller reads it out or writes into it.
    pub(crate) fn owns(&self, meta: &Meta) -> bool {
        meta.links == 1 && self.trusts(meta)
    }

    /// Whether what is in this file is believed. One of the caller's own is not, in a folder of somebody else's: it was moved
    /// there. In a shared folder that may be true of anybody's, but for those that all members may read and write.
    pub(crate) fn trusts(&self, meta: &Meta) -> bool {
        let mut trusted = self.trusted.iter().flatten();
        let is_owners = trusted.any(|trusted| trusted.user == meta.owner.user);
        match self.sharing {
            Sharing::Private => is_owners,
            Sharing::With(group) => meta.permission().is_open_to(group),
            Sharing::Ending { group, swept } => {
                meta.permission().is_open_to(group) || swept && is_owners
            }
        }
    }

    /// With whom the folder is shared.
    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Who is given what is created.
    pub(crate) fn new_owner(&self) -> NewOwner {
        NewOwner {
            owner: self.new_owner,
            group: self.sharing.group(),
        }
    }
}

/// Who is given a new state folder: root keeps for a user what belongs to the user.
pub(crate) fn owner_of_new(caller: Owner, live: Option<Owner>) -> Option<Owner> {
    live.filter(|live| caller.is_root() && !live.is_root())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: u32 = 0;
    const ALICE: u32 = 1001;
    const BOB: u32 = 1002;

    fn owner(user: u32) -> Owner {
        Owner { user, group: user }
    }

    fn check(caller: u32, state: u32, live: Option<u32>, around: u32, expected: bool) {
        let owners = Owners {
            caller: owner(caller),
            state: owner(state),
            live: live.map(owner),
            around: owner(around),
            shared: false,
            sharing: Sharing::Private,
            around_is_groups: false,
        };
        assert_eq!(
            is_believed(&owners, Provenance::Caller),
            expected,
            "{owners:?}"
        );
        let shared = Owners {
            shared: true,
            ..owners
        };
        assert!(
            expected || !is_believed(&shared, Provenance::Caller),
            "{shared:?}"
        );
    }

    #[test]
    fn whose_state_folder_is_believed() {
        check(ALICE, ALICE, Some(ALICE), ALICE, true);
        check(ALICE, ALICE, Some(ALICE), ROOT, true);
        check(ALICE, BOB, Some(ALICE), ROOT, false); // in `/tmp`, say
        check(ALICE, BOB, Some(ALICE), BOB, false); // Bob would read what she keeps
        check(ALICE, BOB, Some(BOB), BOB, true);
        check(ALICE, ROOT, None, ROOT, true);
        check(ALICE, BOB, None, ROOT, false);
        check(ALICE, BOB, None, BOB, true);
        // Root for others.
        check(ROOT, ALICE, Some(ALICE), ALICE, true);
        check(ROOT, ALICE, Some(ALICE), ROOT, true);
        check(ROOT, ROOT, Some(ALICE), ROOT, true); // in `/etc`, say
        check(ROOT, ROOT, Some(ROOT), ALICE, true);
        check(ROOT, ROOT, Some(ALICE), ALICE, false); // moved there, perhaps
        check(ROOT, ALICE, Some(ROOT), ALICE, false);
        check(ROOT, ALICE, Some(BOB), ALICE, false);
        check(ROOT, BOB, Some(ALICE), ROOT, false);
        // A file that is gone.
        check(ROOT, ALICE, None, ROOT, true); // who but root gave it to her?
        check(ROOT, ALICE, None, ALICE, false);
    }

    #[test]
    fn a_state_folder_leads_to_what_its_owner_may_enter() {
        let owners = |caller, state| Owners {
            caller: owner(caller),
            state: owner(state),
            live: Some(owner(state)),
            around: owner(state),
            shared: false,
            sharing: Sharing::Private,
            around_is_groups: false,
        };
        for (caller, from, to, expected) in [
            (ALICE, ALICE, ALICE, true),
            (ALICE, ALICE, ROOT, true), // by her own word
            (ALICE, ROOT, BOB, true),
            (ROOT, ROOT, ALICE, true),
            (ROOT, ALICE, ALICE, true),
            (ROOT, ALICE, ROOT, false),
            (ROOT, ALICE, BOB, false),
            (BOB, ALICE, BOB, false),
            (BOB, ALICE, ALICE, true),
        ] {
            let leads = may_lead(&owners(caller, from), &owners(caller, to));
            assert_eq!(leads, expected, "{caller}: {from} to {to}");
        }
    }

    #[test]
    fn what_is_kept_by_somebody_comes_back_for_them_alone() {
        let owners = |around, shared| Owners {
            caller: owner(ROOT),
            state: owner(ALICE),
            live: None,
            around: owner(around),
            shared,
            sharing: Sharing::Private,
            around_is_groups: false,
        };
        for (around, shared, new) in [
            (ROOT, false, true),
            (ROOT, true, false),
            (ALICE, false, false),
            (BOB, false, false),
        ] {
            let owners = owners(around, shared);
            assert!(is_believed(&owners, Provenance::History), "{owners:?}");
            assert_eq!(is_believed(&owners, Provenance::Caller), new, "{owners:?}");
        }
    }

    #[test]
    fn a_shared_folder_is_believed_whoever_of_the_group_has_made_it() {
        let check = |caller, state, live: Option<u32>, sharing, around_is_groups, expected| {
            let owners = Owners {
                caller: owner(caller),
                state: owner(state),
                live: live.map(owner),
                around: owner(ROOT),
                shared: true,
                sharing,
                around_is_groups,
            };
            let found = is_believed(&owners, Provenance::Caller);
            assert_eq!(found, expected, "{owners:?}");
        };
        let with = Sharing::With(2001);
        let ending = Sharing::Ending {
            group: 2001,
            swept: false,
        };
        check(BOB, ALICE, Some(ALICE), with, true, true);
        check(BOB, ALICE, Some(BOB), with, true, true);
        check(ALICE, ALICE, Some(BOB), with, true, true);
        check(ROOT, ALICE, Some(BOB), with, true, true);
        check(BOB, ALICE, Some(BOB), ending, true, false);
        check(ROOT, ALICE, Some(BOB), ending, true, false);
        // The file is gone: root's new one would be told to whoever made the folder.
        check(BOB, ALICE, None, with, true, true);
        check(BOB, ALICE, None, with, false, false);
        check(ROOT, ALICE, None, with, true, false);
    }

    #[cfg(unix)]
    #[test]
    fn in_a_shared_folder_only_what_all_members_may_read_and_write_is_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = std::fs::File::create(folder.path().join("file")).expect("a file");
        let mut meta = crate::sys::meta_of(&file).expect("known");
        let policy = |sharing| OwnerPolicy {
            new_owner: None,
            trusted: [Some(owner(ALICE)), None],
            sharing,
        };
        let ending = |swept| Sharing::Ending { group: 2001, swept };
        for (user, mode, group, shared, swept) in [
            (ALICE, 0o660, 2001, true, true),
            (BOB, 0o660, 2001, true, true),
            (BOB, 0o664, 2001, true, true),
            // Private ones, moved there by a member, who would have it copied to where they can read it.
            (ALICE, 0o600, 2001, false, true),
            (ALICE, 0o640, 2001, false, true),
            (ALICE, 0o660, 2002, false, true),
            (ROOT, 0o640, 2001, false, false),
            (BOB, 0o600, 2001, false, false),
            (BOB, 0o666, 2002, false, false),
        ] {
            meta.mode = mode;
            meta.owner = Owner { user, group };
            let found = [
                Sharing::With(2001),
                ending(false),
                ending(true),
                Sharing::Private,
            ]
            .map(|sharing| policy(sharing).owns(&meta));
            let expected = [shared, shared, swept, user == ALICE];
            assert_eq!(found, expected, "{user} {mode:o} {group}");
        }
        meta.links = 2;
        assert!(!policy(Sharing::With(2001)).owns(&meta));
    }
}
