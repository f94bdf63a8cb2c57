//! `persist demo`: the guarantees, shown on real files. Every step is checked, not only told.

mod backups;
mod changes;
mod concurrency;
mod integrity;
mod migration;
mod samples;
mod saving;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_core::journal::Actor;
use persist_core::{ConfigFile, Error, Manifest, Options};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::out::Out;
use steps::Steps;

/// What a scenario comes to: its steps tell how it went, an error ends it early.
type Told = Result<(), Failure>;

/// Shows one subject in a folder of its own.
type Scenario = fn(&mut Steps<'_>, &Path) -> Told;

const SCENARIOS: [(&str, Scenario); 6] = [
    ("saving", saving::run),
    ("versions and migration", migration::run),
    ("backups", backups::run),
    ("change tracking", changes::run),
    ("concurrent access", concurrency::run),
    ("integrity", integrity::run),
];

/// Runs every scenario, each in a folder of its own; a failing check makes the answer "no".
pub(crate) fn run(out: &mut Out, keep: Option<&Path>) -> Outcome {
    let temporary = match keep {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|e| unusable(&std::env::temp_dir(), e))?),
    };
    let root = match (keep, &temporary) {
        (Some(dir), _) => fresh(dir)?,
        (None, Some(dir)) => dir.path().to_path_buf(),
        (None, None) => unreachable!("without a folder to keep there is a temporary one"),
    };
    let mut steps = Steps::new(out);
    for (number, (name, scenario)) in SCENARIOS.iter().enumerate() {
        steps.begin(number + 1, name)?;
        let dir = root.join(name.replace(' ', "-"));
        std::fs::create_dir(&dir).map_err(|e| unusable(&dir, e))?;
        if let Err(failure) = scenario(&mut steps, &dir) {
            steps.stopped(&failure)?;
        }
    }
    let passed = steps.finish(keep)?;
    Ok(if passed { Exit::Done } else { Exit::No })
}

/// The folder to keep, which must be new or empty: nothing of the user's is in the way.
fn fresh(dir: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
    let mut entries = std::fs::read_dir(dir).map_err(|e| unusable(dir, e))?;
    if entries.next().is_some() {
        let message = format!("{} is not empty; name a new folder", dir.display());
        return Err(Failure::usage(message));
    }
    Ok(dir.to_path_buf())
}

fn unusable(dir: &Path, source: std::io::Error) -> Failure {
    Error::Io {
        op: "create",
        path: dir.into(),
        source,
    }
    .into()
}

/// A sample file, written to disk as an application or a person would have.
fn sample(dir: &Path, name: &str, text: &str) -> Result<ConfigFile, Failure> {
    let path = dir.join(name);
    write(&path, text.as_bytes())?;
    open(&path)
}

/// A config file with the sample manifest, changes made in the demo's name.
fn open(path: &Path) -> Result<ConfigFile, Failure> {
    let manifest = Manifest::parse(samples::MANIFEST).map_err(|source| Error::Manifest {
        file: samples::MANIFEST_NAME.into(),
        source,
    })?;
    let mut options = Options::default().with_manifest(Arc::new(manifest));
    options.actor = Actor::named("demo");
    Ok(ConfigFile::open(path, options)?)
}

/// Writes behind persist's back, as an editor, a crash or a bad disk would.
fn write(path: &Path, bytes: &[u8]) -> Told {
    std::fs::write(path, bytes).map_err(|source| {
        Failure::from(Error::Io {
            op: "write",
            path: path.into(),
            source,
        })
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| {
        Failure::from(Error::Io {
            op: "read",
            path: path.into(),
            source,
        })
    })
}

/// Sets one key.
fn set(
    file: &ConfigFile,
    key: &str,
    value: impl Into<persist_core::Value>,
) -> Result<persist_core::Receipt, Failure> {
    let value = value.into();
    Ok(file.edit(None, |document| {
        Ok(document.set(&key.parse()?, value)?.warnings)
    })?)
}
