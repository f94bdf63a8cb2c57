//! Builds for systems that this machine is not, with a `std` of our own making.
//!
//! Debian's compiler, because it comes with the sources of `std`; a released one is asked for the unstable
//! `-Zbuild-std` by `RUSTC_BOOTSTRAP`. All crates are built by one command, with the features of the tests, so that
//! whatever they share is built once.

use std::path::{Path, PathBuf};
use std::process::Command;

use semver::Version;

use crate::apt;
use crate::cargo::{self, OPTIONAL};
use crate::workspace::Workspace;

const RUSTC: &str = "/usr/bin/rustc";
const RUSTDOC: &str = "/usr/bin/rustdoc";
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// The packages that bring them, always of the same version.
const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// Tools of this repository, which only run where they are developed.
const NOT_BUILT: &str = "xtask";

/// One system to build for.
pub(crate) struct Builder {
    target: &'static str,
    target_dir: PathBuf,
}

impl Builder {
    /// A target folder of our own leaves other builds alone.
    pub(crate) fn new(workspace: &Workspace, target: &'static str) -> Result<Self, String> {
        let oldest = oldest()?;
        apt::ensure_that(
            &format!("a Rust from {oldest} on with the sources of std"),
            &PACKAGES,
            || Path::new(SOURCES).exists() && version().is_some_and(|version| version >= oldest),
        )?;
        let target_dir = workspace.metadata.target_directory.as_std_path();
        Ok(Self {
            target,
            target_dir: target_dir.join("buildstd"),
        })
    }

    pub(crate) fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    /// A `cargo` command for every crate that others use.
    pub(crate) fn cargo(&self, what: &str) -> Command {
        let mut command = cargo::cargo(&[
            what,
            "-Zbuild-std=std,panic_abort,panic_unwind,test",
            "--target",
            self.target,
            "--workspace",
            "--exclude",
            NOT_BUILT,
            "--features",
            OPTIONAL,
        ]);
        command
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUSTC", RUSTC)
            .env("RUSTDOC", RUSTDOC)
            .env("RUSTC_BOOTSTRAP", "1");
        command
    }
}

/// The oldest compiler that the workspace is for.
fn oldest() -> Result<Version, String> {
    let declared = env!("CARGO_PKG_RUST_VERSION");
    let missing = 2usize.saturating_sub(declared.matches('.').count());
    let full = format!("{declared}{}", ".0".repeat(missing));
    Version::parse(&full).map_err(|error| format!("{declared}: {error}"))
}

/// Of Debian's compiler, if it is there.
fn version() -> Option<Version> {
    let output = Command::new(RUSTC).arg("--version").output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    said.split(' ').nth(1).and_then(|word| word.parse().ok())
}
