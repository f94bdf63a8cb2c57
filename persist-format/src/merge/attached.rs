//! What each comment is attached to, said so that it can be compared between texts.
//!
//! A comment is attached to an entry or item, above it or on its line; to the end of one; or to the whole text. What an entry or item is called and says may change, and
//! where it stands: it is still the one that the comment is about as long as a merge takes it for the same ([`Same`]). Once it is gone the comment is about nothing that is
//! there, and whatever it stands at then is something else.

use std::collections::{BTreeMap, HashMap};

use super::cut::Cut;
use super::owners::Owner;
use super::pieces::Piece;
use super::same::Same;
use crate::path::KeyPath;
use crate::reading::comment_words;

/// An entry or item, or the end of one; `None` for the whole text.
pub(super) type Attached = Option<(KeyPath, bool)>;

/// A comment that is there.
pub(super) struct Comment {
    /// The number of its piece.
    pub(super) piece: usize,
    pub(super) attached: Attached,
}

/// The comments of a text by what they say, in its order.
pub(super) type Comments = BTreeMap<String, Vec<Comment>>;

pub(super) fn comments(cut: &Cut<'_>) -> Comments {
    let pieces = &cut.pieces;
    let mut found = Comments::new();
    let nexts = nexts(pieces);
    let mut before: Option<&KeyPath> = None;
    // Of what ends at a byte the innermost.
    let mut ended: HashMap<usize, &KeyPath> = HashMap::new();
    for (at, (piece, next)) in pieces.iter().zip(nexts).enumerate() {
        if let Some(begun) = piece.begun() {
            before = Some(&begun.path);
            ended.insert(begun.end, &begun.path);
        }
        if !piece.is_comment() {
            continue;
        }
        let to = |path: Option<&KeyPath>, is_end| Some((path?.clone(), is_end));
        let attached = match piece.owner() {
            Some(Owner::Line) => {
                let closed = closed_before(cut, piece).and_then(|end| ended.get(&end).copied());
                to(closed.or(before), false)
            }
            Some(Owner::Next) => to(next, false),
            Some(Owner::EndOf(path)) => to(Some(path), true),
            _ => None,
        };
        let comments = found.entry(comment_words(&piece.text)).or_default();
        comments.push(Comment {
            piece: at,
            attached,
        });
    }
    found
}

/// Where the map or list ends whose closing bracket is the last thing before a comment.
fn closed_before(cut: &Cut<'_>, comment: &Piece<'_>) -> Option<usize> {
    let before = &cut.document.text()[..comment.start()];
    let before = before.trim_end_matches([' ', '\t', ',']);
    before.ends_with([']', '}']).then_some(before.len())
}

/// For each piece what begins next after it.
fn nexts<'p>(pieces: &'p [Piece<'_>]) -> Vec<Option<&'p KeyPath>> {
    let mut next = None;
    let nexts = pieces.iter().rev().map(|piece| {
        let after = next;
        next = piece.begun().map(|begun| &begun.path).or(next);
        after
    });
    let mut nexts: Vec<_> = nexts.collect();
    nexts.reverse();
    nexts
}

/// What the comments of the base and of either side are attached to.
pub(super) struct Attachments<'c> {
    cuts: [&'c Cut<'c>; 3],
    comments: [Comments; 3],
}

impl<'c> Attachments<'c> {
    pub(super) fn of(cuts: [&'c Cut<'c>; 3]) -> Self {
        Self {
            cuts,
            comments: cuts.map(comments),
        }
    }

    pub(super) fn in_base(&self) -> &Comments {
        &self.comments[0]
    }

    pub(super) fn in_sides(&self) -> [&Comments; 2] {
        [&self.comments[1], &self.comments[2]]
    }

    pub(super) fn of_side(&self, side: usize) -> &'c Cut<'c> {
        self.cuts[1 + side]
    }

    /// How to find what they are attached to in a merged document.
    pub(super) fn within<'m>(&'m self, merged: &'m Cut<'_>) -> Within<'m> {
        let [base, sides @ ..] = self.cuts.map(|cut| cut.document.value());
        Within {
            base: self.in_base(),
            sides: self.in_sides(),
            merged: comments(merged),
            replaced: [0, 1].map(|side| self.replaced(side, &mut Same::of(base, sides[side]))),
            same: sides.map(|side| Same::of(side, merged.document.value())),
        }
    }

    /// The comments of the base that a side has not, by what they would be attached to there.
    fn replaced(&self, side: usize, same: &mut Same<'_>) -> Replaced<'_> {
        let now = self.in_sides()[side];
        let gone = self
            .in_base()
            .iter()
            .filter(|(words, _)| !now.contains_key(*words));
        let mut replaced = Replaced::new();
        for (words, comments) in gone {
            for at in comments.iter().filter_map(|c| in_other(same, &c.attached)) {
                replaced.entry(at).or_default().push(words);
            }
        }
        replaced
    }
}

type Replaced<'c> = HashMap<Attached, Vec<&'c str>>;

/// A merged document beside what it was made of.
pub(super) struct Within<'m> {
    base: &'m Comments,
    sides: [&'m Comments; 2],
    merged: Comments,
    replaced: [Replaced<'m>; 2],
    /// What of either side is what of the merged document.
    same: [Same<'m>; 2],
}

impl Within<'_> {
    /// The comments that are attached to nothing that a side has attached them to, by what they say and the number of their piece. If one is about something that is gone,
    /// and another one that says the same is not, there is one too many where that is.
    pub(super) fn strayed(&mut self) -> Vec<(String, usize)> {
        let merged = std::mem::take(&mut self.merged);
        let mut strayed = Vec::new();
        for (words, there) in &merged {
            let wanted = [0, 1].map(|side| self.wanted(side, words, &merged));
            if wanted.iter().all(Vec::is_empty) {
                continue;
            }
            let is_any_gone = wanted.iter().flatten().any(Option::is_none);
            let most = |attached: &Attached| {
                let here = |at: &&Option<Attached>| at.as_ref() == Some(attached);
                let counts = wanted.each_ref().map(|all| all.iter().filter(here).count());
                counts.into_iter().max().unwrap_or_default()
            };
            let mut seen: HashMap<&Attached, usize> = HashMap::new();
            let strays = there.iter().filter(|comment| {
                let seen = seen.entry(&comment.attached).or_default();
                *seen += 1;
                let most = most(&comment.attached);
                most == 0 || is_any_gone && *seen > most
            });
            strayed.extend(strays.map(|stray| (words.clone(), stray.piece)));
        }
        self.merged = merged;
        strayed
    }

    /// Whether a comment that says this is attached to that in the merged document.
    pub(super) fn is_there(&self, words: &str, attached: &Attached) -> bool {
        let there = self.merged.get(words).into_iter().flatten();
        there
            .map(|comment| &comment.attached)
            .any(|at| at == attached)
    }

    /// What a side has attached comments of these words to; `None` for each that is gone. One that it has put in the place of another may stand where the other side
    /// has put that, or what it has put there instead.
    fn wanted(&mut self, side: usize, words: &str, merged: &Comments) -> Vec<Option<Attached>> {
        let other = self.sides[1 - side];
        let mut wanted = Vec::new();
        for Comment { attached, .. } in self.sides[side].get(words).into_iter().flatten() {
            wanted.push(self.place_of(side, attached));
            let same = &mut self.same[1 - side];
            let replaced = match self.base.contains_key(words) {
                true => None,
                false => self.replaced[side].get(attached),
            };
            for old in replaced.into_iter().flatten() {
                if let Some(moved) = other.get(*old) {
                    wanted.extend(
                        moved
                            .iter()
                            .map(|comment| in_other(same, &comment.attached)),
                    );
                    continue;
                }
                let new = other.iter().filter(|(words, _)| {
                    !self.base.contains_key(*words) && !merged.contains_key(*words)
                });
                let new = new.flat_map(|(_, comments)| comments);
                wanted.extend(new.map(|comment| in_other(same, &comment.attached)));
            }
        }
        wanted
    }

    /// What a comment of a side is to be attached to in the merged document; `None` if that is gone.
    pub(super) fn place_of(&mut self, side: usize, attached: &Attached) -> Option<Attached> {
        in_other(&mut self.same[side], attached)
    }

    /// Whether a comment of a side has been put in the place of another.
    pub(super) fn is_rewording(&self, side: usize, attached: &Attached) -> bool {
        self.replaced[side].contains_key(attached)
    }
}

fn in_other(same: &mut Same<'_>, attached: &Attached) -> Option<Attached> {
    match attached {
        None => Some(None),
        Some((path, is_end)) => Some(Some((same.place_of(path)?, *is_end))),
    }
}
