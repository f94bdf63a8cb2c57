//! ARCHITECTURE.md and the tree say the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::workspace::{Workspace, files};

pub(crate) fn named_paths(workspace: &Workspace) -> Vec<String> {
    let text = match read(workspace) {
        Ok(text) => text,
        Err(error) => return vec![error],
    };
    let sources = files(&workspace.root, "rs");
    let words = words(&sources);
    let missing = code_spans(&text).filter(|(_, span)| match span.rsplit_once("::") {
        _ if is_our_path(workspace, span) => !workspace.root.join(span).exists(),
        _ if span.ends_with(".rs") => !sources.iter().any(|source| source.ends_with(span)),
        Some((_, names)) => !names_of(names).all(|name| words.contains(name)),
        None => false,
    });
    missing
        .map(|(line, span)| format!("ARCHITECTURE.md:{line}: there is no {span}"))
        .collect()
}

pub(crate) fn crates_named(workspace: &Workspace) -> Vec<String> {
    let Ok(text) = read(workspace) else {
        return Vec::new();
    };
    let members = workspace.members().into_iter();
    let unnamed = members.filter(|member| !text.contains(member.name.as_str()));
    unnamed
        .map(|member| format!("{} is not in ARCHITECTURE.md", member.name))
        .collect()
}

/// `name`, `name()` or `{name, name}`.
fn names_of(span: &str) -> impl Iterator<Item = &str> {
    let names = span.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names.filter(|name| !name.is_empty())
}

/// All names in these sources: what a `Type::name` in the text must be among.
fn words(sources: &[PathBuf]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(source).unwrap_or_default();
        let found = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.extend(found.map(str::to_owned));
    }
    words
}

fn read(workspace: &Workspace) -> Result<String, String> {
    let path = workspace.root.join("ARCHITECTURE.md");
    fs::read_to_string(path).map_err(|error| format!("ARCHITECTURE.md: {error}"))
}

/// Text between backticks, with its line.
fn code_spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines.flat_map(|(index, line)| {
        line.split('`')
            .skip(1)
            .step_by(2)
            .map(move |span| (index + 1, span))
    })
}

/// Files of users and of the state folder are named there, too; ours start with a folder of ours or are documents.
fn is_our_path(workspace: &Workspace, span: &str) -> bool {
    let plain = !span.is_empty()
        && span
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let first = span.split('/').next().unwrap_or_default();
    let member = workspace
        .members()
        .iter()
        .any(|member| member.name.as_str() == first);
    let ours = ["xtask", "examples", "fuzz", "docs", ".ci", ".cargo"].contains(&first)
        || first.starts_with("persist-");
    let document = !span.contains('/')
        && (span.ends_with(".md") || ["config_versions.json", "deny.toml"].contains(&span));
    plain && (member || (ours && span.contains('/')) || document)
}
