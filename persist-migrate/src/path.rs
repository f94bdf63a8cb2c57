//! Where a node is: keys and indexes, as text a JSON Pointer (RFC 6901).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One step down a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value of a map's key.
    Key(String),
    /// The n-th element of an array; in a map, the key with these digits.
    ///
    /// A JSON Pointer cannot tell `0` the key from `0` the index, so neither do we: a key of plain digits is
    /// always this variant, and the container decides what it means.
    Index(usize),
    /// Every element of an array, or every value of a map. Only in patterns.
    Each,
}

impl Step {
    /// The step as a map's key; `None` for [`Step::Each`].
    pub fn key(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Key(key) => Some(Cow::Borrowed(key)),
            Self::Index(index) => Some(Cow::Owned(index.to_string())),
            Self::Each => None,
        }
    }

    /// The step as an array's index; `None` where it is no index.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::Index(index) => Some(*index),
            Self::Key(_) | Self::Each => None,
        }
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        let canonical =
            key == "0" || (!key.starts_with('0') && key.bytes().all(|b| b.is_ascii_digit()));
        match key.parse() {
            Ok(index) if canonical => Self::Index(index),
            _ => Self::Key(key.to_owned()),
        }
    }
}

impl From<String> for Step {
    fn from(key: String) -> Self {
        match Self::from(key.as_str()) {
            Self::Key(_) => Self::Key(key),
            step => step,
        }
    }
}

/// The way from a document's root to a node, or a pattern of such ways.
///
/// Text form: a JSON Pointer (RFC 6901), `""` for the root, `~0` for `~` and `~1` for `/`. A segment that is
/// exactly `*` stands for every element of an array or every value of a map; the key `*` itself is written `~2`.
///
/// ```
/// use persist_migrate::Path;
/// let path: Path = "/servers/*/tls~1mode".parse()?;
/// assert!(path.is_pattern());
/// assert_eq!(path.to_string(), "/servers/*/tls~1mode");
/// # Ok::<(), persist_migrate::PathError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

/// A text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A pointer is empty or starts with a slash.
    #[error("path `{0}` must start with `/`: write `{pointer}`", pointer = as_pointer(.0))]
    NoSlash(String),
    /// A tilde is followed by something else than 0, 1 or 2.
    #[error(
        "path `{0}` has a stray `~`: write `~0` for `~`, `~1` for `/` and `~2` for the key `*`"
    )]
    Escape(String),
}

/// What dots and brackets are by all odds meant for.
fn as_pointer(dotted: &str) -> String {
    let steps = dotted.split(['.', '[', ']', '/']);
    let steps = steps.map(|step| step.trim_matches(['"', '\'']));
    steps
        .filter(|step| !step.is_empty())
        .map(|step| format!("/{step}"))
        .collect()
}

impl Path {
    /// The whole document.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the whole document.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a step is `*`.
    pub fn is_pattern(&self) -> bool {
        self.0.contains(&Step::Each)
    }

    /// The container's path; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// The last step; `None` at the root.
    pub fn last(&self) -> Option<&Step> {
        self.0.last()
    }

    /// This path and one step more.
    #[must_use]
    pub fn child(&self, step: impl Into<Step>) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step.into());
        Self(steps)
    }

    /// This path and further steps.
    #[must_use]
    pub fn join(&self, steps: &[Step]) -> Self {
        Self([self.0.as_slice(), steps].concat())
    }

    /// The steps below `prefix`, if this path is at or below it. `*` in `prefix` stands for any step.
    pub fn below(&self, prefix: &Self) -> Option<&[Step]> {
        let (head, tail) = self.0.split_at_checked(prefix.0.len())?;
        let agrees = head
            .iter()
            .zip(&prefix.0)
            .all(|(have, want)| have == want || *want == Step::Each);
        agrees.then_some(tail)
    }

    /// Whether this is `place`, around it, or inside of it. `*` stands for any step.
    pub(crate) fn is_on_the_way_of(&self, place: &Self) -> bool {
        let mut both = self.0.iter().zip(&place.0);
        both.all(|(have, want)| have == want || *have == Step::Each)
    }

    /// Splits after the last `*`: what has to be expanded, and the rest.
    pub(crate) fn split_pattern(&self) -> (&[Step], &[Step]) {
        let at = self
            .0
            .iter()
            .rposition(|step| *step == Step::Each)
            .map_or(0, |last| last + 1);
        self.0.split_at(at)
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let segments = text
            .strip_prefix('/')
            .ok_or_else(|| PathError::NoSlash(text.to_owned()))?;
        segments
            .split('/')
            .map(|segment| parse_segment(segment, text))
            .collect()
    }
}

fn parse_segment(segment: &str, whole: &str) -> Result<Step, PathError> {
    if segment == "*" {
        return Ok(Step::Each);
    }
    let mut pieces = segment.split('~');
    let mut key = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let mut rest = piece.chars();
        key.push(match rest.next() {
            Some('0') => '~',
            Some('1') => '/',
            Some('2') => '*',
            _ => return Err(PathError::Escape(whole.to_owned())),
        });
        key.push_str(rest.as_str());
    }
    Ok(Step::from(key))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step.key() {
                None => f.write_str("/*")?,
                Some(key) if key == "*" => f.write_str("/~2")?,
                Some(key) => write!(f, "/{}", key.replace('~', "~0").replace('/', "~1"))?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
