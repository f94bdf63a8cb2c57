//! Which keys are sensitive: those that somebody named, beside those that are found by their names.

use std::collections::HashSet;

use persist_format::{KeyPath, Segment};

use super::pattern::Pattern;

/// What stands in place of a sensitive value wherever one would be shown.
pub const REDACTED: &str = "[redacted]";

/// Which keys are sensitive, and whether they belong in the file at all.
///
/// Keys are found by name. The built-in list covers passwords, tokens, secrets, API, access and
/// private keys and credentials, whatever their case and separators; booleans under such names
/// (`use_password = true`) and numbers of tokens (`max_tokens = 100`) are not sensitive. Patterns and marked paths cover every value.
///
/// More is hidden than is sensitive enough to be left out of a file: texts right under `auth`, `pass`, `jwt` and the like; the `value` beside
/// a telling `name`; and within any text the password of an address (`postgres://user:password@host`) and what is assigned to a telling
/// name (`DB_PASSWORD=…`, `?token=…`).
#[derive(Clone, Debug, Default)]
pub struct Sensitive {
    pub(super) patterns: Vec<Pattern>,
    pub(super) paths: HashSet<KeyPath>,
    /// The last keys of all paths that were marked.
    pub(super) marked: HashSet<String>,
    exclude: bool,
}

impl Sensitive {
    /// The built-in names; sensitive values are kept in the file.
    pub fn new() -> Sensitive {
        Sensitive::default()
    }

    /// Also every key whose name or dotted path matches `pattern`, in which `*` stands for any text.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<String>) -> Sensitive {
        self.patterns.push(Pattern::new(&pattern.into()));
        self
    }

    /// Also the value at `path`, and all below it.
    #[must_use]
    pub fn path(mut self, path: KeyPath) -> Sensitive {
        self.mark([path]);
        self
    }

    /// The same of several.
    pub(super) fn mark(&mut self, paths: impl IntoIterator<Item = KeyPath>) {
        let key = |segment: &Segment| match segment {
            Segment::Key(key) => Some(key.clone()),
            _ => None,
        };
        for path in paths {
            self.marked
                .extend(path.segments().iter().rev().find_map(key));
            self.paths.insert(path);
        }
    }

    /// Whether a pattern matches a key's name.
    pub(super) fn matches(&self, key: &str) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        let lower = key.to_lowercase();
        self.patterns.iter().any(|pattern| pattern.matches(&lower))
    }

    /// Never write sensitive values to the file. What a person wrote there by hand stays.
    #[must_use]
    pub fn exclude(mut self, exclude: bool) -> Sensitive {
        self.exclude = exclude;
        self
    }

    /// Whether sensitive values are left out of saves.
    pub fn excluded(&self) -> bool {
        self.exclude
    }

    /// Whether somebody has said of keys that they are sensitive.
    pub(crate) fn is_declared(&self) -> bool {
        !self.patterns.is_empty() || !self.paths.is_empty()
    }
}
