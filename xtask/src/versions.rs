//! One version everywhere, and a schema manifest that holds together.

use std::collections::BTreeSet;
use std::path::Path;

use semver::Version;
use serde::Deserialize;

use crate::outcome::Outcome;
use crate::workspace::Workspace;

pub(crate) fn run() -> Outcome {
    match Workspace::here() {
        Err(error) => Outcome::Failed(error),
        Ok(workspace) => Outcome::of(&check(&workspace)),
    }
}

fn check(workspace: &Workspace) -> Vec<String> {
    let mut findings = crates_agree(workspace);
    findings.extend(changelog(workspace));
    findings.extend(manifest(&workspace.root.join("config_versions.json")));
    findings
}

/// Every crate has the same version, and asks for exactly that of the others.
fn crates_agree(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members();
    let versions: BTreeSet<_> = members.iter().map(|member| &member.version).collect();
    let mut findings = Vec::new();
    if versions.len() != 1 {
        let each: Vec<_> = members
            .iter()
            .map(|member| format!("{} {}", member.name, member.version))
            .collect();
        findings.push(format!("crates differ: {}", each.join(", ")));
    }
    for member in &members {
        for dependency in &member.dependencies {
            let Some(target) = members
                .iter()
                .find(|other| other.name.as_str() == dependency.name)
            else {
                continue;
            };
            if dependency.req.to_string() != format!("^{}", target.version) {
                let (name, asked, is) = (&member.name, &dependency.req, &target.version);
                findings.push(format!(
                    "{name} asks for {} {asked}, which is {is}",
                    dependency.name
                ));
            }
        }
    }
    findings
}

fn changelog(workspace: &Workspace) -> Vec<String> {
    let text = std::fs::read_to_string(workspace.root.join("CHANGELOG.md")).unwrap_or_default();
    let Some(version) = workspace
        .members()
        .first()
        .map(|member| member.version.to_string())
    else {
        return Vec::new();
    };
    let named = |word: &str| word == version || word == "Unreleased";
    let heading = |line: &str| line.starts_with("## ") && line.split([' ', '[', ']']).any(named);
    if text.lines().any(heading) {
        return Vec::new();
    }
    vec![format!("CHANGELOG.md has no section for {version}")]
}

/// As much of the manifest as is checked here; `persist migrate check` knows the rest.
#[derive(Deserialize)]
struct Manifest {
    versions: Vec<Node>,
    edges: Vec<Edge>,
}

#[derive(Deserialize)]
struct Node {
    version: Version,
}

#[derive(Deserialize)]
struct Edge {
    from: Version,
    to: Version,
}

fn manifest(path: &Path) -> Vec<String> {
    let read = std::fs::read(path).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| {
        serde_json::from_slice::<Manifest>(&bytes).map_err(|error| error.to_string())
    });
    match parsed {
        Err(error) => vec![format!("config_versions.json: {error}")],
        Ok(manifest) => holds_together(&manifest),
    }
}

fn holds_together(manifest: &Manifest) -> Vec<String> {
    let versions: Vec<_> = manifest.versions.iter().map(|node| &node.version).collect();
    let unordered = versions.windows(2).filter(|pair| pair[0] >= pair[1]);
    let mut findings: Vec<_> = unordered
        .map(|pair| {
            format!(
                "config_versions.json: {} is listed before {}",
                pair[0], pair[1]
            )
        })
        .collect();
    for Edge { from, to } in &manifest.edges {
        for end in [from, to] {
            if !versions.contains(&end) {
                findings.push(format!(
                    "config_versions.json: the edge {from} to {to} has an unknown end, {end}"
                ));
            }
        }
        if from >= to {
            findings.push(format!(
                "config_versions.json: the edge {from} to {to} does not go up"
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
