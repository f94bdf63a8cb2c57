//! What is merged, and what comes of it.

use std::fmt;

use crate::convert::Warning;
use crate::document::Document;
use crate::location::Location;
use crate::path::KeyPath;
use crate::value::Value;

/// A place that both sides changed, each in its own way. `None` is "not there", or of an item of a sequence that it is not certain which one of that side it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Where; elements of sequences are counted as our side has them, or as the base has those that our side removed.
    pub path: KeyPath,
    /// What both started from.
    pub base: Option<Value>,
    /// What our side made of it.
    pub ours: Option<Value>,
    /// What their side made of it.
    pub theirs: Option<Value>,
    /// Where that stands in the three texts, as far as it stands there; nowhere if values were merged.
    pub places: Places,
}

/// The path, and the three values as JSON.
impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| match value {
            Some(value) => value.to_json().to_string(),
            None => "absent".to_owned(),
        };
        let [base, ours, theirs] = [&self.base, &self.ours, &self.theirs].map(shown);
        match self.path.is_root() {
            true => f.write_str("the whole document")?,
            false => write!(f, "{}", self.path)?,
        }
        write!(f, ": base {base}, ours {ours}, theirs {theirs}")
    }
}

/// A place in each of the three texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// In what both started from.
    pub base: Option<Location>,
    /// In our text.
    pub ours: Option<Location>,
    /// In their text.
    pub theirs: Option<Location>,
}

/// One of the two that are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Ours.
    Ours,
    /// Theirs.
    Theirs,
}

/// A comment that a side wrote and that the result has not: the other side has taken away what it stood at, or put it otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnplacedComment {
    /// Who wrote it.
    pub side: Side,
    /// The comment, with its mark.
    pub text: String,
    /// Where it stands in the text of that side.
    pub place: Location,
}

/// What came of a merge.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Both sides; our side's value at a conflict.
    pub document: Document,
    /// What both changed, each in its own way.
    pub conflicts: Vec<Conflict>,
    /// Comments that found no place.
    pub comments: Vec<UnplacedComment>,
    /// What giving the values to our document could not carry.
    pub warnings: Vec<Warning>,
}

/// How texts are put together where values leave that open.
#[derive(Clone, Copy)]
pub struct Policy<'p> {
    /// Whose new entries come first where both sides have put some.
    pub first: Side,
    /// For each of the old items of a sequence its place among the new ones, if it has one.
    pub same_items: &'p SameItems<'p>,
}

type SameItems<'p> = dyn Fn(&[Value], &[Value]) -> Vec<Option<usize>> + 'p;
