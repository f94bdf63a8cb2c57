//! What must not have happened.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::canary::WORD;
use crate::run::{MEMORY, Ran};
use crate::tree;
use crate::user::ATTACKER;
use crate::world::World;

pub(crate) const HANG: &str = "hang";
pub(crate) const MEMORY_USED: &str = "memory";
pub(crate) const PANIC: &str = "panic";
pub(crate) const KILLED: &str = "killed by a signal";
pub(crate) const SHOWN: &str = "canary shown";
pub(crate) const OUTSIDE: &str = "changed outside";
pub(crate) const LEAK: &str = "canary readable by the attacker";
pub(crate) const SET_ID: &str = "set-id file";
pub(crate) const GIVEN: &str = "moved file given away";

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    pub(crate) detail: String,
}

fn finding(what: &'static str, detail: impl Into<String>) -> Finding {
    let detail = detail.into();
    Finding { what, detail }
}

/// Of the process itself.
pub(crate) fn ran(ran: &Ran) -> Vec<Finding> {
    let mut findings = Vec::new();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    let last = stderr.lines().last().unwrap_or_default();
    if ran.hung {
        findings.push(finding(HANG, "killed after the time limit"));
    }
    let refused = [
        "memory allocation of",
        "annot allocate memory",
        "out of memory",
    ];
    if ran.memory > MEMORY || refused.iter().any(|words| stderr.contains(words)) {
        findings.push(finding(MEMORY_USED, format!("{} KiB; {last}", ran.memory)));
    }
    if ran.code == Some(101) || stderr.contains("panicked at") {
        findings.push(finding(PANIC, last));
    }
    if let Some(signal) = ran.signal {
        findings.push(finding(KILLED, format!("signal {signal}; {last}")));
    }
    for (name, bytes) in [("output", &ran.stdout), ("error output", &ran.stderr)] {
        if let Some(line) = line_with_word(bytes) {
            findings.push(finding(SHOWN, format!("in the {name}: {line}")));
        }
    }
    findings
}

/// Of a change that was seen.
pub(crate) fn outside(change: String) -> Finding {
    finding(OUTSIDE, change)
}

/// Of what is in the attacker's tree, but for what was planted and for further names of canaries.
pub(crate) fn inside(world: &World, planted: Option<(u64, u64)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let top = world.attackers();
    let canaries = crate::snapshot::inodes(&world.canaries());
    for (path, meta) in tree::walk(&top) {
        let inode = (meta.dev(), meta.ino());
        if !meta.is_file() || planted == Some(inode) || canaries.contains(&inode) {
            continue;
        }
        let name = path.strip_prefix(&top).unwrap().display();
        let owner = meta.uid();
        if meta.mode() & 0o6000 != 0 && owner != ATTACKER {
            let mode = meta.mode();
            findings.push(finding(SET_ID, format!("{name}: {mode:o} of {owner}")));
        }
        let group = meta.gid() == ATTACKER && meta.mode() & 0o040 != 0;
        let readable = owner == ATTACKER || group || meta.mode() & 0o004 != 0;
        if readable && let Some(line) = fs::read(&path).ok().and_then(|b| line_with_word(&b)) {
            findings.push(finding(LEAK, format!("{name}: {line}")));
        }
    }
    findings
}

/// Of a file of the actor's that the attacker had moved there.
pub(crate) fn moved(before: (u32, u32), now: (u32, u32)) -> Option<Finding> {
    let told = || {
        let ((owner, mode), (new_owner, new_mode)) = (before, now);
        format!("{owner} {mode:o} -> {new_owner} {new_mode:o}")
    };
    let given = before.0 != now.0 || now.1 & 0o077 & !before.1 != 0;
    given.then(|| finding(GIVEN, told()))
}

/// The first line with the canaries' word in it, not too long.
fn line_with_word(bytes: &[u8]) -> Option<String> {
    let has = |line: &&[u8]| line.windows(WORD.len()).any(|w| w == WORD.as_bytes());
    let line = bytes.split(|byte| *byte == b'\n').find(has)?;
    Some(String::from_utf8_lossy(line).chars().take(160).collect())
}
