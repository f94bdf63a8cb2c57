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
//! It fails where pieces have no names. New items of a list are one group without a rank, however many they are, ours or theirs first; and a comment that theirs has put above an
//! entry which both have put comes behind that entry. Where the result says other values than it should, whoever asked for it finds out; where keys are merely in another order, nobody does.

use std::collections::HashSet;

use super::pieces::Piece;
use super::terms::Side;
use crate::path::KeyPath;

/// An entry with all below it, and what stands before it: a comma, comments, blank lines.
struct Group<'r, 't> {
    pieces: &'r [&'t Piece<'t>],
    rank: Option<(usize, bool)>,
}

impl<'t> Group<'_, 't> {
    fn copied(&self) -> impl Iterator<Item = Piece<'t>> {
        self.pieces.iter().map(|piece| (*piece).clone())
    }
}

/// Both runs, as they are to stand after `before`. Entries of inner maps come before those of outer ones, and keys before headers, else
/// the text would say something else; else those of the `first` side come before the other's. Comments without an entry belong to what follows.
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
    let here = before.iter().rev().find_map(Piece::entry).unwrap_or(&root);
    let mine = groups(ours, here);
    let (mut from, mut run) = (0, Vec::new());
    for piece in theirs {
        if written.contains(piece) {
            let shared = mine[from..].iter().position(|g| g.pieces.contains(piece));
            if let Some(at) = shared.filter(|_| piece.entry().is_some()) {
                by_rank(
                    &mine[from..=from + at],
                    &groups(&run, here),
                    first,
                    &mut out,
                );
                from += at + 1;
                run.clear();
            }
        } else if !(piece.is_comment() && ours.contains(piece)) {
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
    let is_beside = |piece: &&Piece<'_>| piece.comment_beside().is_some();
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
        // No rank, for comments alone, is the last.
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
    let (mut groups, mut rest) = (Vec::new(), run);
    while let Some(first) = rest.iter().position(|piece| piece.entry().is_some()) {
        let Some(path) = rest[first].entry() else {
            break;
        };
        // Lists and comments within have no names.
        let inner = rest.iter().rposition(|piece| piece.is_within(path));
        let (pieces, after) = rest.split_at(inner.unwrap_or(first) + 1);
        groups.push(Group {
            pieces,
            rank: Some(rank(rest[first], path, here)),
        });
        rest = after;
    }
    if !rest.is_empty() {
        groups.push(Group {
            pieces: rest,
            rank: None,
        });
    }
    groups
}

/// How deep the entry's map is, of those that the place before it is in; and whether the entry is no header.
fn rank(piece: &Piece<'_>, path: &KeyPath, here: &KeyPath) -> (usize, bool) {
    let map = path.segments().split_last().map_or(&[][..], |(_, map)| map);
    let shared = map
        .iter()
        .zip(here.segments())
        .take_while(|(a, b)| a == b)
        .count();
    (shared, !piece.text.trim_start().starts_with('['))
}
