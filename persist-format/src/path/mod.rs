//! Key paths: where in a document a value is.

mod parse;
mod print;

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Segment {
    /// The entry of a map under this key. On a sequence, digits are an index and `-` appends, as in a JSON Pointer.
    Key(String),
    /// The item of a sequence, counted from 0.
    Index(usize),
    /// The item of a sequence counted from its end: 1 is the last.
    FromEnd(usize),
    /// The place after the last item of a sequence.
    Append,
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Segment {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// Where in a document a value is: keys and indexes from the root.
///
/// As text it is TOML's dotted key with indexes, `services.web.ports[0]`; `[-1]` is the last item, `[+]` the place after it;
/// keys other than `A-Za-z0-9_-` are quoted as in TOML, `"editor.fontSize"`. The empty text is the root. Text that starts with `/` is a
/// JSON Pointer (RFC 6901), which [`KeyPath::pointer`] prints.
///
/// ```
/// use persist_format::KeyPath;
/// let path: KeyPath = r#"services."a.b".ports[0]"#.parse()?;
/// assert_eq!(path.pointer(), "/services/a.b/ports/0");
/// assert_eq!("/services/a.b/ports/0".parse::<KeyPath>()?.to_string(), r#"services."a.b".ports.0"#);
/// # Ok::<(), persist_format::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPath(Vec<Segment>);

impl KeyPath {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// True for the whole document.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The steps from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Adds a step.
    pub fn push(&mut self, segment: impl Into<Segment>) {
        self.0.push(segment.into());
    }

    /// Takes the last step off.
    pub fn pop(&mut self) -> Option<Segment> {
        self.0.pop()
    }

    /// The path one key further.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        self.join(Segment::Key(key.to_owned()))
    }

    /// The path one index further.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.join(Segment::Index(index))
    }

    /// The path one step further.
    #[must_use]
    pub fn join(&self, segment: Segment) -> Self {
        let mut longer = self.clone();
        longer.0.push(segment);
        longer
    }

    /// The path without its last step, and that step; `None` at the root.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, &Segment)> {
        let (last, before) = self.0.split_last()?;
        Some((Self(before.to_vec()), last))
    }

    /// The path without its last step; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.split_last().map(|(parent, _)| parent)
    }

    /// True if the other path is this one's beginning (or this one).
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl From<Vec<Segment>> for KeyPath {
    fn from(segments: Vec<Segment>) -> Self {
        Self(segments)
    }
}

impl IntoIterator for KeyPath {
    type Item = Segment;
    type IntoIter = std::vec::IntoIter<Segment>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Segment> for KeyPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl Segment {
    /// The place in a sequence of `len` items that the segment means; `len` itself for appending.
    #[must_use]
    pub fn index_in(&self, len: usize) -> Option<usize> {
        match self {
            Self::Index(index) => Some(*index),
            Self::FromEnd(back) => len.checked_sub(*back),
            Self::Append => Some(len),
            Self::Key(key) if key == "-" => Some(len),
            Self::Key(key) => pointer_index(key),
        }
    }
}

/// RFC 6901: digits without leading zeros.
fn pointer_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || (!token.starts_with('0') && !token.starts_with('+'));
    if canonical { token.parse().ok() } else { None }
}
