//! What became of an edit.

use std::fmt;

use crate::convert::Warning;

/// What to do when a change can't be made in place without losing something the person wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnLoss {
    /// Return [`ErrorKind::Refused`](crate::ErrorKind::Refused) and leave the document as it was.
    #[default]
    Refuse,
    /// Write the document afresh: the value is right, comments and layout are lost; told by [`Extent::Whole`].
    Reemit,
}

/// What an edit does whose place lies in a text that YAML's anchors and aliases share with other places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnAlias {
    /// Return [`ErrorKind::Refused`](crate::ErrorKind::Refused): it would change more, or less, than the caller said.
    #[default]
    Refuse,
    /// Change the anchored text, and with it every place that repeats it; the document's value then differs from before at all of them.
    Follow,
    /// Change this place alone: aliases that stand in the way are replaced by a copy of what they stood for.
    Expand,
}

/// How large a part of the text had to be written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Extent {
    /// Nothing: the value was there already, the bytes are the same.
    Unchanged,
    /// The changed values alone.
    Splice,
    /// A whole collection around the change; comments inside it are lost.
    Collection,
    /// The whole document; all comments are lost.
    Whole,
}

/// What an edit did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "the warnings say what the format could not carry"]
pub struct Edit {
    /// How large a part of the text was written anew.
    pub extent: Extent,
    /// What the format could not carry exactly.
    pub warnings: Vec<Warning>,
}

impl Edit {
    pub(super) fn unchanged() -> Self {
        Self {
            extent: Extent::Unchanged,
            warnings: Vec::new(),
        }
    }

    /// True if the text is another than before.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.extent != Extent::Unchanged
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unchanged => "unchanged",
            Self::Splice => "edited in place",
            Self::Collection => "a collection rewritten",
            Self::Whole => "the whole document rewritten",
        })
    }
}
