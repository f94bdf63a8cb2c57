//! Tools that a proof needs, from the system's packages.

use std::process::{Command, Stdio};

use crate::cargo::installed;

/// Makes sure that `program` is there, installing Debian's `package` if we may. The error says what is missing.
pub(crate) fn ensure(program: &str, package: &str) -> Result<(), String> {
    ensure_that(program, &[package], || installed(program))
}

/// Makes sure that something is there, as `ready` finds it, from the newest of these packages.
///
/// The lists of packages that come with an image may be older than what is asked for, so they are brought up to date
/// where what they led to is not ready.
pub(crate) fn ensure_that(
    what: &str,
    packages: &[&str],
    ready: impl Fn() -> bool,
) -> Result<(), String> {
    if ready() {
        return Ok(());
    }
    if !installed("apt-get") {
        return Err(format!("{what} is not installed"));
    }
    let packages = packages.join(" ");
    println!("installing {packages} for {what}");
    let install = || {
        let options = ["install", "-y", "-qq", "--no-install-recommends"];
        apt(options.into_iter().chain(packages.split(' '))) && ready()
    };
    if install() || (apt(["update", "-qq"]) && install()) {
        return Ok(());
    }
    Err(format!(
        "{what} is not installed and apt-get install {packages} did not bring it (as root?)"
    ))
}

fn apt<'a>(args: impl IntoIterator<Item = &'a str>) -> bool {
    let mut command = Command::new("apt-get");
    command
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
