//! How far a check is, for whoever waits for it.

/// How far a check is, in files: segments of the journal, and backups.
///
/// The count begins again where somebody saved meanwhile and the check has to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Files looked at.
    pub done: usize,
    /// Files to look at, those included; as many as there were at the beginning.
    pub total: usize,
}

/// Who is told.
pub(super) type Tell<'t> = dyn FnMut(Progress) + 't;

impl Progress {
    /// One file more.
    pub(super) fn step(&mut self, tell: &mut Tell<'_>) {
        self.done += 1;
        self.total = self.total.max(self.done);
        tell(*self);
    }
}
