//! `persist purge`: whole copies go because somebody says so.

use std::path::Path;

use jiff::Timestamp;
use persist_core::{BackupId, Foreign, Purge, PurgePlan, WhichBackup};

use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::json;
use crate::out::{BAD, BOLD, DIM, GOOD, Out, WARN, paint};
use crate::quote::quoted;

pub(super) fn purge(
    args: &Args,
    out: &mut Out,
    path: &Path,
    (before, named): (Option<Timestamp>, &[String]),
    yes: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let purge = Purge {
        before,
        named: named.iter().map(WhichBackup::from).collect(),
    };
    let plan = match yes {
        true => file.purge(&purge)?,
        false => file.plan_purge(&purge)?,
    };
    let spared = plan.spared.iter().map(|(copy, why)| json::SparedCopy {
        name: copy.to_string(),
        why: *why,
    });
    out.json(&json::Purge {
        purged: yes && !plan.is_empty(),
        copies: names(&plan),
        foreign: plan.foreign.iter().map(json::ForeignFile::of).collect(),
        spared: spared.collect(),
        live: plan.is_live,
    })?;
    let name = paint(BOLD, path.display());
    let count = match plan.copies.len() + plan.foreign.len() {
        1 => "1 copy".to_owned(),
        count => format!("{count} copies"),
    };
    out.line(match (plan.is_empty(), yes) {
        (true, _) => paint(DIM, "there is nothing to purge"),
        (false, true) => format!("{} {count} of {name}", paint(GOOD, "purged")),
        (false, false) => {
            format!("would purge {count} of {name}; run with --yes to do so (cannot be undone)")
        }
    })?;
    for copy in &plan.copies {
        out.line(format!("  {} {}", paint(BAD, "purge"), words(copy)))?;
    }
    for one in &plan.foreign {
        out.line(format!("  {} {}", paint(BAD, "purge"), foreign(one)))?;
    }
    for (copy, why) in &plan.spared {
        out.line(format!("  {}  {}: {why}", paint(WARN, "stay"), words(copy)))?;
    }
    if !plan.is_live {
        return Ok(Exit::Done);
    }
    out.line(format!(
        "  {}  the file itself, and its mirror: they hold this content now",
        paint(WARN, "stay")
    ))?;
    let again = format!("persist purge {} --number latest --yes", quoted(path));
    out.line(paint(
        DIM,
        format!("to remove it there as well, change the value first; that makes one more backup, which `{again}` removes"),
    ))?;
    Ok(Exit::No)
}

fn names(plan: &PurgePlan) -> Vec<String> {
    let foreign = plan.foreign.iter().map(|one| one.name.clone());
    plan.copies
        .iter()
        .map(BackupId::to_string)
        .chain(foreign)
        .collect()
}

fn words(copy: &BackupId) -> String {
    let taken = copy.id.taken().strftime("%Y-%m-%d %H:%M:%S UTC");
    format!(
        "#{} of {taken}, {}, in {}",
        copy.id.seq(),
        copy.id.digest().short(),
        copy.folder
    )
}

fn foreign(one: &Foreign) -> String {
    let taken = one.taken().unwrap_or_default();
    let taken = taken.strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("{} of {taken}, {} bytes", one.name, one.len)
}
