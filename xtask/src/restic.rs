//! What restic keeps of random histories, asked again and compared with what our tests compare with.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::apt;
use crate::cargo::{cargo, run as command};
use crate::outcome::Outcome;

/// Debian's own, for which there is a package of the library that the script needs.
const PYTHON: &str = "/usr/bin/python3";

/// The histories in the repository must be what the script makes with the restic of this system; then our plans must be equal.
pub(crate) fn run() -> Outcome {
    if let Err(missing) = tools() {
        return Outcome::Skipped(missing);
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persist-backup/tests/restic");
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/restic");
    // Of a run before, if there was one.
    drop(fs::remove_dir_all(&made));
    if let Err(error) = fs::create_dir_all(&made) {
        return Outcome::Failed(format!("cannot create {}: {error}", made.display()));
    }
    let (repository, histories) = (made.join("repository"), made.join("histories.txt"));
    let mut make = Command::new(PYTHON);
    make.arg(tests.join("make.py"))
        .args([&repository, &histories]);
    let outcome = command(&mut make);
    if outcome != Outcome::Passed {
        return outcome;
    }
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    if text(&histories) != text(&tests.join("histories.txt")) {
        return Outcome::Failed(format!(
            "persist-backup/tests/restic/histories.txt differs from {}; copy it if that is right",
            histories.display()
        ));
    }
    println!(
        "{} histories: restic keeps what it kept",
        text(&histories).lines().count()
    );
    command(
        cargo(&["test", "--quiet", "--package", "persist-backup", "restic"]).stdin(Stdio::null()),
    )
}

fn tools() -> Result<(), String> {
    apt::ensure("restic", "restic")?;
    let has = || {
        let mut ask = Command::new(PYTHON);
        ask.args(["-c", "import cryptography"])
            .stderr(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    };
    apt::ensure_that("Python's cryptography", &["python3-cryptography"], has)?;
    let version = Command::new("restic").arg("version").output();
    let version = version.map_err(|error| format!("restic cannot be run: {error}"))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    match keeps_oldest(&version) {
        false => Ok(()),
        true => Err(format!(
            "{version}: from 0.16 on it also keeps the oldest of all until a count is used up, which we don't"
        )),
    }
}

/// By what `restic version` prints: `restic 0.14.0 compiled with …`. A version that can't be read is asked.
fn keeps_oldest(version: &str) -> bool {
    let number = version.split(' ').nth(1).unwrap_or_default();
    let mut parts = number.split('.').filter_map(|part| part.parse().ok());
    let parts: (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    parts >= (0, 16)
}

#[cfg(test)]
mod tests {
    use super::keeps_oldest;

    #[test]
    fn versions_are_told_apart() {
        for (version, expected) in [
            ("restic 0.14.0 compiled with go1.19.8 on linux/amd64", false),
            ("restic 0.16.4 compiled with go1.22.2 on linux/amd64", true),
            ("restic 1.0.0", true),
            ("restic", false),
        ] {
            assert_eq!(keeps_oldest(version), expected, "{version}");
        }
    }
}
