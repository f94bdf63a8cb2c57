//! How much of a proof runs.

/// How much of the proof to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What a change waits for.
    Bounded,
    /// Everything that the project claims.
    Full,
}

impl Scope {
    /// One number for each.
    pub(crate) fn pick<T>(self, bounded: T, full: T) -> T {
        match self {
            Self::Bounded => bounded,
            Self::Full => full,
        }
    }
}
