//! Three-way merge: what two sides made of one document, made together.
//!
//! Values decide, texts follow. [`values`] says what the result is to mean; the texts are then woven so that comments, order, spelling and blank lines of
//! both sides are kept, and the woven text is taken only if it reads as exactly those values. What is left out is named.
//!
//! All lines of a merged text end alike: as in the side that has changed how, or in ours if both have. A line end within a TOML string is part of a value and stays. Where
//! one of the texts has line ends of several kinds each line keeps its own.

mod aligned;
mod attached;
mod brackets;
mod commas;
mod comments;
mod cut;
mod edits;
mod facts;
mod groups;
mod in_place;
mod items;
mod keys;
mod line_ends;
mod order;
mod owners;
mod pieces;
mod placing;
mod same;
mod sides;
mod terms;
mod texts;
mod values;
mod weave;

pub use self::comments::keep_comments;
use self::cut::Cut;
pub use self::edits::TextEdits;
use self::sides::Prepared;
pub use self::terms::{Conflict, Merge, Places, Policy, Side, UnplacedComment};
use self::texts::Texts;
use self::values::Guesses;
use crate::convert::Warning;
use crate::document::Document;
use crate::error::Error;
use crate::value::Value;

/// Takes the changes of both sides since `base`, of values as [`values`] does, and of the texts: comments, order, spelling and blank lines.
/// A side that has changed nothing gives the other side's text, byte for byte.
///
/// Each value and comment that a side has written is in the result or named in it.
///
/// # Errors
///
/// The format can't say the merged values, or ours refuses the edit ([`Document::apply`]), theirs too, and the texts woven don't say them by themselves.
/// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if their side has changed other documents of a stream as well, unless ours is the base: one document is merged,
/// and the text of the others is ours.
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
    if !theirs.changed_beside(base).is_empty() && !theirs.changed_beside(ours).is_empty() {
        let message =
            "their side has changed other documents of the stream than the one that is merged";
        return Err(Error::refused(message));
    }
    let (value, clashes) =
        values::merged(base.value(), ours.value(), theirs.value(), Guesses::Kept);
    let read = [base, ours, theirs];
    let (document, comments, warnings) = of_values(read, &value, &clashes)?;
    Ok(Merge {
        document,
        conflicts: values::placed(clashes, read),
        comments,
        warnings,
    })
}

/// The texts with the merged values, woven as they would be if what is decided by the values had been so from the start ([`Prepared`]), and the comments that it lacks.
/// Comments of what is not taken are named, not left at a neighbour.
fn of_values(
    read: [&Document; 3],
    value: &Value,
    clashes: &[values::Clash],
) -> Result<(Document, Vec<UnplacedComment>, Vec<Warning>), Error> {
    let prepared = Prepared::of(read, clashes);
    let cuts = prepared.cuts();
    let (mut document, warnings) = of_texts(cuts.woven(), value)?;
    let homeless = sides::comments_of_what_is_not_taken(cuts.read(), clashes);
    let there = document.comment_counts();
    if homeless.iter().any(|words| there.contains_key(words)) {
        document = comments::without_comments(&document, &homeless).unwrap_or(document);
    }
    let comments = comments::unplaced(cuts.read(), cuts.woven(), &document);
    Ok((document, comments, warnings))
}

/// The texts with the merged values, and what giving it the values could not carry.
///
/// Ours need not take the values where the texts have a way: an alias repeats what theirs has changed, or an item in flow style has no room for their comments. Then
/// theirs is given them, and ours woven into it; and where neither takes them the texts are woven, which may say them by themselves.
fn of_texts(cuts: [&Cut<'_>; 3], value: &Value) -> Result<(Document, Vec<Warning>), Error> {
    let policy = |first| Policy {
        first,
        same_items: &values::same_items,
    };
    let [old, mine, other] = cuts;
    let [ours, theirs] = [mine, other].map(|cut| cut.document);
    let texts = Texts::of([old, mine, other], policy(Side::Ours));
    let mut plain = ours.clone();
    let refused = match plain.apply(value) {
        Ok(edit) => return Ok((texts.best(&plain, value), edit.warnings)),
        Err(refused) => refused,
    };
    let mut plain = theirs.clone();
    // Somebody may have changed other documents of the stream meanwhile.
    let edit = (ours.around() == theirs.around()).then(|| plain.apply(value));
    if let Some(Ok(edit)) = edit {
        let texts = Texts::of([old, other, mine], policy(Side::Theirs));
        let document = texts.best(&plain, value);
        if let Ok(document) = ours.with_text(document.text()) {
            return Ok((document, edit.warnings));
        }
    }
    let document = texts.alone(value).ok_or(refused)?;
    Ok((document, Vec::new()))
}

/// Takes the changes of both texts, where the values have been decided already: `wanted` is `ours` with these. `None` if no merged text says them and keeps every comment and
/// every line that `wanted` keeps of ours, except for blank ones and those that the base spells otherwise than theirs.
///
/// [`three_way`] takes such a text if there is one.
#[must_use]
pub fn texts(
    base: &Document,
    ours: &Document,
    theirs: &Document,
    wanted: &Document,
    policy: &Policy<'_>,
) -> Option<Document> {
    let prepared = Prepared::of([base, ours, theirs], &[]);
    let wanted = prepared.with_its_line_ends(wanted)?;
    Texts::of(prepared.cuts().woven(), *policy).saying(&wanted)
}

/// Takes the changes of both sides since `base`. Maps are merged key by key. Items of sequences are known again by
/// their name (`id`, `name` or `key`), or by what they say and no other item does: each side's removals, insertions and moves are taken, and an item that both have is merged.
/// An item that is only where one was before is not merged: if both sides have changed it, that is a conflict. So it is if one has changed an item that says nothing of which one it is, such as
/// a number, and the other has an equal one in another place.
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
    values_with(base, ours, theirs, Guesses::Kept)
}

/// As [`values`], and an item that is only where one was before is merged too. That is no way to decide what is written, for it may not be the same item; it is
/// for judging a merge that was decided otherwise, as of texts, by values that say less or more than these do.
///
/// # Errors
///
/// As [`values`].
pub fn values_by_place(base: &Value, ours: &Value, theirs: &Value) -> Result<Value, Vec<Conflict>> {
    values_with(base, ours, theirs, Guesses::Merged)
}

fn values_with(
    base: &Value,
    ours: &Value,
    theirs: &Value,
    guesses: Guesses,
) -> Result<Value, Vec<Conflict>> {
    let (value, clashes) = values::merged(base, ours, theirs, guesses);
    match clashes.is_empty() {
        true => Ok(value),
        false => Err(clashes.into_iter().map(|clash| clash.conflict).collect()),
    }
}
