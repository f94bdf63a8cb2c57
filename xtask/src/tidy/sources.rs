//! What must not be written in the sources.

use std::path::{Path, PathBuf};

use super::tokens::{self, Tests};
use crate::workspace::{Workspace, files};

/// The one file that may, because Windows has calls that no kept safe wrapper offers.
const UNSAFE_ALLOWED: &str = "persist-lock/src/sys/windows.rs";

/// What a library may not do; the colons of a path are two tokens.
const SIDE_EFFECTS: [&str; 15] = [
    "print !",
    "println !",
    "eprint !",
    "eprintln !",
    "dbg !",
    "process : : exit",
    "process : : abort",
    "env : : var",
    "env : : var_os",
    "env : : vars",
    "env : : vars_os",
    "env : : args",
    "env : : home_dir",
    "env : : temp_dir",
    "env : : set_var",
];

pub(crate) fn unsafe_code(workspace: &Workspace) -> Vec<String> {
    let everywhere = workspace
        .members()
        .into_iter()
        .flat_map(|member| files(&Workspace::folder(member), "rs"));
    let paths = everywhere.filter(|path| workspace.relative(path) != UNSAFE_ALLOWED);
    search(workspace, paths, Tests::Included, &["unsafe"])
}

pub(crate) fn unwraps(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members().into_iter();
    let paths = members.flat_map(|member| files(&Workspace::folder(member).join("src"), "rs"));
    search(
        workspace,
        paths.filter(|path| !planted(path)),
        Tests::Left,
        &[". unwrap ( )"],
    )
}

pub(crate) fn side_effects(workspace: &Workspace) -> Vec<String> {
    let is_library = |folder: &PathBuf| folder.join("src/lib.rs").is_file();
    let folders = workspace
        .members()
        .into_iter()
        .map(Workspace::folder)
        .filter(is_library);
    let paths = folders.flat_map(|folder| files(&folder.join("src"), "rs"));
    search(workspace, paths, Tests::Left, &SIDE_EFFECTS)
}

pub(crate) fn ignored_tests(workspace: &Workspace) -> Vec<String> {
    let everywhere = workspace
        .members()
        .into_iter()
        .flat_map(|member| files(&Workspace::folder(member), "rs"));
    search(
        workspace,
        everywhere,
        Tests::Included,
        &["# [ ignore ]", "# [ ignore ="],
    )
}

fn search(
    workspace: &Workspace,
    paths: impl Iterator<Item = PathBuf>,
    tests: Tests,
    patterns: &[&str],
) -> Vec<String> {
    let mut findings = Vec::new();
    for path in paths {
        match tokens::of_file(&path, tests) {
            Err(error) => findings.push(error),
            Ok(tokens) => {
                for pattern in patterns {
                    let lines = tokens::lines_of(&tokens, pattern);
                    let shown = pattern.replace(' ', "");
                    let at = workspace.relative(&path);
                    findings.extend(
                        lines
                            .into_iter()
                            .map(|line| format!("{at}:{line}: {shown}")),
                    );
                }
            }
        }
    }
    findings
}

/// Our own tests of these rules are a module in a file, declared `#[cfg(test)]` in another.
fn planted(path: &Path) -> bool {
    path.ends_with("xtask/src/tidy/planted.rs")
}
