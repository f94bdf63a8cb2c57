//! Two runs of new entries at one place, put into one another.
//!
//! Both sides may have put something new between the same two pieces of the base. A merge of plain text puts one run after the other. In configuration that can say
//! something else: an entry that comes to stand behind a header, or behind an entry of an outer map, belongs to another map. So either run is cut into *groups*, each an entry
//! with all below it and what stands before it. A group can go before or behind others without being torn, and the two rows of groups are merged by *rank* as in a merge sort;
//! the order within a run stays as it is.
//!
//! The rank says what has to come first. Behind the entry before the place some maps are open: its own and those around it. Entries of the innermost come first, for an entry
//! of an outer map ends the inner one (by its indentation in YAML, by its header in TOML); and in one map keys come before headers, behind which they
//! would be the header's. Of equal rank those of the `first` side come first.
//!
//! `written` guards against writing twice. What both sides have put has one value in the merged document, and ours is where it is written; in the run of theirs it is left out, and marks a
//! place where both runs meet. Left out of theirs is also what ours has put elsewhere in the text, and comments that ours has taken away or put otherwise and
//! that theirs has moved here.
//!
//! A comment is of the group that it belongs to in its own text (see `owners`): at the end of a map or list it comes after the new entries there, and above what follows both runs it
//! comes last. Items of lists have no names: what both have put is there twice. Where the result says other values than it should, whoever asked for it finds out; where keys are merely in another order, nobody does.

use std::collections::{HashMap, HashSet};

use super::owners::{Begun, Owner};
use super::pieces::Piece;
use super::terms::Side;
use crate::path::{KeyPath, Segment};

/// An entry or an item with all below it, and what stands before it: a comma, comments, blank lines; or comments alone.
struct Group<'r, 't> {
    pieces: &'r [&'t Piece<'t>],
    rank: Rank,
}

/// What comes first of two groups is the higher one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Comments of what comes after both runs; after blank lines, if they begin with some.
    Next { is_apart: bool },
    /// How deep the map or list is, of those that the place is in.
    In(usize, Kind),
    /// What goes on with what comes before both runs.
    Before,
}

/// What comes first of two in one map or list is the higher one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Header,
    CommentAtEnd,
    Entry,
}

impl<'t> Group<'_, 't> {
    fn copied(&self) -> impl Iterator<Item = Piece<'t>> {
        self.pieces.iter().map(|piece| (*piece).clone())
    }
}

/// Both runs, as they are to stand after `before`. Entries of inner maps come before those of outer ones, and keys before headers, else
/// the text would say something else; else those of the `first` side come before the other's. Comments at the end of a map or list come
/// after its new entries, and those above what follows both runs come last.
///
/// What both have put there alike is there once. Of what is in both, `ours` stays, and the rest of `theirs` keeps its place before or after
/// it. `written` is what `ours` has here or elsewhere, and the comments that it has taken away.
pub(super) fn interleaved<'t>(
    before: &[Piece<'_>],
    ours: &[&'t Piece<'t>],
    theirs: &[&'t Piece<'t>],
    written: &HashSet<&Piece<'_>>,
    first: Side,
) -> Vec<Piece<'t>> {
    let texts = |run: &[&'t Piece<'t>]| run.iter().map(|piece| &piece.text).collect::<Vec<_>>();
    if texts(ours) == texts(theirs) {
        return ours.iter().map(|piece| (*piece).clone()).collect();
    }
    let (mut out, ours, theirs) = beside_the_last(ours, theirs, written);
    let root = KeyPath::root();
    let begun = before.iter().rev().find_map(Piece::begun);
    let here = begun.map_or(&root, |begun| &begun.path);
    let mine = groups(ours, here);
    let places: HashMap<&KeyPath, usize> = mine
        .iter()
        .enumerate()
        .flat_map(|(at, group)| group.pieces.iter().map(move |piece| (at, piece)))
        .filter_map(|(at, piece)| Some((piece.entry()?, at)))
        .collect();
    let comments: HashSet<&Piece<'_>> = ours.iter().filter(|p| p.is_comment()).copied().collect();
    let (mut from, mut run) = (0, Vec::new());
    for piece in theirs {
        if written.contains(piece) {
            let shared = piece.entry().and_then(|path| places.get(path));
            if let Some(&at) = shared.filter(|at| **at >= from) {
                by_rank(&mine[from..=at], &groups(&run, here), first, &mut out);
                from = at + 1;
                run.clear();
            }
        } else if !comments.contains(piece) {
            // A comment that is new here on both sides, written by both or moved by both with what it stands above, is there once.
            run.push(*piece);
        }
    }
    by_rank(&mine[from..], &groups(&run, here), first, &mut out);
    out
}

/// Comments beside the entry before, which come before anything else that is new, else they would stand beside that; a comma comes before them. And the rest
/// of both runs.
fn beside_the_last<'r, 't>(
    ours: &'r [&'t Piece<'t>],
    theirs: &'r [&'t Piece<'t>],
    written: &HashSet<&Piece<'_>>,
) -> (Vec<Piece<'t>>, &'r [&'t Piece<'t>], &'r [&'t Piece<'t>]) {
    let is_beside = |piece: &&Piece<'_>| piece.is_beside();
    let split = |run: &'r [&'t Piece<'t>]| {
        let is_other = |piece: &&Piece<'_>| piece.comma_after().is_none() && !is_beside(piece);
        run.split_at(run.iter().position(is_other).unwrap_or(run.len()))
    };
    let ((own, rest), (other, others)) = (split(ours), split(theirs));
    if !own.iter().chain(other).any(is_beside) {
        return (Vec::new(), ours, theirs);
    }
    let other = other.iter().filter(|piece| !written.contains(*piece));
    let mut lead: Vec<&Piece<'t>> = own.iter().chain(other).copied().collect();
    lead.sort_by_key(is_beside);
    (lead.into_iter().cloned().collect(), rest, others)
}

fn by_rank<'g, 't>(
    mut ours: &'g [Group<'g, 't>],
    mut theirs: &'g [Group<'g, 't>],
    first: Side,
    out: &mut Vec<Piece<'t>>,
) {
    while let (Some(a), Some(b)) = (ours.first(), theirs.first()) {
        let is_theirs = match first {
            Side::Theirs => b.rank >= a.rank,
            Side::Ours => b.rank > a.rank,
        };
        let side = if is_theirs { &mut theirs } else { &mut ours };
        out.extend(side[0].copied());
        *side = &side[1..];
    }
    let rest = match first {
        Side::Theirs => theirs.iter().chain(ours),
        Side::Ours => ours.iter().chain(theirs),
    };
    out.extend(rest.flat_map(Group::copied));
}

fn groups<'r, 't>(run: &'r [&'t Piece<'t>], here: &KeyPath) -> Vec<Group<'r, 't>> {
    let (mut groups, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(piece) = run.get(at) {
        let rest = &run[at + 1..];
        let (more, rank) = match piece.owner() {
            Some(Owner::Itself(begun)) => (all_of(begun, rest), rank(begun, here)),
            Some(Owner::EndOf(path)) => {
                let depth = shared(path.segments(), here);
                (0, Rank::In(depth, Kind::CommentAtEnd))
            }
            Some(Owner::Text | Owner::Line) => (0, Rank::Before),
            None if from == at && !piece.is_comma() => (0, Rank::Before),
            Some(Owner::Next) | None => {
                at += 1;
                continue;
            }
        };
        at += 1 + more;
        groups.push(Group {
            pieces: &run[from..at],
            rank,
        });
        from = at;
    }
    if from < run.len() {
        groups.push(Group {
            pieces: &run[from..],
            rank: Rank::Next {
                is_apart: run[from].text.trim().is_empty(),
            },
        });
    }
    groups
}

/// How many of the pieces after the first one are of it: what it says, the comma after it, and comments beside it and at its end.
fn all_of(begun: &Begun, rest: &[&Piece<'_>]) -> usize {
    let is_of_it = |piece: &&Piece<'_>| match piece.owner() {
        _ if piece.is_before(begun.end) => true,
        Some(Owner::Line) => true,
        Some(Owner::EndOf(path)) => path.starts_with(&begun.path),
        _ => piece.is_comma(),
    };
    let end = rest.iter().position(|piece| !is_of_it(piece));
    end.unwrap_or(rest.len())
}

fn rank(begun: &Begun, here: &KeyPath) -> Rank {
    let around = begun.path.segments().split_last();
    let kind = match begun.is_header {
        true => Kind::Header,
        false => Kind::Entry,
    };
    Rank::In(shared(around.map_or(&[], |(_, around)| around), here), kind)
}

/// How many of the maps and lists that lead to one place lead to the other. Items have other indices in the other text.
fn shared(around: &[Segment], here: &KeyPath) -> usize {
    let is_same = |(a, b): &(&Segment, &Segment)| {
        let are_items = matches!((a, b), (Segment::Index(_), Segment::Index(_)));
        a == b || are_items
    };
    around
        .iter()
        .zip(here.segments())
        .take_while(is_same)
        .count()
}
