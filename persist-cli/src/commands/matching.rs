//! The files that patterns stand for.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};
use persist_core::Version;

use crate::exit::Exit;
use crate::failure::Failure;

/// As in a shell, `*` stands for no hidden name, and above all not for `..`.
const HIDDEN_BY_NAME: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: false,
    require_literal_leading_dot: true,
};

/// Regular files, each once, in order; what persist keeps about them is none of them.
pub(super) fn matching(globs: &[OsString]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for pattern in globs {
        let found = match pattern.to_str() {
            Some(pattern) => expand(pattern)?,
            // The shell's work: the name of a file.
            None => vec![PathBuf::from(pattern)],
        };
        if found.is_empty() {
            return Err(without_match(pattern));
        }
        let found = found.into_iter();
        files.extend(found.filter(|path| path.is_file() && !in_state_folder(path)));
    }
    if files.is_empty() {
        return Err(without_match(&globs.join(" ".as_ref())));
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// What matches, whatever bytes its name is made of; the walk of `glob` itself passes over names that are not UTF-8, or panics.
/// In a name every part that is not UTF-8 counts as one character.
fn expand(pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let wrong = |e| Failure::usage(format!("`{pattern}` is not a valid pattern: {e}"));
    Pattern::new(pattern).map_err(wrong)?;
    let mut found = vec![PathBuf::new()];
    for part in Path::new(pattern).components() {
        let text = part.as_os_str().to_string_lossy();
        found = match part {
            Component::Normal(_) if text == "**" => found.into_iter().flat_map(within).collect(),
            Component::Normal(_) if text.contains(['*', '?', '[']) => {
                let part = Pattern::new(&text).map_err(wrong)?;
                let matches =
                    |name: &OsStr| part.matches_with(&name.to_string_lossy(), HIDDEN_BY_NAME);
                let entries = found.iter().flat_map(|folder| entries(folder));
                entries
                    .filter(|path| path.file_name().is_some_and(matches))
                    .collect()
            }
            other => found.into_iter().map(|path| path.join(other)).collect(),
        };
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    Ok(found)
}

/// What is in a folder. One that can't be read is no match; what is wrong with a file shows when it is migrated.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let here = folder.as_os_str().is_empty();
    let read = std::fs::read_dir(if here { Path::new(".") } else { folder });
    let names = read.into_iter().flatten().flatten().map(|e| e.file_name());
    names.map(|name| folder.join(name)).collect()
}

/// The folder and all folders in it, but for hidden ones and those behind links.
fn within(folder: PathBuf) -> Vec<PathBuf> {
    let hidden = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.as_encoded_bytes().starts_with(b".")
    };
    let inner = entries(&folder).into_iter();
    let inner = inner.filter(|path| !hidden(path) && path.is_dir() && !path.is_symlink());
    let mut all: Vec<PathBuf> = inner.flat_map(within).collect();
    all.push(folder);
    all
}

/// A pattern that was mistyped must not go unnoticed beside one that was not.
fn without_match(pattern: &OsStr) -> Failure {
    let pattern = pattern.to_string_lossy();
    let failure = Failure::new(
        Exit::No,
        format!("no file matches {pattern}; nothing was touched"),
    );
    match pattern.parse::<Version>() {
        Ok(version) => failure.with_hint(format!(
            "the version comes first: `migrate to {version} --all GLOB`"
        )),
        Err(_) => failure,
    }
}

/// Whether a folder on the way has a state folder's name: `.NAME.persist`.
fn in_state_folder(path: &Path) -> bool {
    path.ancestors().skip(1).any(|folder| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') && name.ends_with(".persist")
    })
}
