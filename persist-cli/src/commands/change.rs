//! `persist undo`, `redo` and `restore`.

use std::path::Path;

use persist_core::{Error, HistoryMove};

use super::dry;
use super::open::{Versions, open};
use crate::args::{Args, Dry};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::out::Out;
use crate::quote::quoted;
use crate::show;

/// How it is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Also where it leaves text that is no document.
    force: bool,
    /// It is only shown.
    dry_run: bool,
}

impl How {
    pub(super) fn new(force: bool, dry: Dry) -> How {
        let dry_run = dry.dry_run;
        How { force, dry_run }
    }
}

pub(super) fn undo(args: &Args, out: &mut Out, path: &Path, to: HistoryMove, how: How) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let explained = |error| {
        let nothing = matches!(error, Error::NotFound { .. }) && path.exists();
        let file = quoted(path);
        let again = match to {
            HistoryMove::UndoTo(number) => format!("persist undo --force {file} --to {number}"),
            HistoryMove::Undo(1) => format!("persist undo --force {file}"),
            HistoryMove::Undo(count) => format!("persist undo --force {file} {count}"),
            HistoryMove::Redo(count) => format!("persist redo --force {file} {count}"),
            _ => String::new(),
        };
        let mut failure = forceful(error, &again);
        if nothing {
            failure.exit = Exit::No;
        }
        failure
    };
    if how.dry_run {
        let preview = file.preview_go(to, how.force);
        return dry::show(out, &preview.map_err(explained)?);
    }
    let gone = match how.force {
        true => file.go_even_unparsable(to),
        false => file.go(to),
    };
    show::receipt(out, &gone.map_err(explained)?)
}

pub(super) fn restore(args: &Args, out: &mut Out, path: &Path, backup: &str, how: How) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let again = format!(
        "persist restore --force {} {}",
        quoted(path),
        quoted(Path::new(backup))
    );
    if how.dry_run {
        let preview = file.preview_restore(backup, how.force);
        return dry::show(out, &preview.map_err(|error| forceful(error, &again))?);
    }
    let restored = match how.force {
        true => file.restore_even_unparsable(backup),
        false => file.restore(backup),
    };
    let receipt = restored.map_err(|error| forceful(error, &again))?;
    show::receipt(out, &receipt)
}

/// An error with the command that does it all the same, where there is one.
fn forceful(error: Error, again: &str) -> Failure {
    let is_refused = matches!(error, Error::Unparsable { .. });
    let failure = Failure::from(error);
    match is_refused {
        true => failure.with_hint(format!("`{again}` restores it anyway")),
        false => failure,
    }
}
