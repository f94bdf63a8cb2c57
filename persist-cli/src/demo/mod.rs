//! `persist demo`: the guarantees, shown on real files. Every step is checked, not only told.

mod backups;
mod changes;
mod concurrency;
mod files;
mod integrity;
mod migration;
mod samples;
mod saving;
mod steps;

use std::path::{Path, PathBuf};

use persist_core::Error;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::out::Out;
use files::Told;
use steps::Steps;

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
