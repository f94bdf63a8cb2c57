//! Edits of real documents against independent oracles, and what hostile text costs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::cargo::{build_proofs, proof, run as command};
use crate::outcome::Outcome;

/// Documents of each format, edits a document, nasty strings, damaged documents of each format, bytes of a large
/// document, nodes of a document that is merged: what a change waits for, and all.
const BOUNDED: [(&str, &str); 6] = [
    ("PERSIST_DOCS", "15"),
    ("PERSIST_CASES", "20"),
    ("PERSIST_STRINGS", "5000"),
    ("PERSIST_DAMAGED", "5000"),
    ("PERSIST_LARGE", "2000000"),
    ("PERSIST_NODES", "4"),
];
const FULL: [(&str, &str); 6] = [
    ("PERSIST_DOCS", "220"),
    ("PERSIST_CASES", "50"),
    ("PERSIST_STRINGS", "60000"),
    ("PERSIST_DAMAGED", "60000"),
    ("PERSIST_LARGE", "8000000"),
    ("PERSIST_NODES", "5"),
];

/// The storm and the bombs are test targets of persist-format of their own, because the one takes minutes unoptimised and the other judges
/// time. Sizes that the environment gives already win.
pub(crate) fn run(full: bool) -> Outcome {
    let built = build_proofs();
    if built != Outcome::Passed {
        return built;
    }
    let mut test = proof(&["bombs", "lossless"]);
    test.arg("--nocapture");
    for (name, value) in if full { FULL } else { BOUNDED } {
        if std::env::var_os(name).is_none() {
            test.env(name, value);
        }
    }
    if let Some(bin) = judged(&mut test)
        && full
        && !corpus(&bin)
    {
        println!("the packages with more documents could not be installed");
    }
    command(&mut test)
}

/// Lets tests ask a Python with `PyYAML`, the folder of whose programs this gives, if one can be set up.
pub(crate) fn judged(test: &mut Command) -> Option<PathBuf> {
    let bin = python();
    let Some(bin) = &bin else {
        println!("no Python with PyYAML could be set up: YAML goes without a third opinion");
        return None;
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(bin.clone()).chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(all) {
        test.env("PATH", path);
    }
    Some(bin.clone())
}

/// Published packages with much configuration in them, without what they need to run: their files are only read. A machine that has just been
/// set up has too few documents of YAML.
const PACKAGES: [&str; 1] = ["checkov==3.3.30"];

fn corpus(bin: &Path) -> bool {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/corpus");
    let mut pip = Command::new(bin.join("python3"));
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade"]);
    pip.args(["--no-deps", "--no-compile", "--target"])
        .arg(home)
        .args(PACKAGES);
    pip.status().is_ok_and(|status| status.success())
}

/// A Python of our own with `PyYAML` and `ruamel.yaml`, the folder of its programs.
fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python");
    let bin = home.join("bin");
    let ok = |command: &mut Command| command.status().is_ok_and(|s| s.success());
    let has_yaml = || {
        let mut ask = Command::new(bin.join("python3"));
        ok(ask
            .args(["-c", "import yaml, ruamel.yaml"])
            .stderr(std::process::Stdio::null()))
    };
    if has_yaml() {
        return Some(bin);
    }
    let can = || {
        let mut ask = Command::new("python3");
        ok(ask
            .args(["-c", "import ensurepip, venv"])
            .stderr(std::process::Stdio::null()))
    };
    if let Err(why) = apt::ensure_that("a Python of our own", &["python3-venv"], can) {
        println!("{why}");
    }
    ok(Command::new("python3").args(["-m", "venv"]).arg(&home)).then_some(())?;
    let mut pip = Command::new(bin.join("python3"));
    ok(pip.args(["-m", "pip", "install", "--quiet", "PyYAML", "ruamel.yaml"])).then_some(())?;
    has_yaml().then_some(bin)
}
