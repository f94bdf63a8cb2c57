//! `persist undo`, `redo` and `restore`.

use std::path::Path;

use persist_core::{Error, Going};

use super::Outcome;
use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::quote::quoted;
use crate::show;

pub(super) fn undo(args: &Args, out: &mut Out, path: &Path, to: Going, force: bool) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let gone = match force {
        true => file.go_even_unparsable(to),
        false => file.go(to),
    };
    let receipt = gone.map_err(|error| {
        let nothing = matches!(error, Error::NotFound { .. }) && path.exists();
        let file = quoted(path);
        let again = match to {
            Going::BackTo(number) => format!("persist undo --force {file} --to {number}"),
            Going::Back(1) => format!("persist undo --force {file}"),
            Going::Back(count) => format!("persist undo --force {file} {count}"),
            Going::Forth(count) => format!("persist redo --force {file} {count}"),
            _ => String::new(),
        };
        let mut failure = forceful(error, &again);
        if nothing {
            failure.exit = Exit::No;
        }
        failure
    })?;
    show::receipt(out, &receipt)
}

pub(super) fn restore(
    args: &Args,
    out: &mut Out,
    path: &Path,
    backup: &str,
    force: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let restored = match force {
        true => file.restore_even_unparsable(backup),
        false => file.restore(backup),
    };
    let again = format!(
        "persist restore --force {} {}",
        quoted(path),
        quoted(Path::new(backup))
    );
    let receipt = restored.map_err(|error| forceful(error, &again))?;
    show::receipt(out, &receipt)
}

/// An error with the command that does it all the same, where there is one.
fn forceful(error: Error, again: &str) -> Failure {
    let is_refused = matches!(error, Error::Unparsable { .. });
    let failure = Failure::from(error);
    match is_refused {
        true => failure.with_hint(format!("`{again}` puts it back all the same")),
        false => failure,
    }
}
