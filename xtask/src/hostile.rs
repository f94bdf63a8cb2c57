//! The proof that who may write into a folder can't turn it against somebody with more rights.

use crate::cargo::{build_proofs, proof, run as command};
use crate::outcome::Outcome;

/// A sample, or everything. It is a test target of persist-cli, which runs the sample under `cargo test`, too.
pub(crate) fn run(full: bool) -> Outcome {
    if !is_root() {
        return Outcome::Skipped("needs Linux, and root to be several users".into());
    }
    let built = build_proofs();
    if built != Outcome::Passed {
        return built;
    }
    let mut test = proof(&["hostile"]);
    test.arg("--nocapture");
    if full {
        test.env("PERSIST_HOSTILE", "full");
    } else {
        test.env_remove("PERSIST_HOSTILE");
    }
    command(&mut test)
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}
