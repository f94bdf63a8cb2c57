//! `persist migrate`.

use std::path::Path;

use persist_core::migrate::Direction;
use persist_core::{ConfigFile, Digest, Error, Version, VersionTrouble, path_text};
use serde::{Deserialize, Serialize};

use super::open::{Versions, open_with, options};
use crate::args::{Args, Assumed};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BOLD, DIM, Out, WARN, paint};
use crate::show;

/// A file, and the version that it has if it says none.
pub(super) type Subject<'a> = (&'a Path, &'a Assumed);

/// The file, to be looked at by versions.
pub(super) fn opened(
    args: &Args,
    out: &mut Out,
    (path, assumed): Subject<'_>,
) -> Result<ConfigFile, Failure> {
    let mut options = options(args);
    options.assume_version.clone_from(&assumed.from);
    let file = open_with(args, out, path, Versions::Wanted, options)?;
    if let Some(from) = &assumed.from {
        let graph = file.graph()?;
        if !graph.contains(from) {
            let known: Vec<String> = graph.versions().map(|(v, _)| v.to_string()).collect();
            let known = known.join(", ");
            let message = format!("--from {from}: unknown version; known versions: {known}");
            return Err(Failure::new(Exit::Version, message));
        }
    }
    Ok(file)
}

pub(super) fn plan(
    args: &Args,
    out: &mut Out,
    subject: Subject<'_>,
    to: Option<&Version>,
) -> Outcome {
    let file = opened(args, out, subject)?;
    let path = subject.0;
    let to = newest_or(&file, to)?;
    let migration = file.plan_migration(&to)?;
    // So that `migrate to --plan` knows which file it is for.
    let file = std::path::absolute(path).unwrap_or_else(|_| path.into());
    out.json(&json::Planned {
        file: file.as_path().into(),
        migration: &migration,
    })?;
    out.line(paint(BOLD, &migration.plan))?;
    for note in &migration.changes {
        out.line(format!("  {}", show::note(note)))?;
    }
    for (version, key) in &migration.report.kept {
        out.line(format!(
            "  {} {key}, for migrating back to {version}",
            paint(WARN, "saved:")
        ))?;
    }
    if !migration.plan.is_empty() {
        out.line(paint(
            DIM,
            "nothing was touched; `persist migrate to` applies it, after a backup",
        ))?;
    }
    Ok(Exit::Done)
}

pub(super) fn to(
    args: &Args,
    out: &mut Out,
    subject: Subject<'_>,
    to: Option<&Version>,
) -> Outcome {
    let file = opened(args, out, subject)?;
    let to = newest_or(&file, to)?;
    let receipt = file.migrate_to(&to)?;
    show::receipt(out, &receipt)
}

/// Does what a plan says, if it still fits: same file content, same route.
pub(super) fn as_planned(args: &Args, out: &mut Out, plan: &Path, assumed: &Assumed) -> Outcome {
    let text = if plan.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(plan)
    };
    let text = text.map_err(|source| Error::Io {
        op: "read",
        path: plan.into(),
        source,
    })?;
    let planned: Planned = serde_json::from_str(&text).map_err(|e| {
        let message = format!(
            "{}: not a valid plan as printed by `migrate plan --json`: {e}",
            plan.display()
        );
        Failure::usage(message)
    })?;
    let path = path_text::path(&planned.file, planned.file_bytes.as_deref())
        .ok_or_else(|| Failure::usage(format!("{}: `file_bytes` is not Base64", plan.display())))?;
    let file = opened(args, out, (&path, assumed))?;
    let migration = file.plan_migration(&planned.plan.to)?;
    let route = serde_json::to_value(&migration.plan)?;
    let changed = if migration.base != planned.base {
        Some("it has changed since the plan was made")
    } else if route != serde_json::to_value(&planned.plan)? {
        Some("the migration route has changed since the plan was made")
    } else {
        None
    };
    if let Some(changed) = changed {
        let file = path.display();
        let message = format!("{file}: {changed}; nothing was touched");
        return Err(Failure::new(Exit::Conflict, message).with_hint("plan again"));
    }
    let receipt = file.migrate_as_planned(&migration)?;
    show::receipt(out, &receipt)
}

/// What a plan must say to be followed.
#[derive(Debug, Deserialize)]
struct Planned {
    file: String,
    file_bytes: Option<String>,
    base: Digest,
    plan: Route,
}

/// A route as it was planned, kept whole so that it can be compared.
#[derive(Debug, Serialize, Deserialize)]
struct Route {
    to: Version,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

/// Up or down, to the version named or the next one that way; refuses to go the other.
pub(super) fn step(
    args: &Args,
    out: &mut Out,
    subject: Subject<'_>,
    to: Option<&Version>,
    way: Direction,
) -> Outcome {
    let file = opened(args, out, subject)?;
    let written = file.info()?.version.and_then(|v| v.parse::<Version>().ok());
    let Some(present) = written.or_else(|| subject.1.from.clone()) else {
        // Says what is wrong with the version.
        let receipt = file.migrate_to(&newest_or(&file, None)?)?;
        return show::receipt(out, &receipt);
    };
    let graph = file.graph()?;
    let mut versions = graph.versions().map(|(version, _)| version);
    let next = match way {
        Direction::Up => versions.find(|version| **version > present),
        Direction::Down => versions.rev().find(|version| **version < present),
    };
    let (relation, end) = match way {
        Direction::Up => ("below", "newest"),
        Direction::Down => ("above", "oldest"),
    };
    let to = match (to, next) {
        (Some(to), _) if (way == Direction::Up) == (*to < present) && *to != present => {
            let message = format!(
                "{to} is {relation} {present}, the file's version; use `persist migrate to`"
            );
            return Err(Failure::usage(message));
        }
        (Some(to), _) => to.clone(),
        (None, Some(next)) => next.clone(),
        (None, None) => {
            let ends = match way {
                Direction::Up => graph.versions().next_back(),
                Direction::Down => graph.versions().next(),
            };
            let message = match ends.filter(|(last, _)| **last != present) {
                Some((last, _)) => format!(
                    "the file's version, {present}, is beyond the {end} known version, {last}"
                ),
                None => format!("{present} is the {end} version"),
            };
            return Err(Failure::new(Exit::Version, message));
        }
    };
    let receipt = file.migrate_to(&to)?;
    show::receipt(out, &receipt)
}

pub(super) fn newest_or(file: &ConfigFile, to: Option<&Version>) -> Result<Version, Failure> {
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
