//! TOML 1.1.

mod check;
mod edit;
mod emit;
mod read;
mod scan;

pub(crate) use check::cross_check;
pub(crate) use edit::Edit;
pub(crate) use emit::{emit, inline};
pub(crate) use read::{read, reread};
pub(crate) use scan::comments;
