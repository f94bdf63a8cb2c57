//! How much beyond RFC 8259 is accepted.

/// How much beyond RFC 8259 is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Nothing.
    Strict,
    /// Comments and trailing commas.
    Comments,
}
