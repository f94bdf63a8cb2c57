//! What a file is opened for.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Append,
    /// Reading, and appending to what is there.
    Extend,
    /// Reading and writing, as exclusive record locks need it.
    Lock,
}
