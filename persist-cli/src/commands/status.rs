//! `persist status`.

use std::path::Path;

use persist_core::backup::Id;
use persist_core::{Condition, Damage, Info};

use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::out::{BAD, BOLD, DIM, GOOD, Out, WARN, counted, paint};
use crate::people;
use crate::quote::quoted;
use crate::show;

pub(super) fn status(args: &Args, out: &mut Out, path: &Path) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let info = file.info()?;
    if args.state_dir.is_some() && info.history_problem.is_some() {
        // Who names a folder wants what is in there, or to be told that it is another's.
        file.backup_info()?;
    }
    out.json(&info)?;
    out.line(paint(BOLD, path.display()))?;
    for (label, text) in rows(&info) {
        if let Some(text) = text {
            // A drawn excerpt stays in its column.
            let text = text.replace('\n', "\n            ");
            out.line(format!("  {} {text}", paint(DIM, format!("{label:9}"))))?;
        }
    }
    Ok(exit(&info))
}

/// What a state comes to.
pub(super) fn exit(info: &Info) -> Exit {
    match (&info.condition, &info.problem) {
        (Err(_), _) => Exit::Damaged,
        (Ok(Condition::Absent), _) => Exit::Failed,
        (Ok(_), Some(_)) => Exit::Invalid,
        (Ok(_), None) => Exit::Done,
    }
}

fn rows(info: &Info) -> Vec<(&'static str, Option<String>)> {
    let version = info.version.clone().map(|v| match &info.latest {
        Some(latest) if *latest != v => format!("{v} (newest: {latest})"),
        _ => v,
    });
    let broken = (info.violations > 0).then(|| {
        let broken = counted(info.violations, "violation");
        let list = format!("`persist verify {}` lists them", quoted(&info.file));
        format!("{}; {list}", paint(WARN, broken))
    });
    let last = info.last.as_ref().map(|e| {
        let time = e.time.strftime("%Y-%m-%d %H:%M:%S UTC");
        let actor = e.actor.name.replace(char::is_control, " ");
        format!("#{} {} by {actor}, {time}", e.seq, e.how)
    });
    let backups = match (info.backups.count, info.backups.since) {
        (0, _) | (_, None) => "none yet".to_owned(),
        (n, Some(since)) => {
            let since = since.strftime("%Y-%m-%d %H:%M:%S UTC");
            format!("{n} ({} bytes, since {since})", info.backups.bytes)
        }
    };
    let elsewhere = info.state_dir.as_ref().filter(|_| info.elsewhere);
    let history = elsewhere.map(|folder| format!("kept in {}", folder.display()));
    let no_history = info.history_problem.clone().map(|p| paint(WARN, p));
    let shared = info
        .shared_with
        .map(|group| format!("with {}", people::group(group)));
    let lost = info.lost_after.map(|after| {
        let remedy = format!("persist verify {}", quoted(&info.file));
        let lost =
            format!("journal records (the last readable one is #{after}); `{remedy}` shows where");
        format!("{}{}", paint(BAD, lost), left(&info.lost_backups))
    });
    vec![
        ("state", Some(state(info))),
        ("history", no_history.or(history)),
        ("shared", shared),
        ("problem", info.problem_drawn.clone().map(|p| paint(BAD, p))),
        (
            "link to",
            info.target.as_ref().map(|t| t.display().to_string()),
        ),
        ("format", info.format.map(|format| format.to_string())),
        ("size", info.len.map(|n| format!("{n} bytes"))),
        ("sha-256", info.digest.map(|d| d.to_string())),
        ("version", version),
        ("", info.version_problem.clone().map(|p| paint(WARN, p))),
        ("schema", broken),
        ("changes", Some(info.changes.to_string())),
        ("lost", lost),
        ("last", last),
        ("backups", Some(backups)),
    ]
}

/// What there still is of lost changes.
fn left(backups: &[Id]) -> String {
    match backups {
        [] => String::new(),
        backups => format!("\nwhat they replaced may be {}", show::copies(backups)),
    }
}

fn state(info: &Info) -> String {
    match &info.condition {
        Err(Damage::Missing) => {
            let file = quoted(&info.file);
            format!(
                "{}; `persist recover {file}` brings it back, `persist adopt {file}` accepts that it is gone",
                paint(BAD, "deleted")
            )
        }
        Err(damage) => {
            let remedy = format!("`persist recover {}`", quoted(&info.file));
            format!(
                "{}: {damage}; {remedy} brings back the last good state",
                paint(BAD, "damaged")
            )
        }
        Ok(_) if info.problem.is_some() => paint(BAD, "not a valid document; nothing was touched"),
        Ok(Condition::Absent) => paint(WARN, "there is no such file"),
        Ok(Condition::Unmanaged) => "not yet changed through persist".to_owned(),
        Ok(Condition::Unrecorded) => paint(
            BAD,
            "saved here, but the journal's record of it is damaged or missing",
        ),
        Ok(Condition::Unverified) if info.history_problem.is_some() => {
            paint(WARN, "unknown: there is no history to compare it with")
        }
        Ok(Condition::Unverified) if info.shared_with.is_some() => {
            let group = info.shared_with.map(people::group).unwrap_or_default();
            paint(
                WARN,
                format!("unknown: only the members of {group} can read the history"),
            )
        }
        Ok(Condition::Unverified) if info.closed_by.is_some() => {
            let owner = info.closed_by.map(people::user).unwrap_or_default();
            let remedy = format!("`persist share {}`", quoted(&info.file));
            format!(
                "{}; {remedy}, run by {owner} or root, opens it to the file's group",
                paint(WARN, format!("unknown: only {owner} can read the history"))
            )
        }
        Ok(Condition::Unverified) => paint(
            WARN,
            "unknown: the state folder can't be read by this user, or does not belong to the file's owner",
        ),
        Ok(Condition::NewerState) => paint(
            WARN,
            "unknown: a newer persist wrote the state folder; this version can only read the file",
        ),
        Ok(Condition::Clean) => paint(GOOD, "unchanged since the last save"),
        Ok(_) => paint(WARN, "changed outside persist since the last save"),
    }
}
