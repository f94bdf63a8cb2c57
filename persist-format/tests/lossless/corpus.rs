//! Documents to edit: our own fixtures, and configuration that was shipped in published packages, read where the package managers put it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use persist_format::{Document, Format};

pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) document: Document,
}

/// Our fixtures and `count` documents of each of JSON, TOML and YAML from the machine; fewer where there are not so many.
pub(crate) fn samples(count: usize) -> Vec<Sample> {
    let mut found: Vec<PathBuf> = Vec::new();
    // Only the full run looks around the machine; the short one is the same everywhere.
    for folder in folders().iter().filter(|_| count > 0) {
        walk(folder, 0, &mut found);
    }
    found.sort();
    let mut samples = Vec::new();
    let mut fixtures = Vec::new();
    walk(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")),
        0,
        &mut fixtures,
    );
    fixtures.sort();
    take(&fixtures, usize::MAX, &Format::ALL, &mut samples);
    for formats in [
        &[Format::Json, Format::Jsonc][..],
        &[Format::Toml],
        &[Format::Yaml],
    ] {
        take(&found, count, formats, &mut samples);
    }
    if let Ok(only) = std::env::var("PERSIST_FORMAT") {
        samples.retain(|sample| sample.document.format().name().eq_ignore_ascii_case(&only));
    }
    samples
}

fn folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    match std::env::var_os("PERSIST_CORPUS") {
        Some(list) => std::env::split_paths(&list).collect(),
        None => vec![
            home.join(".cargo/registry/src"),
            "/usr/lib/node_modules".into(),
            "/usr/local/lib".into(),
            home.join(".pyenv/versions"),
            // What `cargo xtask lossless --full` installs.
            concat!(env!("CARGO_MANIFEST_DIR"), "/../target/corpus").into(),
        ],
    }
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < 12 => walk(&path, depth + 1, found),
            Ok(kind) if kind.is_file() && format_of(&path).is_some() => found.push(path),
            _ => {}
        }
    }
}

/// `Cargo.toml.orig` is the manifest as its author wrote it.
fn format_of(path: &Path) -> Option<Format> {
    if path.to_str()?.ends_with(".toml.orig") {
        Some(Format::Toml)
    } else {
        Format::from_path(path)
    }
}

/// Spread evenly over what there is, each content once, a few of each name.
fn take(paths: &[PathBuf], count: usize, formats: &[Format], samples: &mut Vec<Sample>) {
    let mut seen = HashSet::new();
    let mut names: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let mut candidates = Vec::new();
    for path in paths
        .iter()
        .filter(|path| format_of(path).is_some_and(|format| formats.contains(&format)))
    {
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let of_name = names.entry(name).or_insert(0);
        if !(30..40_000).contains(&bytes.len()) || *of_name >= 60 || !seen.insert(bytes.clone()) {
            continue;
        }
        *of_name += 1;
        candidates.push((path, bytes));
    }
    let step = (candidates.len() / count.min(candidates.len()).max(1)).max(1);
    for (path, bytes) in candidates.into_iter().step_by(step) {
        let format = Format::detect(path, &bytes)
            .ok()
            .or_else(|| format_of(path));
        let Some(Ok(document)) = format.map(|format| Document::parse(&bytes, format)) else {
            continue;
        };
        if document.documents() == 1 && document.value().is_container() {
            samples.push(Sample {
                name: path.display().to_string(),
                document,
            });
        }
    }
}
