//! How the settings of one file are read and written, and what comes of writing them.

use persist_format::{Defaults, KeyPath, Value, Warning};

use crate::differing::{ReadSettings, differing};

/// How the settings of one file are read and written.
pub(crate) struct Typed<'a> {
    pub(crate) defaults: &'a Defaults,
    /// Where the schema version stands, and which a new file gets.
    pub(crate) stamp: Option<(KeyPath, Value)>,
    /// What need not read back as it was written.
    pub(crate) unchecked: &'a [KeyPath],
    /// Takes out what is never written.
    pub(crate) without_excluded: &'a dyn Fn(Value) -> Value,
}

/// What writing had to say.
pub(crate) struct Written {
    pub(crate) warnings: Vec<Warning>,
    /// Items of lists whose unknown keys could not be kept.
    pub(crate) lost: Vec<KeyPath>,
}

/// Why settings were not written.
pub(crate) enum Trouble {
    Format(persist_format::Error),
    /// A load would give back something else at the path, which may be there in one of the two alone. All of both tells what is a secret.
    NotReadBack {
        path: KeyPath,
        wanted: Value,
        found: Value,
    },
    /// The schema version was to be changed as if it were a setting.
    Version(KeyPath),
}

impl From<persist_format::Error> for Trouble {
    fn from(error: persist_format::Error) -> Trouble {
        Trouble::Format(error)
    }
}

/// What reading a document gave: the settings as a tree again, or why they can't be read.
pub(super) type Read = Result<Value, persist_format::Error>;

impl Typed<'_> {
    /// Where what was written is not read as what was asked for.
    pub(super) fn wrong(
        &self,
        first: ReadSettings<'_>,
        after: &Value,
        last: ReadSettings<'_>,
    ) -> Vec<KeyPath> {
        let mut wrong = differing(first, after, last);
        wrong.retain(|path| !self.is_free(path));
        wrong
    }
}
