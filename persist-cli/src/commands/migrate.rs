//! `persist migrate`.

use std::path::Path;

use persist_core::{ConfigFile, Error, Version, VersionTrouble};

use super::Outcome;
use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{BOLD, DIM, Out, WARN, paint};
use crate::show;

pub(super) fn plan(args: &Args, out: &mut Out, path: &Path, to: Option<&Version>) -> Outcome {
    let file = open(args, path, Versions::Wanted)?;
    let to = newest_or(&file, to)?;
    let migration = file.plan_migration(&to)?;
    out.json(&migration)?;
    out.line(paint(BOLD, &migration.plan))?;
    for note in &migration.changes {
        out.line(format!("  {}", show::note(note)))?;
    }
    for (version, key) in &migration.report.kept {
        out.line(format!(
            "  {} {key}, for the way back to {version}",
            paint(WARN, "set aside:")
        ))?;
    }
    if !migration.plan.is_empty() {
        out.line(paint(
            DIM,
            "nothing was touched; `persist migrate to` does it, after a backup",
        ))?;
    }
    Ok(Exit::Done)
}

pub(super) fn to(args: &Args, out: &mut Out, path: &Path, to: Option<&Version>) -> Outcome {
    let file = open(args, path, Versions::Wanted)?;
    let to = newest_or(&file, to)?;
    let receipt = file.migrate_to(&to)?;
    show::receipt(out, &receipt)
}

/// Down, to the version named or the one before the file's; refuses to go up.
pub(super) fn down(args: &Args, out: &mut Out, path: &Path, to: Option<&Version>) -> Outcome {
    let file = open(args, path, Versions::Wanted)?;
    let present = file.info()?.version.and_then(|v| v.parse::<Version>().ok());
    let graph = file.graph()?;
    let below = |limit: &Version| {
        graph
            .versions()
            .rev()
            .map(|(v, _)| v)
            .find(|v| *v < limit)
            .cloned()
    };
    let to = match (to, &present) {
        (Some(to), Some(present)) if to > present => {
            let message = format!("{to} is above {present}, the file's version; use `migrate to`");
            return Err(Failure::usage(message));
        }
        (Some(to), _) => to.clone(),
        (None, Some(present)) => below(present).ok_or_else(|| {
            Failure::new(
                Exit::Version,
                format!("{present} is the oldest version there is"),
            )
        })?,
        // Says what is wrong with the version.
        (None, None) => newest_or(&file, None)?,
    };
    let receipt = file.migrate_to(&to)?;
    show::receipt(out, &receipt)
}

fn newest_or(file: &ConfigFile, to: Option<&Version>) -> Result<Version, Failure> {
    if let Some(to) = to {
        return Ok(to.clone());
    }
    let graph = file.graph()?;
    let newest = graph.versions().next_back().map(|(v, _)| v.clone());
    newest.ok_or_else(|| {
        Error::Version {
            file: file.path().into(),
            what: VersionTrouble::NoManifest,
        }
        .into()
    })
}
