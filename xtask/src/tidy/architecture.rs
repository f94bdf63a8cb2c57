//! ARCHITECTURE.md and the tree say the same.

use std::fs;

use super::declared::Declared;
use super::names::is_name;
use crate::workspace::{Workspace, files};

/// Names that are none of our sources', by what they are.
const OTHERS: [(&str, &[&str]); 6] = [
    (
        "programs",
        &["persist", "chmod", "less", "watchfiles", "watchdog"],
    ),
    (
        "what inotify tells",
        &["MOVED_FROM", "MOVED_TO", "MOVE_SELF", "ATTRIB"],
    ),
    ("words of Rust and JSON", &["T", "Ok", "unsafe", "null"]),
    ("what the journal calls an event", &["break"]),
    ("digests, as the text calls them", &["h_old", "h_new"]),
    ("crates that must not be", &["types", "common", "utils"]),
];

/// Its first column names what was asked for, in the words of those who asked.
const ASKED_FOR: &str = "## Where each operation lives";

pub(crate) fn named_paths(workspace: &Workspace) -> Vec<String> {
    let read = read(workspace).and_then(|text| Ok((text, Declared::of(workspace)?)));
    let (text, declared) = match read {
        Ok(read) => read,
        Err(error) => return vec![error],
    };
    let sources = files(&workspace.root, "rs");
    let is_there = |span: &str| match span {
        _ if is_our_path(workspace, span) => workspace.root.join(span).exists(),
        _ if span.ends_with(".rs") => sources.iter().any(|source| source.ends_with(span)),
        _ => paths_of(span).all(|path| is_declared(workspace, &declared, &path)),
    };
    let missing = code_spans(&text).filter(|(_, span)| !is_there(span));
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

/// The paths that a span is, each as its names: `name`, `Type<T>`, `Type::name()` or `Type::{name, name}`. None for what is no path.
fn paths_of(span: &str) -> impl Iterator<Item = Vec<&str>> {
    let (before, last) = span.rsplit_once("::").unwrap_or(("", span));
    let last = match last
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(several) => several.split(", ").collect(),
        None => vec![without_arguments(last)],
    };
    let before: Vec<&str> = before.split("::").filter(|name| !name.is_empty()).collect();
    let paths = last
        .into_iter()
        .map(move |name| [before.as_slice(), &[name]].concat());
    paths.filter(|path| path.iter().all(|name| is_identifier(name)))
}

/// Without `<T>` and `()`.
fn without_arguments(name: &str) -> &str {
    let name = name.strip_suffix("()").unwrap_or(name);
    name.split_once('<')
        .filter(|(_, arguments)| arguments.ends_with('>'))
        .map_or(name, |(name, _)| name)
}

fn is_identifier(name: &str) -> bool {
    is_name(name) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether our sources declare this, each name in the one before; what is in others' crates is theirs to say.
fn is_declared(workspace: &Workspace, declared: &Declared, path: &[&str]) -> bool {
    match path {
        [name] => {
            declared.has(name)
                || is_dependency(workspace, name)
                || OTHERS.iter().any(|(_, names)| names.contains(name))
        }
        [first, ..] if is_dependency(workspace, first) => true,
        [first, rest @ ..] => {
            let mut pairs = path.iter().zip(rest);
            declared.has(first) && pairs.all(|(scope, name)| declared.has_within(scope, name))
        }
        [] => true,
    }
}

fn is_dependency(workspace: &Workspace, name: &str) -> bool {
    let members = workspace.members();
    let own = |crate_name: &str| members.iter().any(|member| *member.name == *crate_name);
    let mut needed = members.iter().flat_map(|member| &member.dependencies);
    needed.any(|needed| !own(&needed.name) && needed.name.replace('-', "_") == name)
}

fn read(workspace: &Workspace) -> Result<String, String> {
    let path = workspace.root.join("ARCHITECTURE.md");
    fs::read_to_string(path).map_err(|error| format!("ARCHITECTURE.md: {error}"))
}

/// Text between backticks, with its line; of the table of operations only where each lives.
fn code_spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .scan(false, |asked_for, (index, line)| {
            *asked_for = line == ASKED_FOR || *asked_for && !line.starts_with('#');
            let home = line.strip_prefix('|').and_then(|row| row.split_once('|'));
            let home = home.filter(|_| *asked_for).map(|(_, home)| home);
            Some((index, home.unwrap_or(line)))
        });
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
