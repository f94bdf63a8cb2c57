//! Whose a state folder is, decided from owners alone.
//!
//! What is kept about a file is as private as the file: it belongs to the file's owner. Whoever owns the file may have made
//! the state folder, and whoever owns the folder around it as long as there is no file; anybody else may not. None of them
//! may be given what they could not read by themselves, when root or another user saves for them.

use crate::sys::{Meta, Owner};

/// What an operation knows of owners.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owners {
    pub(crate) caller: Owner,
    pub(crate) state: Owner,
    /// `None` where there is no live file.
    pub(crate) live: Option<Owner>,
    /// Of the folder that the state folder is in.
    pub(crate) around: Owner,
    /// May others than its owner write in that folder?
    pub(crate) shared: bool,
}

/// Who gets what is created in a folder, and whose files in it are believed unread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeper {
    heir: Option<Owner>,
    trusted: [Option<Owner>; 3],
}

/// What becomes of a state folder that is there.
#[derive(Debug)]
pub(crate) enum Verdict {
    Keep,
    /// Root gives it to the owner of the file, so that its former owner can't read what is kept from now on.
    GiveTo(Owner),
    /// Not to be used; why, in words.
    Refuse(&'static str),
}

#[cfg(unix)]
pub(crate) fn judge(owners: &Owners) -> Verdict {
    let Owners {
        caller,
        state,
        live,
        around,
        shared,
    } = *owners;
    // Where there is no file, it will be theirs who own the folder around. Root can take from them what is not theirs.
    let theirs = live.filter(|_| !caller.is_root()).unwrap_or(around).user;
    let live_user = live.map_or(theirs, |live| live.user);
    // In a folder where only root may write, root has given it to whose the file was, which is gone.
    let roots_gift = caller.is_root() && live.is_none() && around.is_root() && !shared;
    if !roots_gift && ![0, caller.user, theirs, live_user].contains(&state.user) {
        return Verdict::Refuse("use, because it belongs to somebody else,");
    }
    if !caller.is_root() {
        return Verdict::Keep;
    }
    match live {
        // Whoever owns the folder around it could have renamed it from beside another file.
        Some(live) if state.is_root() && !around.is_root() && !live.is_root() => Verdict::Refuse(
            "use, because it belongs to root and the file does not (give it to the owner of the file),",
        ),
        Some(live) if !state.is_root() && state.user != live.user => Verdict::GiveTo(live),
        _ => Verdict::Keep,
    }
}

/// Access lists are inherited; whose the folder is says little.
#[cfg(windows)]
pub(crate) fn judge(_owners: &Owners) -> Verdict {
    Verdict::Keep
}

#[cfg(unix)]
impl Keeper {
    pub(crate) fn of(owners: &Owners) -> Self {
        let caller = Some(owners.caller).filter(|caller| !caller.is_root());
        let heir = owners.caller.is_root() && !owners.state.is_root();
        Self {
            heir: heir.then_some(owners.state),
            trusted: [Some(owners.state), owners.live, caller],
        }
    }

    /// Whether a file has no other name and nobody else has put it there. One with another name, or of somebody else, may
    /// be anybody's: moved or linked here so that the caller reads it out or writes into it.
    pub(crate) fn owns(&self, meta: &Meta) -> bool {
        let mut trusted = self.trusted.iter().flatten();
        meta.links == 1 && trusted.any(|owner| owner.user == meta.owner.user)
    }
}

#[cfg(windows)]
impl Keeper {
    pub(crate) fn of(_owners: &Owners) -> Self {
        Self {
            heir: None,
            trusted: [None; 3],
        }
    }

    /// Whether a file has no other name.
    pub(crate) fn owns(&self, meta: &Meta) -> bool {
        meta.links == 1
    }
}

impl Keeper {
    /// Who is given what root creates.
    pub(crate) fn heir(&self) -> Option<Owner> {
        self.heir
    }
}

/// Who is given a new state folder: root keeps for a user what belongs to the user.
#[cfg(unix)]
pub(crate) fn heir_of_new(caller: Owner, live: Option<Owner>) -> Option<Owner> {
    live.filter(|live| caller.is_root() && !live.is_root())
}

#[cfg(windows)]
pub(crate) fn heir_of_new(_caller: Owner, _live: Option<Owner>) -> Option<Owner> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const ROOT: u32 = 0;
    const ALICE: u32 = 1001;
    const BOB: u32 = 1002;

    fn owner(user: u32) -> Owner {
        Owner { user, group: user }
    }

    fn check(caller: u32, state: u32, live: Option<u32>, around: u32, expected: &str) {
        for shared in [false, true] {
            check_in(shared, caller, state, live, around, expected);
        }
    }

    fn check_in(
        shared: bool,
        caller: u32,
        state: u32,
        live: Option<u32>,
        around: u32,
        expected: &str,
    ) {
        let owners = Owners {
            caller: owner(caller),
            state: owner(state),
            live: live.map(owner),
            around: owner(around),
            shared,
        };
        let said = match judge(&owners) {
            Verdict::Keep => "keep".to_owned(),
            Verdict::GiveTo(heir) => format!("give {}", heir.user),
            Verdict::Refuse(_) => "refuse".to_owned(),
        };
        assert_eq!(said, expected, "{owners:?}");
    }

    #[test]
    fn whose_state_folder_is_used() {
        check(ALICE, ALICE, Some(ALICE), ALICE, "keep");
        check(ALICE, ALICE, Some(ALICE), ROOT, "keep");
        check(ALICE, BOB, Some(ALICE), ROOT, "refuse"); // in `/tmp`, say
        check(ALICE, BOB, Some(BOB), BOB, "keep");
        check(ALICE, ROOT, None, ROOT, "keep");
        check(ALICE, BOB, None, ROOT, "refuse");
        check(ALICE, BOB, Some(ALICE), BOB, "refuse"); // Bob would read what she keeps
        check(ALICE, BOB, None, BOB, "keep");
        // Root for others.
        check(ROOT, ALICE, Some(ALICE), ALICE, "keep");
        check(ROOT, ROOT, Some(ALICE), ROOT, "keep"); // in `/etc`, say
        check(ROOT, ROOT, Some(ROOT), ALICE, "keep");
        check(ROOT, ROOT, Some(ALICE), ALICE, "refuse"); // moved there, perhaps
        check(ROOT, ALICE, Some(ROOT), ALICE, "give 0");
        check(ROOT, ALICE, Some(BOB), ALICE, "give 1002");
        check(ROOT, BOB, Some(ALICE), ROOT, "refuse");
        check(ROOT, ALICE, None, ALICE, "keep");
        check(ROOT, BOB, None, ALICE, "refuse");
        check_in(false, ROOT, ALICE, None, ROOT, "keep"); // her file in `/etc` was removed
        check_in(true, ROOT, ALICE, None, ROOT, "refuse"); // in `/tmp`, she could have made it
    }
}
