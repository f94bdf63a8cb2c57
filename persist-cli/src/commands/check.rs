//! `persist verify`, `recover` and `adopt`.

use std::path::Path;

use persist_core::{Condition, ConfigFile, Error, Head, HeadStatus, RecoverySource};

use super::open::{Versions, open};
use super::progress::Bar;
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BAD, BOLD, DIM, GOOD, Out, WARN, counted, paint};
use crate::quote::quoted;
use crate::show;

pub(super) fn verify(
    args: &Args,
    out: &mut Out,
    path: &Path,
    head: Option<Option<Head>>,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let mut bar = Bar::new(out, "journal and backups");
    let found = file.verify_with_progress(|progress| bar.show(progress.done, progress.total))?;
    drop(bar);
    if matches!(found.live, Ok(Condition::Absent)) && found.records == 0 {
        let message = format!(
            "{}: there is no such file, and none was ever saved",
            path.display()
        );
        return Err(Failure::new(Exit::Failed, message));
    }
    let kept = head.flatten();
    let answer = kept.map(|kept| file.look_for_head(&kept)).transpose()?;
    let head = match head {
        Some(_) => file.head()?,
        None => None,
    };
    out.json(&json::Verified {
        head,
        kept_head_is: answer,
        passed: found.passed(),
        problems: found.problems(),
        notes: found.notes(),
        verification: &found,
    })?;
    for problem in found.problems_drawn() {
        let told = problem.drawn.unwrap_or(problem.line);
        out.line(format!("{} {told}", paint(BAD, "problem:")))?;
    }
    for fault in found.faults.iter().filter(|fault| fault.known) {
        let told = "its content is lost (already reported)";
        out.line(format!(
            "{} the journal is damaged in {fault}; {told}",
            paint(WARN, "known:")
        ))?;
    }
    if let Some((kept, answer)) = kept.zip(answer) {
        let number = kept.seq;
        out.line(format!(
            "{} record #{number} is {answer}",
            paint(BOLD, "kept head:")
        ))?;
    }
    if let Some(head) = head {
        out.line(format!("{} {head}", paint(BOLD, "head:")))?;
    }
    for note in found.notes() {
        out.line(format!("{} {note}", paint(WARN, "note:")))?;
    }
    let counted = format!(
        "{}, {}",
        counted(found.records, "journal record"),
        counted(found.backups, "backup")
    );
    let kept =
        answer.is_none_or(|answer| matches!(answer, HeadStatus::Contained | HeadStatus::LetGo));
    if found.passed() && kept {
        out.line(format!(
            "{} {}",
            paint(GOOD, "all is well:"),
            paint(DIM, counted)
        ))?;
        return Ok(Exit::Done);
    }
    out.line(paint(DIM, format!("checked {counted}")))?;
    Ok(if found.live.is_err() {
        Exit::Damaged
    } else {
        Exit::No
    })
}

pub(super) fn recover(args: &Args, out: &mut Out, path: &Path, salvage: bool) -> Outcome {
    let lowest = match salvage {
        true => RecoverySource::Salvage,
        false => RecoverySource::Copy,
    };
    let file = open(args, out, path, Versions::IfItApplies)?;
    let receipt = file.recover_up_to(lowest, None);
    let receipt = receipt.map_err(|error| with_backups(&file, error))?;
    show::receipt(out, &receipt)
}

/// Why nothing was recovered, with the command that puts the last backup in place where that would help and there is one.
fn with_backups(file: &ConfigFile, error: Error) -> Failure {
    let restore = format!("`persist restore {} latest`", quoted(file.path()));
    let is_backed_up = || file.backups().list().is_ok_and(|copies| !copies.is_empty());
    match error {
        // It is an edit, which only a person can mean to lose.
        Error::Invalid(source) => {
            let mend = source.help().unwrap_or("correct the edit");
            let help = match is_backed_up() {
                true => format!("{mend}; {restore} restores the last backup, and keeps this text"),
                false => mend.to_owned(),
            };
            Error::Invalid(Box::new(source.with_help(help))).into()
        }
        // A deletion that was accepted.
        error @ Error::NotFound { .. } if is_backed_up() => {
            Failure::from(error).with_hint(format!("{restore} brings it back"))
        }
        error => error.into(),
    }
}

pub(super) fn adopt(args: &Args, out: &mut Out, path: &Path) -> Outcome {
    let receipt = open(args, out, path, Versions::IfItApplies)?.adopt()?;
    show::receipt(out, &receipt)
}
