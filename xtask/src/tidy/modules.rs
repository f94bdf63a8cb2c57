//! A source file that no `mod` names is not compiled, and its tests never run.

use std::path::{Path, PathBuf};

use cargo_metadata::Package;

use super::tokens::{self, Tests};
use crate::workspace::{Workspace, files};

pub(crate) fn orphans(workspace: &Workspace) -> Vec<String> {
    let mut findings = Vec::new();
    for member in workspace.members() {
        let roots = roots(member);
        for path in sources(member) {
            if !roots.contains(&path) && !declared(&path, &roots) {
                findings.push(format!(
                    "{}: no module declares it",
                    workspace.relative(&path)
                ));
            }
        }
    }
    findings
}

fn roots(member: &Package) -> Vec<PathBuf> {
    member
        .targets
        .iter()
        .map(|target| target.src_path.as_std_path().to_owned())
        .collect()
}

fn sources(member: &Package) -> Vec<PathBuf> {
    let folder = Workspace::folder(member);
    ["src", "tests", "benches"]
        .iter()
        .flat_map(|dir| files(&folder.join(dir), "rs"))
        .collect()
}

/// The parent of `a/b.rs` is `a.rs`, `a/mod.rs`, or a crate root in `a`.
fn declared(path: &Path, roots: &[PathBuf]) -> bool {
    let Some(folder) = path.parent() else {
        return false;
    };
    let is_mod_rs = path.file_name().is_some_and(|name| name == "mod.rs");
    let (named, folder) = if is_mod_rs {
        (folder, folder.parent().unwrap_or(folder))
    } else {
        (path, folder)
    };
    let name = named.file_stem().unwrap_or_default().to_string_lossy();
    let mut parents = vec![folder.with_extension("rs"), folder.join("mod.rs")];
    parents.extend(
        roots
            .iter()
            .filter(|root| root.parent() == Some(folder))
            .cloned(),
    );
    parents.iter().any(|parent| declares(parent, &name, path))
}

fn declares(parent: &Path, name: &str, path: &Path) -> bool {
    let Ok(tokens) = tokens::of_file(parent, Tests::Included) else {
        return false;
    };
    let by_name = [format!("mod {name} ;"), format!("mod r#{name} ;")];
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let by_path = format!("path = \"{file}\"");
    by_name
        .iter()
        .any(|pattern| !tokens::lines_of(&tokens, pattern).is_empty())
        || !tokens::lines_of(&tokens, &by_path).is_empty()
}
