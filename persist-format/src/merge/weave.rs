//! Two changes of one text made together.
//!
//! The model is diff3 (Khanna, Kunal, Pierce, "A formal investigation of diff3", 2007): match the base with either side, and take of each stretch between
//! matches the side that has changed it. Three things are otherwise here.
//!
//! - The unit is no line but a piece with a name: an entry by its path, a comma, a closing bracket and a comment by the entry that it belongs to, a blank
//!   line by what follows it. So an entry with another value is the same piece put otherwise, and not one that went and one that came.
//! - The stretches are as small as can be. To diff3 all is one conflict that both sides have changed between two units that all three texts share; here each
//!   piece of the base is merged by itself, and each place between two of them.
//! - There are no conflicts. Values have been decided before texts are woven. Where both sides have put a piece otherwise its words are merged in the same way, and
//!   where both have put a word otherwise ours stays. A comment is not merged word by word: it stays as ours has it.
//!
//! As little as diff3 does this promise that the result makes sense: their paper shows that changes far from each other can still meet. Whoever asks for it
//! has to read and judge it.
//!
//! Matches are found in two passes of a patience diff: first of what has not changed at all, which holds the rest in its place, then between these.
//! Patience diff (Bram Cohen) aligns unique lines first, so that braces and blank lines, of which there are many alike, never decide.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::cut::Cut;
use super::groups::interleaved;
use super::pieces::{Piece, exactly, joined, words};
use super::terms::Side;
use crate::path::KeyPath;
use crate::reading::comment_words;

/// `ours` with what turns `base` into `theirs`: what is new in either is there, what either has not is gone, and where both change the
/// same words `ours` stays. Of new entries at one place those of the `first` side come first.
pub(super) fn weave(base: &Cut<'_>, ours: &Cut<'_>, theirs: &Cut<'_>, first: Side) -> String {
    let line_end = ours.line_end();
    let (base, ours, theirs) = (&*base.pieces, &*ours.pieces, &*theirs.pieces);
    let mut woven = Weave::of(base, ours, theirs);
    let mut written = woven.ours.names();
    // A comment that a person has taken away or put otherwise does not come back because it stood elsewhere.
    let is_changed_comment = |(piece, stays): &(&Piece<'_>, &Option<&Piece<'_>>)| {
        let is_changed = stays.is_none_or(|stays| stays.text != piece.text);
        piece.is_comment() && is_changed && !woven.elsewhere.contains_key(piece)
    };
    let stays = base.iter().zip(&woven.ours.stays);
    written.extend(stays.filter(is_changed_comment).map(|(piece, _)| piece));
    let leads = woven.lead_comments(&written);
    let pieces =
        woven.pieces(|before, ours, theirs| interleaved(before, ours, theirs, &written, first));
    let mut pieces: Vec<_> = pieces
        .into_iter()
        .flat_map(|piece| {
            let above = piece.entry().and_then(|path| leads.get(path));
            let above = above.into_iter().flatten().map(|lead| (*lead).clone());
            above.chain([piece.clone()]).collect::<Vec<_>>()
        })
        .collect();
    let entries: HashSet<_> = pieces.iter().filter_map(|p| p.entry().cloned()).collect();
    // Its entry may have been removed or put elsewhere meanwhile.
    pieces.retain(|piece| {
        piece
            .comma_after()
            .is_none_or(|path| entries.contains(path))
    });
    let base_entries: HashSet<_> = base.iter().filter_map(Piece::entry).collect();
    let is_removed = |path: &KeyPath| base_entries.contains(path) && !entries.contains(path);
    beside_their_own(&mut pieces, &is_removed);
    let pieces = apart(pieces, line_end);
    joined(pieces.iter().map(|piece| &*piece.text))
}

/// Leaves out comments beside an entry that has been removed or put elsewhere: they would come to stand beside another one.
fn beside_their_own(pieces: &mut Vec<Piece<'_>>, is_removed: &dyn Fn(&KeyPath) -> bool) {
    let mut last: Option<KeyPath> = None;
    pieces.retain(|piece| {
        if let Some(path) = piece.entry().or(piece.end_of()) {
            last = Some(path.clone());
        }
        piece.comment_beside().is_none_or(|path| {
            let is_own = |last: &KeyPath| last.starts_with(path) || path.starts_with(last);
            !is_removed(path) && last.as_ref().is_some_and(is_own)
        })
    });
}

/// Right after a comment that goes on to the end of its line, a comma or another comment would be a part of it: the comma comes before the comments, and the
/// comment on a line of its own.
fn apart<'t>(pieces: Vec<Piece<'t>>, line_end: &str) -> Vec<Piece<'t>> {
    let mut out: Vec<Piece<'t>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let in_comment = out.last().is_some_and(Piece::is_line_comment);
        if !in_comment || piece.text.starts_with(['\r', '\n']) {
            out.push(piece);
        } else if piece.text.trim_start() == "," {
            let before = |p: &Piece<'_>| !p.is_comment() && !p.text.trim().is_empty();
            let at = out.iter().rposition(before).map_or(0, |at| at + 1);
            let begun = |p: &Piece<'_>| p.text.ends_with([',', '[', '{']);
            if !out[..at].last().is_none_or(begun) {
                out.insert(at, piece.reading(",".to_owned()));
            }
        } else if piece.is_comment() {
            out.push(piece.reading(format!("{line_end}{}", piece.text.trim_start())));
        } else {
            out.push(piece);
        }
    }
    out
}

/// The same for words, which belong together so closely that new ones of both would make nonsense.
fn words_of(base: &str, ours: &str, theirs: &str) -> String {
    let [base, ours, theirs] = [base, ours, theirs].map(words);
    let pieces = Weave::of(&base, &ours, &theirs).pieces(|_, ours, theirs| {
        let new = if ours.is_empty() { theirs } else { ours };
        new.iter().map(|piece| (*piece).clone()).collect()
    });
    text(&pieces)
}

fn text(pieces: &[Piece<'_>]) -> String {
    pieces.iter().map(|piece| &*piece.text).collect()
}

/// A text as a change of another.
struct Change<'t> {
    /// What became of each piece of the base.
    stays: Vec<Option<&'t Piece<'t>>>,
    /// What is new before each piece of the base, and after the last.
    new: Vec<Vec<&'t Piece<'t>>>,
}

/// Where the pieces are that are no blank lines.
fn not_blank(pieces: &[Piece<'_>]) -> Vec<usize> {
    let written = |at: &usize| !pieces[*at].text.trim().is_empty();
    (0..pieces.len()).filter(written).collect()
}

/// How often each comment of no entry is there.
type Counts<'p, 't> = HashMap<&'p Piece<'t>, usize>;

fn loose_comments<'p, 't>(pieces: &'p [Piece<'t>]) -> Counts<'p, 't> {
    let mut counts = Counts::new();
    for piece in pieces.iter().filter(|p| p.is_loose_comment()) {
        *counts.entry(piece).or_default() += 1;
    }
    counts
}

impl<'t> Change<'t> {
    fn of(base: &[Piece<'_>], other: &'t [Piece<'t>]) -> Self {
        let mut change = Self {
            stays: vec![None; base.len()],
            new: vec![Vec::new(); base.len() + 1],
        };
        // What has not changed at all holds the rest in its place: an entry with another value may be one that was put elsewhere. Blank
        // lines hold nothing: a comment may stand above one today that it stood below.
        let [held, holds] = [base, other].map(not_blank);
        let [old, new] = [exactly(base, &held), exactly(other, &holds)];
        let comments = [base, other].map(loose_comments);
        let (mut from, mut to) = (0, 0);
        for op in capture_diff_slices(Algorithm::Patience, &old, &new) {
            let (tag, old, new) = op.as_tag_tuple();
            if tag != DiffTag::Equal {
                continue;
            }
            for (&at, &place) in held[old].iter().zip(&holds[new]) {
                change.differs(base, from..at, &other[to..place], &comments);
                change.stays[at] = Some(&other[place]);
                (from, to) = (at + 1, place + 1);
            }
        }
        change.differs(base, from..base.len(), &other[to..], &comments);
        change.begin_with_items();
        change
    }

    /// Where a new item begins and ends like the one before it or after it, it is not known which of both parts is the new one. It is whole then: what is new
    /// begins with what is all around it.
    fn begin_with_items(&mut self) {
        let depth = |piece: &Piece<'_>| piece.begun().map(|begun| begun.path.segments().len());
        for at in 1..self.new.len() {
            let least = self.new[at].iter().filter_map(|piece| depth(piece)).min();
            let Some(least) = least else {
                continue;
            };
            let new = &self.new[at];
            // How many of the last pieces are the same as those before.
            let is_same = |back: &usize| {
                let (old, last) = (self.stays[at - back], new[new.len() - back]);
                old.is_some_and(|old| old == last && old.text == last.text)
                    && (*back == 1 || self.new[at + 1 - back].is_empty())
            };
            let most = new.len().min(at);
            let whole = (1..=most)
                .take_while(is_same)
                .find(|back| depth(new[new.len() - back]) == Some(least));
            let first = new
                .iter()
                .find(|piece| !piece.is_lead() && !piece.is_comma());
            if first.and_then(|piece| depth(piece)) == Some(least) {
                continue;
            }
            let Some(back) = whole.filter(|back| self.new[at - back].is_empty()) else {
                continue;
            };
            let mut moved = std::mem::take(&mut self.new[at]);
            let last = moved.split_off(moved.len() - back);
            let before: Vec<_> = self.stays[at - back..at]
                .iter()
                .flatten()
                .copied()
                .collect();
            self.new[at - back] = before.into_iter().chain(moved).collect();
            for (stays, piece) in self.stays[at - back..at].iter_mut().zip(last) {
                *stays = Some(piece);
            }
        }
    }

    fn same(&mut self, old: Range<usize>, pieces: &'t [Piece<'t>]) {
        for (at, piece) in old.zip(pieces) {
            self.stays[at] = Some(piece);
        }
    }

    fn differs(
        &mut self,
        base: &[Piece<'_>],
        within: Range<usize>,
        other: &'t [Piece<'t>],
        comments: &[Counts<'_, '_>; 2],
    ) {
        // Where what differs begins: what is new comes before what is gone.
        let mut from = within.start;
        // What is new above something that stays, after all that is gone before that.
        let mut above = Vec::new();
        for op in capture_diff_slices(Algorithm::Patience, &base[within.clone()], other) {
            let (tag, old, range) = op.as_tag_tuple();
            let old = within.start + old.start..within.start + old.end;
            if tag == DiffTag::Equal {
                self.new[old.start].append(&mut above);
                from = old.end;
                self.same(old, &other[range]);
            } else if !range.is_empty() || !old.is_empty() {
                self.new[from].append(&mut above);
                from = self.replaced(base, old, from, &other[range], comments);
                let new = &mut self.new[from];
                let last = new.iter().rposition(|piece| !piece.is_lead());
                above = new.split_off(last.map_or(0, |last| last + 1));
            }
        }
        self.new[within.end].append(&mut above);
    }

    /// As many comments as are gone are the same ones put otherwise, so they stay where they stand, except for those that have come from elsewhere or
    /// gone there. Says where more that is new comes.
    fn replaced(
        &mut self,
        base: &[Piece<'_>],
        old: Range<usize>,
        mut from: usize,
        new: &'t [Piece<'t>],
        [before, after]: &[Counts<'_, '_>; 2],
    ) -> usize {
        // Of twins one may have gone, and the other stayed.
        let is_gone = |piece: &Piece<'_>| before.get(piece) > after.get(piece);
        let is_new = |piece: &Piece<'_>| after.get(piece) > before.get(piece);
        let mut gone = old.filter(|at| is_gone(&base[*at]));
        let reworded = gone.clone().count() == new.iter().filter(|piece| is_new(piece)).count();
        for piece in new {
            let place = match reworded && is_new(piece) {
                true => gone.next(),
                false => None,
            };
            match place {
                Some(at) => {
                    self.stays[at] = Some(piece);
                    from = at + 1;
                }
                None => self.new[from].push(piece),
            }
        }
        from
    }

    /// The changed pieces.
    fn pieces(&self) -> Vec<Piece<'t>> {
        let stays = self.stays.iter().map(Some).chain([None]);
        let pieces = self
            .new
            .iter()
            .zip(stays)
            .flat_map(|(new, stays)| new.iter().chain(stays.into_iter().flatten()));
        pieces.map(|piece| (*piece).clone()).collect()
    }

    /// What is new and has a name.
    fn names(&self) -> HashSet<&'t Piece<'t>> {
        let new = self.new.iter().flatten();
        new.copied().filter(|piece| piece.has_name()).collect()
    }
}

struct Weave<'b, 't> {
    base: &'b [Piece<'b>],
    ours: Change<'t>,
    theirs: Change<'t>,
    /// What `theirs` has put elsewhere and `ours` has changed where it stood, and what both make of it there.
    elsewhere: HashMap<&'t Piece<'t>, String>,
    /// The entries that `theirs` has taken away and that stay because `ours` has changed them.
    held: HashSet<&'b KeyPath>,
}

impl<'b: 't, 't> Weave<'b, 't> {
    fn of(base: &'b [Piece<'b>], ours: &'t [Piece<'t>], theirs: &'t [Piece<'t>]) -> Self {
        let [ours, theirs] = [ours, theirs].map(|other| Change::of(base, other));
        let elsewhere = elsewhere(base, &ours, &theirs);
        let stays = ours.stays.iter().zip(&theirs.stays);
        let held = base.iter().zip(stays).filter_map(|(piece, stays)| {
            let entry = piece.entry()?;
            let is_held = matches!(stays, (Some(ours), None) if ours.text != piece.text);
            is_held.then_some(entry)
        });
        Self {
            base,
            held: held.collect(),
            ours,
            theirs,
            elsewhere,
        }
    }

    /// Takes out of theirs the new comments above entries that ours has put as well, maybe elsewhere: there they belong, too.
    fn lead_comments(
        &mut self,
        written: &HashSet<&Piece<'_>>,
    ) -> HashMap<KeyPath, Vec<&'t Piece<'t>>> {
        let ours = self.ours.new.iter().flatten().copied();
        let ours: HashSet<&'t Piece<'t>> = ours
            .filter(|p| p.is_comment() || p.entry().is_some())
            .collect();
        let mut leads = HashMap::new();
        for run in &mut self.theirs.new {
            let mut left = Vec::with_capacity(run.len());
            for piece in std::mem::take(run) {
                // Where it begins within a line a comment has no place above it.
                let own = ours
                    .get(piece)
                    .filter(|own| own.text.starts_with(['\n', '\r']));
                if let Some(path) = own.and_then(|own| own.entry()) {
                    let is_lead = |lead: &&&Piece<'_>| {
                        lead.is_comment_line()
                            && lead.is_lead()
                            && !ours.contains(**lead)
                            && !written.contains(**lead)
                    };
                    let count = left.iter().rev().take_while(is_lead).count();
                    let above = left.split_off(left.len() - count);
                    leads.insert(path.clone(), above);
                }
                left.push(piece);
            }
            *run = left;
        }
        leads
    }

    /// The pieces of both changes made together; `join` puts in order what both have at one place, after what comes before it.
    fn pieces(
        &self,
        join: impl Fn(&[Piece<'t>], &[&'t Piece<'t>], &[&'t Piece<'t>]) -> Vec<Piece<'t>>,
    ) -> Vec<Piece<'t>> {
        let mut out = Vec::new();
        for (at, (ours, theirs)) in self.ours.new.iter().zip(&self.theirs.new).enumerate() {
            let new = join(&out, ours, theirs).into_iter();
            out.extend(new.map(|piece| match self.elsewhere.get(&piece) {
                Some(text) => piece.reading(text.clone()),
                None => piece,
            }));
            let here = |piece: &&Piece<'_>| !self.elsewhere.contains_key(piece);
            if let Some(piece) = self.base.get(at).filter(here) {
                let ours = self.ours.stays[at];
                // A comma goes with its entry, and stays with it.
                let is_held = piece
                    .comma_after()
                    .is_some_and(|path| self.held.contains(path));
                out.extend(match is_held {
                    true => ours.cloned(),
                    false => both(piece, ours, self.theirs.stays[at]),
                });
            }
        }
        out
    }
}

fn elsewhere<'t>(
    base: &[Piece<'t>],
    ours: &Change<'t>,
    theirs: &Change<'t>,
) -> HashMap<&'t Piece<'t>, String> {
    let new = theirs.new.iter().flatten().copied();
    let there: HashSet<_> = new
        .filter(|piece| piece.has_name() || piece.is_loose_comment())
        .collect();
    // Of several comments that say the same it is not known which.
    let comments = loose_comments(base);
    let is_one = |piece: &Piece<'_>| piece.has_name() || comments.get(piece) == Some(&1);
    let stays = ours.stays.iter().zip(&theirs.stays);
    let moved = base.iter().zip(stays).filter_map(|(piece, stays)| {
        let (Some(ours), None) = stays else {
            return None;
        };
        let theirs = there.get(piece).filter(|_| ours.text != piece.text)?;
        is_one(piece).then(|| (*theirs, reworded(piece, ours, theirs)))
    });
    moved.collect()
}

/// What both make of a piece that both have put otherwise. A comment is ours or theirs, and so is the space before it: one that is put together of two is
/// nobody's.
fn reworded(base: &Piece<'_>, ours: &Piece<'_>, theirs: &Piece<'_>) -> String {
    if !base.is_comment() {
        return words_of(&base.text, &ours.text, &theirs.text);
    }
    let [base, ours, theirs] = [base, ours, theirs].map(Piece::space_and_words);
    let both = |base: &str, ours, theirs| if ours == base { theirs } else { ours };
    [
        both(base.0, ours.0, theirs.0),
        both(base.1, ours.1, theirs.1),
    ]
    .concat()
}

/// What both make of a piece; nothing where one of them has taken it away, except that what a person has changed stays.
fn both<'t>(
    base: &Piece<'_>,
    ours: Option<&Piece<'t>>,
    theirs: Option<&Piece<'t>>,
) -> Option<Piece<'t>> {
    let ours = ours?;
    match theirs {
        None => (ours.text != base.text).then(|| ours.clone()),
        Some(theirs) if ours.text == base.text => Some(theirs.clone()),
        Some(theirs) if theirs.text == base.text => Some(ours.clone()),
        Some(theirs) => Some(ours.reading(reworded(base, ours, theirs))),
    }
}

/// `to` with the comment lines of `from` that are wanted and that it has not as often, where they stand in `from`; `None` if it has them all.
pub(super) fn leave(
    from: &Cut<'_>,
    to: &Cut<'_>,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let (line_end, from, to) = (to.line_end(), &*from.pieces, &*to.pieces);
    let mut change = Change::of(from, to);
    // Comments of `to` that have come from elsewhere.
    let mut moved: HashMap<String, usize> = HashMap::new();
    for piece in change.new.iter().flatten().filter(|p| p.is_comment()) {
        *moved.entry(comment_words(&piece.text)).or_default() += 1;
    }
    let mut lost = false;
    for (piece, stays) in from.iter().zip(&mut change.stays) {
        if stays.is_some() || !piece.is_comment_line() {
            continue;
        }
        let words = comment_words(&piece.text);
        match moved.get_mut(&words) {
            _ if !is_wanted(&words) => {}
            Some(count) if *count > 0 => *count -= 1,
            _ => {
                *stays = Some(piece);
                lost = true;
            }
        }
    }
    lost.then(|| {
        let pieces = apart(change.pieces(), line_end);
        joined(pieces.iter().map(|piece| &*piece.text))
    })
}

/// What turns `from` into `to`, as byte ranges of the pieces of `from` and what stands there then.
pub(super) fn edits(from: &[Piece<'_>], to: &[Piece<'_>]) -> Vec<(usize, usize, String)> {
    let change = Change::of(from, to);
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let mut at = 0;
    for (index, new) in change.new.iter().enumerate() {
        let new: String = new.iter().map(|piece| &*piece.text).collect();
        if !new.is_empty() {
            edits.push((at, at, new));
        }
        if let Some(old) = from.get(index) {
            let (start, end) = (at, at + old.text.len());
            at = end;
            let stays = change.stays[index].map_or("", |piece| &*piece.text);
            if stays != old.text {
                edits.push((start, end, stays.to_owned()));
            }
        }
    }
    edits
}
