//! Builds for systems that this machine is not, with a `std` of our own making.
//!
//! Debian's compiler, because it comes with the sources of `std`; a released one is asked for the unstable
//! `-Zbuild-std` by `RUSTC_BOOTSTRAP`.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::Package;

use crate::apt;
use crate::cargo;
use crate::workspace::Workspace;

/// What must be there, and the package that brings it.
const TOOLS: [(&str, &str); 2] = [
    ("/usr/bin/rustc", "rustc-web"),
    (
        "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
        "rust-web-src",
    ),
];

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
        for (file, package) in TOOLS {
            apt::ensure(file, package)?;
        }
        let target_dir = workspace.metadata.target_directory.as_std_path();
        Ok(Self {
            target,
            target_dir: target_dir.join("buildstd"),
        })
    }

    pub(crate) fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    pub(crate) fn cargo(&self, what: &str, package: &Package) -> Command {
        let mut command = cargo::cargo(&[
            what,
            "-Zbuild-std=std,panic_abort,panic_unwind,test",
            "--target",
            self.target,
            "--package",
            &package.name,
        ]);
        command
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTDOC", "/usr/bin/rustdoc")
            .env("RUSTC_BOOTSTRAP", "1");
        command
    }
}

/// Every crate that others use.
pub(crate) fn crates(workspace: &Workspace) -> Vec<&Package> {
    let mut members = workspace.members();
    members.retain(|package| package.name.as_str() != NOT_BUILT);
    members
}
