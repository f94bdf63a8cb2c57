//! What a caller may allow beyond the safe defaults.

/// What to do about a file with several names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HardLinks {
    /// Refuse with [`Error::HardLinked`](crate::Error::HardLinked): whether the other names are copies or the same file for
    /// other readers only the caller can know.
    #[default]
    Refuse,
    /// The path gets the new content, the other names keep the old. That is right for copies made by links (`cp -al`).
    Part,
    /// Write in place so that every name shows the new content; needs [`Options::in_place`].
    Follow,
}

/// What a caller allows where the safe way is closed. All off by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    pub(crate) in_place: bool,
    pub(crate) unlocked: bool,
    pub(crate) hard_links: HardLinks,
}

impl Options {
    /// Nothing allowed beyond the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Write *in place* where the file can't be replaced (it is a mount point, in a sticky folder, or its owner can't be kept).
    ///
    /// The old bytes and the new are kept durably beside it until the write is synced, but a reader
    /// without the lock can see a half-written file, and so can the next start after a crash.
    #[must_use]
    pub fn in_place(mut self, allow: bool) -> Self {
        self.in_place = allow;
        self
    }

    /// Whether writing in place is allowed.
    pub fn allows_in_place(&self) -> bool {
        self.in_place
    }

    /// Go on with the in-process lock alone where the file system has none (`ENOLCK`).
    #[must_use]
    pub fn unlocked(mut self, allow: bool) -> Self {
        self.unlocked = allow;
        self
    }

    /// What to do about a file with several names.
    #[must_use]
    pub fn hard_links(mut self, choice: HardLinks) -> Self {
        self.hard_links = choice;
        self
    }
}
