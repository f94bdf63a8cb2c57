//! A snapshot file that no test compares is a promise nobody keeps.

use std::path::Path;

use super::tokens::{self, Tests};
use crate::workspace::{Workspace, files};

pub(crate) fn unreferenced(workspace: &Workspace) -> Vec<String> {
    let snapshots = workspace
        .members()
        .into_iter()
        .flat_map(|member| files(&Workspace::folder(member), "snap"));
    let pending = workspace
        .members()
        .into_iter()
        .flat_map(|member| files(&Workspace::folder(member), "new"));
    let mut findings: Vec<_> = pending
        .map(|path| format!("{}: not accepted yet", workspace.relative(&path)))
        .collect();
    for path in snapshots {
        if let Err(why) = referenced(workspace, &path) {
            findings.push(format!("{}: {why}", workspace.relative(&path)));
        }
    }
    findings
}

/// The header names the source; the file's last part is the test's name or one given to the macro.
fn referenced(workspace: &Workspace, path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let source = text
        .lines()
        .find_map(|line| line.strip_prefix("source: "))
        .ok_or("it has no source line")?;
    let tokens = tokens::of_file(
        &workspace.root.join(source.trim_matches('"')),
        Tests::Included,
    )?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.rsplit("__").next().unwrap_or_default();
    let name = name.split('@').next().unwrap_or_default();
    let base = name
        .rsplit_once('-')
        .filter(|(_, n)| n.parse::<u32>().is_ok())
        .map_or(name, |(base, _)| base);
    let quoted = [format!("\"{name}\""), format!("\"{base}\"")];
    let known =
        |text: &str| text == name || text == base || quoted.iter().any(|quoted| quoted == text);
    if tokens
        .iter()
        .any(|token| known(token.text.trim_start_matches("test_")))
        || tokens.iter().any(|token| known(&token.text))
    {
        return Ok(());
    }
    Err(format!("nothing in {source} is called {base}"))
}
