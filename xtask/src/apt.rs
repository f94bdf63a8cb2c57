//! Tools that a proof needs, from the system's packages.

use std::process::{Command, Stdio};

use crate::cargo::installed;

/// Makes sure that `program` is there, installing Debian's `package` if we may. The error says what is missing.
pub(crate) fn ensure(program: &str, package: &str) -> Result<(), String> {
    if installed(program) {
        return Ok(());
    }
    if !installed("apt-get") {
        return Err(format!("{program} is not installed"));
    }
    println!("installing {package} for {program}");
    let install = || apt(&["install", "-y", "-qq", "--no-install-recommends", package]);
    if install() || (apt(&["update", "-qq"]) && install()) {
        return Ok(());
    }
    Err(format!(
        "{program} is not installed and apt-get install {package} failed (as root?)"
    ))
}

fn apt(args: &[&str]) -> bool {
    let mut command = Command::new("apt-get");
    command
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
