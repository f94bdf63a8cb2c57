//! What a caller of a batch asks for.

use crate::path::KeyPath;
use crate::value::Value;

/// One edit.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) path: KeyPath,
    pub(super) what: What,
}

/// What is to become of the value at the path.
#[derive(Clone, Debug)]
pub(super) enum What {
    Set(Value),
    Insert(Value),
    Remove,
    Rename(String),
    MoveTo(KeyPath),
}

impl Ask {
    /// The same edit at another path; `None` for a move, which has two.
    pub(super) fn at(&self, path: KeyPath) -> Option<Self> {
        let what = self.what.clone();
        (!matches!(what, What::MoveTo(_))).then_some(Self { path, what })
    }
}
