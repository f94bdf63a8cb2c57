//! Three-way merge: what two sides made of one document, made together.
//!
//! Values decide, texts follow. [`values`] says what the result is to mean; the texts are then woven so that comments, order, spelling and blank lines of
//! both sides are kept, and the woven text is taken only if it reads as exactly those values. What is left out is named.

mod commas;
mod comments;
mod groups;
mod order;
mod pieces;
mod texts;
mod values;
mod weave;

pub use self::comments::keep_comments;
pub use self::texts::{SameItems, TextEdit, Texts, edited, edits};
use crate::convert::Warning;
use crate::document::Document;
use crate::error::Error;
use crate::location::Location;
use crate::path::KeyPath;
use crate::value::Value;

/// A place that both sides changed, each in its own way. `None` is "not there".
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

/// Takes the changes of both sides since `base`, of values as [`values`] does, and of the texts: comments, order, spelling and blank lines.
/// A side that has changed nothing gives the other side's text, byte for byte.
///
/// Each value and comment that a side has written is in the result or named in it.
///
/// # Errors
///
/// The format can't say the merged values, or the document refuses the edit: [`Document::apply`].
///
/// ```
/// use persist_format::{Document, Format, merge};
/// let read = |text: &str| Document::parse(text.as_bytes(), Format::Toml);
/// let base = read("a = 1\nb = 2\n")?;
/// let merge = merge::three_way(&base, &read("# ours\na = 1\nb = 3\n")?, &read("a = 0x5\nb = 2\nc = 4 # theirs\n")?)?;
/// assert_eq!(merge.document.text(), "# ours\na = 0x5\nb = 3\nc = 4 # theirs\n");
/// assert!(merge.conflicts.is_empty() && merge.comments.is_empty());
/// # Ok::<(), persist_format::Error>(())
/// ```
pub fn three_way(base: &Document, ours: &Document, theirs: &Document) -> Result<Merge, Error> {
    let document = match () {
        () if base.text() == theirs.text() || ours.text() == theirs.text() => Some(ours),
        () if base.text() == ours.text() => Some(theirs),
        () => None,
    };
    if let Some(document) = document {
        return Ok(Merge {
            document: document.clone(),
            conflicts: Vec::new(),
            comments: Vec::new(),
            warnings: Vec::new(),
        });
    }
    let (value, clashes) = values::merged(base.value(), ours.value(), theirs.value());
    let texts = Texts {
        base,
        ours,
        theirs,
        first: Side::Ours,
    };
    let mut plain = ours.clone();
    let warnings = plain.apply(&value)?.warnings;
    let (document, comments) = texts.best(&plain, &value);
    let placed = |clash: values::Clash| clash.placed(&texts);
    Ok(Merge {
        document,
        conflicts: clashes.into_iter().map(placed).collect(),
        comments,
        warnings,
    })
}

/// Takes the changes of both sides since `base`. Maps are merged key by key. Items of sequences are known again as [`diff`](crate::diff) does, by
/// what they say, their name or their neighbours: each side's removals, insertions and moves are taken, and an item that both have is merged.
///
/// # Errors
///
/// Every place where both sides changed the same value differently.
///
/// ```
/// use persist_format::{Value, merge};
/// let [base, ours, theirs] = [r#"["a", "b"]"#, r#"["b"]"#, r#"["a", "b", "c"]"#].map(Value::from_cli);
/// assert_eq!(merge::values(&base, &ours, &theirs), Ok(Value::from_cli(r#"["b", "c"]"#)));
/// ```
pub fn values(base: &Value, ours: &Value, theirs: &Value) -> Result<Value, Vec<Conflict>> {
    let (value, clashes) = values::merged(base, ours, theirs);
    match clashes.is_empty() {
        true => Ok(value),
        false => Err(clashes.into_iter().map(|clash| clash.conflict).collect()),
    }
}
