//! How one file took the place of another.

/// How the old content got out of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// Old and new file exchanged their names in one step.
    Exchange,
    /// `ReplaceFileW` (Windows): the old file was renamed to a backup name.
    ReplaceFile,
    /// A copy that shares blocks was kept, then the new file renamed over the old.
    Reflink,
    /// A second name was kept, then the new file renamed over the old.
    Link,
    /// A copy was kept, then the new file renamed over the old.
    Copy,
    /// There was nothing to displace.
    Created,
    /// A copy was kept, then the new bytes written into the file.
    InPlace,
    /// Nothing was displaced now: found after a writer had died.
    Leftover,
}
