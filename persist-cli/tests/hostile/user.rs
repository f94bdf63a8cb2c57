//! Who is who. Nobody of these needs an entry in `/etc/passwd`.

use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::geteuid;
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use rustix::{fs::Gid, fs::Uid};

pub(crate) const ROOT: u32 = 0;
/// Owns the folder.
pub(crate) const ATTACKER: u32 = 61001;
/// Has a file in it, or uses one.
pub(crate) const VICTIM: u32 = 61002;

/// Whether the proof can run; says so if not. Root of a container may not be able to be somebody else.
pub(crate) fn is_root(what: &str) -> bool {
    let several = || {
        let dir = tempfile::tempdir()?;
        lchown(dir.path(), Some(VICTIM), Some(ATTACKER))?;
        let mut command = Command::new("true");
        command.uid(ATTACKER).gid(ATTACKER).status()
    };
    let root = geteuid().is_root() && several().is_ok();
    if !root {
        println!("skipped: {what} needs root, to be several users");
    }
    root
}

/// Makes the calling thread, for good, one of that user without any other rights.
pub(crate) fn become_user(id: u32) {
    let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
    set_thread_groups(&[]).unwrap();
    set_thread_res_gid(gid, gid, gid).unwrap();
    set_thread_res_uid(uid, uid, uid).unwrap();
}
