//! What we depend on: how old a compiler it takes, and under which licence it comes.

use cargo_metadata::{Metadata, Package, PackageId};
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::workspace::Workspace;

pub(crate) fn rust_versions(workspace: &Workspace) -> Vec<String> {
    let ours = workspace
        .members()
        .into_iter()
        .filter_map(|member| member.rust_version.clone())
        .max();
    let Some(ours) = ours else {
        return vec!["no crate declares its rust-version".to_owned()];
    };
    let newer =
        foreign(&workspace.metadata).filter(|package| package.rust_version.as_ref() > Some(&ours));
    let shown = |package: &Package| {
        let theirs = package
            .rust_version
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        format!(
            "{} {} needs Rust {theirs}, we declare {ours}",
            package.name, package.version
        )
    };
    newer.map(shown).collect()
}

/// `deny.toml`, as far as we read it; `cargo deny check` reads all of it.
#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

pub(crate) fn licences(workspace: &Workspace) -> Vec<String> {
    let read = std::fs::read_to_string(workspace.root.join("deny.toml"))
        .map_err(|error| error.to_string());
    let deny =
        read.and_then(|text| toml::from_str::<Deny>(&text).map_err(|error| error.to_string()));
    match deny {
        Err(error) => vec![format!("deny.toml: {error}")],
        Ok(deny) => foreign(&workspace.metadata)
            .filter_map(|package| refused(package, &deny.licenses.allow))
            .collect(),
    }
}

fn refused(package: &Package, allow: &[String]) -> Option<String> {
    let shown = format!("{} {}", package.name, package.version);
    let Some(text) = &package.license else {
        return Some(format!("{shown} declares no licence"));
    };
    let allowed = |requirement: &spdx::LicenseReq| allow.contains(&requirement.to_string());
    match Expression::parse_mode(text, ParseMode::LAX) {
        Err(error) => Some(format!("{shown}: {text}: {}", error.reason)),
        Ok(expression) if expression.evaluate(allowed) => None,
        Ok(_) => Some(format!("{shown}: {text} is not allowed by deny.toml")),
    }
}

/// What a build of ours takes in, on any platform and for tests as well.
fn foreign(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let ours = |id: &PackageId| metadata.workspace_members.contains(id);
    metadata
        .packages
        .iter()
        .filter(move |package| !ours(&package.id))
}
