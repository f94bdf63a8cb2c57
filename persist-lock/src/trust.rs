//! Whether a file that was come upon, rather than named, can be believed: whose it is, and who else could have written it.
//!
//! A program that looks for a file in folder after folder comes through `/tmp`, or a folder that several people share, where
//! anybody may have put one for it to find. git had to learn that (CVE-2022-24765). What is believed:
//!
//! - A regular file that belongs to us, to root, or to the owner of the file that all this is about. Not if everybody
//!   may write to it, nor if a group may that is not our effective one.
//! - Through symbolic links only if each belongs to us, to root, or to the owner of the file that they lead to.
//!
//! The open file is judged, not its name, so that what was judged is what is read. Opening never waits for the other end of a
//! FIFO. On Windows no safe interface tells whose a file is: there every regular file is believed.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::at::At;
use crate::error::Error;
use crate::folder::Folder;
use crate::sys::{self, Access, Meta, Owner};
use crate::target::Target;

/// What has the name that was looked for.
#[derive(Debug)]
pub enum Found {
    /// A file that can be believed, open for reading.
    Trusted(File),
    /// Something that can't.
    Untrusted(Distrust),
}

/// Why a file is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// Its owner is somebody else.
    #[error("it belongs to user {uid}, who is neither you nor root nor the owner of the file")]
    Owner {
        /// The owner.
        uid: u32,
    },
    /// Everybody may write to it.
    #[error("anyone can write to it")]
    Everybody,
    /// A group may write to it that is not the caller's.
    #[error("group {gid}, which you are not in, can write to it")]
    Group {
        /// The group.
        gid: u32,
    },
    /// It is behind a link of somebody else's.
    #[error(
        "a symbolic link in its path belongs to neither you nor root nor the owner of what it points to"
    )]
    Link,
    /// It is a folder, a FIFO, a socket or a device.
    #[error("it is not a regular file")]
    NotRegular,
}

/// Opens what has the name `path`, if anything has and it can be believed; `about` is the file that all this is about.
///
/// What lies in a folder that may not be searched is as good as not there.
///
/// # Errors
/// As the operating system says, for a file that would be believed: not readable, say, or a link that leads nowhere.
pub fn open_trusted(path: &Path, about: Option<&Path>) -> Result<Option<Found>, Error> {
    let (target, folder) = match Target::resolve_open(path) {
        Ok(found) => found,
        Err(Error::ForeignLink { .. }) => return Ok(Some(Found::Untrusted(Distrust::Link))),
        Err(Error::NotRegular { .. } | Error::SymlinkLoop { .. }) => {
            return Ok(Some(Found::Untrusted(Distrust::NotRegular)));
        }
        Err(Error::ParentMissing { .. }) => return Ok(None),
        Err(Error::Io { source, .. }) if is_out_of_sight(&source) => return Ok(None),
        Err(error) => return Err(error),
    };
    let at = At::new(&folder, target.name());
    let about = about.and_then(|about| owner(about).ok().flatten());
    match at.open_known(Access::Read) {
        Ok((file, meta)) => {
            let why = distrust(&meta, about);
            Ok(Some(why.map_or(Found::Trusted(file), Found::Untrusted)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && target.link().is_none() => {
            Ok(None)
        }
        // Not open, so that nothing of it will be read: by its name it can be judged.
        Err(error) => {
            let meta = at.look().map_err(Error::io("examine", path))?;
            let why = meta.and_then(|meta| distrust(&meta, about));
            match why {
                Some(distrust) => Ok(Some(Found::Untrusted(distrust))),
                None => Err(Error::io("read", path)(error)),
            }
        }
    }
}

/// Why a file that was come upon is not believed, if it is not; `about` owns the file that it says something about.
fn distrust(file: &Meta, about: Option<Owner>) -> Option<Distrust> {
    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    let Owner { user, group } = file.owner;
    let mode = file.permission().mode;
    let caller = Owner::caller();
    let is_known = [0, caller.user].contains(&user);
    if !is_known && about.is_none_or(|about| about.user != user) {
        return Some(Distrust::Owner { uid: user });
    }
    if mode & OTHERS_WRITE != 0 {
        return Some(Distrust::Everybody);
    }
    let by_others = mode & GROUP_WRITES != 0 && group != caller.group;
    by_others.then_some(Distrust::Group { gid: group })
}

fn is_out_of_sight(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory
    )
}

fn owner(path: &Path) -> Result<Option<Owner>, Error> {
    let (target, folder) = Target::resolve_open(path)?;
    let at = At::new(&folder, target.name());
    let meta = at.look().map_err(Error::io("examine", path))?;
    Ok(meta.map(|meta| meta.owner))
}

/// Whether another folder is on the same mount: who mounts something elsewhere has no say here.
pub fn same_mount(folder: &Folder, other: &Path) -> bool {
    Folder::open(other).is_ok_and(|other| sys::same_mount(folder.dir(), other.dir()))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// What is found at `name` in a folder that `make` has filled.
    fn found(name: &str, make: impl Fn(&Path)) -> Result<Option<Found>, Error> {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        open_trusted(&folder.path().join(name), None)
    }

    fn file(folder: &Path, mode: u32) {
        let path = folder.join("a");
        fs::write(&path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn ones_own_file_also_through_links() {
        let linked = |folder: &Path| {
            file(folder, 0o644);
            symlink("a", folder.join("b")).unwrap();
            symlink("b", folder.join("c")).unwrap();
        };
        for name in ["a", "b", "c"] {
            let found = found(name, linked).unwrap();
            assert!(
                matches!(found, Some(Found::Trusted(_))),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn what_others_can_write_and_what_is_no_file() {
        let found = |make: &dyn Fn(&Path)| match found("a", make) {
            Ok(Some(Found::Untrusted(why))) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(found(&|folder| file(folder, 0o646)), Distrust::Everybody);
        let made = |folder: &Path| fs::create_dir(folder.join("a")).unwrap();
        assert_eq!(found(&made), Distrust::NotRegular);
        let listens = |folder: &Path| {
            std::os::unix::net::UnixListener::bind(folder.join("a")).unwrap();
        };
        assert_eq!(found(&listens), Distrust::NotRegular);
    }

    #[test]
    fn nothing_and_links_to_nothing() {
        assert!(matches!(found("a", |_| ()), Ok(None)));
        assert!(matches!(
            found("a/b", |folder| file(folder, 0o644)),
            Ok(None)
        ));
        let linked = |folder: &Path| symlink("nothing", folder.join("a")).unwrap();
        assert!(found("a", linked).is_err());
        let circle = |folder: &Path| symlink("a", folder.join("a")).unwrap();
        assert!(matches!(
            found("a", circle),
            Ok(Some(Found::Untrusted(Distrust::NotRegular)))
        ));
    }

    #[test]
    fn what_is_believed_by_owner_and_mode() {
        let file = tempfile::tempfile().unwrap();
        let meta = sys::meta_of(&file).unwrap();
        let caller = Owner::caller();
        let [alice, bob] = [1, 2].map(|number| Owner {
            user: caller.user + number,
            group: caller.group + number,
        });
        let check = |owner: Owner, mode, about: Option<Owner>, expected: Option<Distrust>| {
            let meta = Meta {
                owner,
                mode,
                ..meta.clone()
            };
            assert_eq!(distrust(&meta, about), expected, "{owner:?} {mode:o}");
        };
        let others = Some(Distrust::Owner { uid: alice.user });
        check(caller, 0o644, None, None);
        check(alice, 0o644, None, others.clone());
        check(alice, 0o600, Some(bob), others);
        check(alice, 0o644, Some(alice), None);
        let root = Owner { user: 0, ..alice };
        check(root, 0o644, None, None);
        check(caller, 0o646, None, Some(Distrust::Everybody));
        check(caller, 0o664, None, None);
        let of_group = Owner {
            group: alice.group,
            ..caller
        };
        let gid = alice.group;
        check(of_group, 0o664, None, Some(Distrust::Group { gid }));
        check(of_group, 0o644, None, None);
    }
}
