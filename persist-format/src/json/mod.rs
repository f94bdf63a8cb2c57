//! JSON (RFC 8259), and JSON with comments and trailing commas.

mod check;
mod edit;
mod emit;
mod read;
mod string;

pub(crate) use check::cross_check;
pub(crate) use edit::Edit;
pub(crate) use emit::emit;
pub(crate) use read::{comments, read};

/// How much beyond RFC 8259 is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Nothing.
    Strict,
    /// Comments and trailing commas.
    Comments,
}
