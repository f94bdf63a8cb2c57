//! Who may depend on whom.

use cargo_metadata::Package;

use crate::workspace::{LAYERS, Workspace};

/// In any kind of dependency: normal, build or dev.
pub(crate) fn independent(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members();
    members
        .into_iter()
        .filter(|member| LAYERS.contains(&member.name.as_str()))
        .flat_map(on_persist)
        .collect()
}

pub(crate) fn xtask_outside(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members();
    members
        .into_iter()
        .filter(|member| member.name.as_str() == "xtask")
        .flat_map(on_persist)
        .collect()
}

fn on_persist(package: &Package) -> Vec<String> {
    let found = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.name.starts_with("persist-"));
    found
        .map(|dependency| {
            format!(
                "{} depends on {} ({})",
                package.name, dependency.name, dependency.kind
            )
        })
        .collect()
}
