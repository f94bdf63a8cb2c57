//! A key that leads to nothing.

use std::path::Path;

use persist_core::{Document, KeyPath};

use super::set::looks;
use crate::exit::Exit;
use crate::failure::Failure;

/// That a key leads to nothing, and which one was meant, most likely.
pub(super) fn missing(file: &Path, document: &Document, key: &KeyPath) -> Failure {
    let message = format!("{}: there is no `{key}`", file.display());
    let failure = Failure::new(Exit::No, message);
    match document.value().meant(key) {
        Some(meant) => failure.with_hint(format!("did you mean {}?", looks::shell(&meant))),
        None => failure,
    }
}
