//! Three-way merge: what two sides made of one document, made together.
//!
//! Values decide, texts follow. [`values`] says what the result is to mean; the texts are then woven so that comments, order, spelling and blank lines of
//! both sides are kept, and the woven text is taken only if it reads as exactly those values. What is left out is named.

mod attached;
mod brackets;
mod commas;
mod comments;
mod cut;
mod edits;
mod groups;
mod items;
mod keys;
mod order;
mod owners;
mod pieces;
mod sides;
mod terms;
mod texts;
mod values;
mod weave;

pub use self::comments::keep_comments;
use self::cut::Cut;
pub use self::edits::TextEdits;
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
    let (document, comments, warnings) = prepared(read, &value, &clashes)?;
    let placed = |clash: values::Clash| clash.placed(read);
    Ok(Merge {
        document,
        conflicts: clashes.into_iter().map(placed).collect(),
        comments,
        warnings,
    })
}

/// The texts with the merged values, woven as they would be if what is decided by the values had been so from the start: all lines end alike, and what a side has removed or
/// changed in vain at a conflict is not there to be woven. Comments of what is not taken are named, not left at a neighbour.
fn prepared(
    read: [&Document; 3],
    value: &Value,
    clashes: &[values::Clash],
) -> Result<(Document, Vec<UnplacedComment>, Vec<Warning>), Error> {
    let alike = sides::with_same_line_ends(read);
    let [base, ours, theirs] = alike.as_ref().map_or(read, <[_; 3]>::each_ref);
    let decided = sides::decided([base, ours, theirs], clashes);
    let [base, theirs] = (decided.as_ref()).map_or([base, theirs], <[_; 2]>::each_ref);
    let cuts = read.map(Cut::of);
    let [old, mine, other] = &cuts;
    let others = [
        old.if_other(base),
        mine.if_other(ours),
        other.if_other(theirs),
    ];
    let [in_base, in_ours, in_theirs] = &others;
    let woven = [
        in_base.as_ref().unwrap_or(old),
        in_ours.as_ref().unwrap_or(mine),
        in_theirs.as_ref().unwrap_or(other),
    ];
    let (document, comments, warnings) = of_texts(woven, value)?;
    let homeless = sides::comments_of_what_is_not_taken(cuts.each_ref(), clashes);
    let is_there = |words: &String| document.comment_counts().contains_key(words);
    let without = match homeless.iter().any(is_there) {
        true => comments::without_comments(&document, &homeless),
        false => None,
    };
    if without.is_none() && others.iter().all(Option::is_none) {
        return Ok((document, comments, warnings));
    }
    let document = without.unwrap_or(document);
    let comments = comments::all_unplaced(cuts.each_ref(), woven, &document);
    Ok((document, comments, warnings))
}

/// The texts with the merged values, the comments that it lacks, and what giving it the values could not carry.
///
/// Ours need not take the values where the texts have a way: an alias repeats what theirs has changed, or an item in flow style has no room for their comments. Then
/// theirs is given them, and ours woven into it; and where neither takes them the texts are woven, which may say them by themselves.
fn of_texts(
    cuts: [&Cut<'_>; 3],
    value: &Value,
) -> Result<(Document, Vec<UnplacedComment>, Vec<Warning>), Error> {
    let policy = |first| Policy {
        first,
        same_items: &values::same_items,
    };
    let [old, mine, other] = cuts;
    let [ours, theirs] = [mine, other].map(|cut| cut.document);
    let mut plain = ours.clone();
    let refused = match plain.apply(value) {
        Ok(edit) => {
            let texts = Texts::of([old, mine, other], Side::Ours);
            let (document, comments) = texts.best(&plain, value, &policy(Side::Ours));
            return Ok((document, comments, edit.warnings));
        }
        Err(refused) => refused,
    };
    let mut plain = theirs.clone();
    // Somebody may have changed other documents of the stream meanwhile.
    let edit = (ours.around() == theirs.around()).then(|| plain.apply(value));
    if let Some(Ok(edit)) = edit {
        let texts = Texts::of([old, other, mine], Side::Theirs);
        let (document, _) = texts.best(&plain, value, &policy(Side::Theirs));
        if let Ok(document) = ours.with_text(document.text()) {
            let comments = comments::all_unplaced(cuts, cuts, &document);
            return Ok((document, comments, edit.warnings));
        }
    }
    let texts = Texts::of([old, mine, other], Side::Ours);
    let (document, comments) = texts.alone(value).ok_or(refused)?;
    Ok((document, comments, Vec::new()))
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
    let [base, ours, theirs] = [base, ours, theirs].map(Cut::of);
    Texts::of([&base, &ours, &theirs], policy.first).saying(wanted, policy)
}

/// Takes the changes of both sides since `base`. Maps are merged key by key. Items of sequences are known again by
/// their name (`id`, `name` or `key`), or by what they say and no other item does: each side's removals, insertions and moves are taken, and an item that both have is merged.
/// An item that is only where one was before is not merged: if both sides have changed it, that is a conflict.
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
