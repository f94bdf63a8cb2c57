//! Every message says which file, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use persist_lock::{Error, FileLock, Kept, Kind, ReadOnly, Wait};

fn os() -> io::Error {
    io::Error::other("the system's word")
}

#[test]
fn messages() {
    let path = || PathBuf::from("app.toml");
    let read_only = |cause| Error::ReadOnly {
        path: path(),
        cause,
        source: None,
    };
    let errors = [
        Error::NotRegular {
            path: path(),
            kind: Kind::Fifo,
        },
        Error::SymlinkLoop { path: path() },
        Error::ParentMissing {
            path: "conf".into(),
        },
        read_only(ReadOnly::Protected),
        read_only(ReadOnly::File),
        read_only(ReadOnly::Folder),
        read_only(ReadOnly::FileSystem),
        read_only(ReadOnly::Immutable),
        read_only(ReadOnly::AppendOnly),
        read_only(ReadOnly::Refused),
        Error::NotOffered {
            op: "create",
            path: path(),
            source: os(),
        },
        Error::Busy {
            path: path(),
            source: os(),
        },
        Error::InUse {
            path: path(),
            source: os(),
        },
        Error::Sticky {
            path: path(),
            source: os(),
        },
        Error::NotKept {
            path: path(),
            what: Kept::Owner,
            source: os(),
        },
        Error::HardLinked {
            path: path(),
            links: 2,
        },
        Error::ForeignName { path: path() },
        Error::Timeout {
            path: path(),
            holder: None,
            waited: Duration::from_millis(1250),
        },
        Error::NotInherited { path: path() },
        Error::Lost { path: path() },
        Error::Unsupported {
            path: "lock".into(),
            source: os(),
        },
        Error::Changed { path: path() },
        Error::Rejected {
            path: path(),
            source: "no".into(),
        },
        Error::SyncFailed {
            path: path(),
            source: None,
        },
        Error::InPlaceNotDurable {
            path: path(),
            source: os(),
        },
        Error::BackupNotNamed {
            path: path(),
            kept: "stage".into(),
            backup: "backup".into(),
            source: os(),
        },
        Error::Io {
            op: "write the stage",
            path: path(),
            source: os(),
        },
    ];
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    app.toml is a named pipe, not a regular file
    the symbolic links from app.toml lead in a circle
    the folder conf does not exist: create it first
    app.toml is write-protected: make it writable
    app.toml can't be written by this user: save as its owner, or change its mode
    app.toml is a folder in which this user can't create files: save as its owner, or change its mode
    app.toml is on a read-only file system: remount it read-write, or keep the file elsewhere
    app.toml is immutable: clear that attribute first (chattr -i)
    app.toml is append-only: clear that attribute first (chattr -a)
    app.toml has permissions that would allow this, but the file system or a security module refuses it
    cannot create app.toml: its file system does not support this; keep the file on another one
    app.toml is a mount point and can't be replaced: mount its folder instead, or allow writing in place
    app.toml is in use by another program: close it there
    app.toml belongs to another user in a sticky folder and can't be replaced: change its owner or move it
    replacing app.toml would lose its owner: save as its owner, or allow writing in place
    app.toml has 2 names (hard links): allow splitting it from the others, or writing in place for all of them
    app.toml has other names (hard links), and other users can create links in its folder: save it by its name in another folder
    app.toml is locked (waited 1.2 s)
    the lock on app.toml is not inherited across fork: acquire it again
    the lock on app.toml was lost while it was held: acquire it again and reread the file
    the file system of lock does not support locks: move the state folder, or allow saving without a lock
    app.toml was changed by something else meanwhile: read it again
    the new content of app.toml was rejected by the caller's check
    the new content for app.toml may not have reached the disk: stage it again
    app.toml was changed, but a power cut could still undo it
    app.toml was changed, but its previous version is at stage instead of backup
    cannot write the stage app.toml
    ");
}

#[test]
fn the_cause_is_told_apart_from_the_message() {
    let error = Error::Busy {
        path: "app.toml".into(),
        source: os(),
    };
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("the system's word"));
    assert!(!error.to_string().contains("the system's word"));
}

#[test]
fn a_timeout_names_the_holder() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FileLock::beside(&folder.path().join("app.toml")).unwrap();
    let guard = lock.write(Wait::No).unwrap();
    let text = lock.read(Wait::No).unwrap_err().to_string();
    let holder = format!("app.toml is locked by process {} on ", std::process::id());
    assert!(text.contains(&holder), "{text}");
    drop(guard);
    // Readers leave no record, but the process is known.
    let guard = lock.read(Wait::No).unwrap();
    let text = lock.write(Wait::No).unwrap_err().to_string();
    let holder = format!(
        "app.toml is locked by process {} (waited",
        std::process::id()
    );
    assert!(text.contains(&holder), "{text}");
    drop(guard);
}
