//! Settings as they were loaded.

use persist_format::Value;
use persist_migrate::Version;

use crate::file::Reading;

/// Settings, and the state of the file they were read from.
#[derive(Clone)]
pub struct Loaded<T> {
    pub(super) value: T,
    pub(super) source: Source,
    /// The settings as a tree, as they were loaded; what was changed is the difference to it.
    pub(super) tree: Value,
    pub(super) reading: Reading,
}

/// Where loaded settings came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The file.
    File,
    /// There is no file yet: the defaults.
    Defaults,
    /// The file, which is of an older schema version and was migrated in memory. It is not changed by this store before it is
    /// migrated itself ([`Store::migrate_to`](crate::Store::migrate_to)).
    Migrated {
        /// The version of the file.
        from: Version,
    },
}

/// Without the tree, in which nothing hides a secret.
impl<T: std::fmt::Debug> std::fmt::Debug for Loaded<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded")
            .field("value", &self.value)
            .field("source", &self.source)
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

impl<T> std::ops::Deref for Loaded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Loaded<T> {
    /// The settings.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The settings, without the state of the file.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Where they came from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
