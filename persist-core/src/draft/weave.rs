//! Two changes of one text made together: the text as a migration brought it, as a person wrote on in it, and as it once was.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::groups::interleaved;
use super::pieces::{Piece, words};

/// Pieces `range` of the base become `new`.
#[derive(Clone, Debug)]
struct Hunk<'t> {
    range: Range<usize>,
    new: Vec<&'t Piece<'t>>,
}

/// `ours` with what turns `base` into `theirs`. Where both change the same words `ours` stays.
pub(super) fn weave(base: &[Piece<'_>], ours: &[Piece<'_>], theirs: &[Piece<'_>]) -> String {
    woven([base, ours, theirs], true)
}

fn woven([base, ours, theirs]: [&[Piece<'_>]; 3], coarse: bool) -> String {
    let (mut a, mut b) = (hunks(base, ours), hunks(base, theirs));
    part(base, &mut a, &mut b);
    let mut out = String::new();
    let (mut at, mut a, mut b) = (0, a.as_slice(), b.as_slice());
    while !a.is_empty() || !b.is_empty() {
        let (range, mine, yours) = cluster(&mut a, &mut b);
        out.push_str(&text(&base[at..range.start]));
        at = range.end;
        let texts = [mine, yours].map(|hunks| replaced(base, &range, hunks));
        out.push_str(&match (mine, yours, texts) {
            (_, [], [ours, _]) => ours,
            ([], _, [_, theirs]) => theirs,
            (_, _, [ours, theirs]) if ours == theirs => ours,
            ([mine], [yours], _) if range.is_empty() => {
                interleaved(&base[..range.start], &mine.new, &yours.new)
            }
            (_, _, [ours, theirs]) if coarse => {
                let old = text(&base[range]);
                let [old, ours, theirs] = [&old, &ours, &theirs].map(|text| words(text));
                woven([&old, &ours, &theirs], false)
            }
            (_, _, [ours, _]) => ours,
        });
    }
    out + &text(&base[at..])
}

fn text(pieces: &[Piece<'_>]) -> String {
    pieces.iter().map(|piece| piece.text).collect()
}

fn hunks<'t>(base: &[Piece<'_>], other: &'t [Piece<'t>]) -> Vec<Hunk<'t>> {
    let mut hunks: Vec<Hunk<'t>> = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, base, other) {
        let (tag, range, new) = op.as_tag_tuple();
        if tag != DiffTag::Equal {
            let new = other[new].iter().collect();
            hunks.push(Hunk { range, new });
            continue;
        }
        // The same entries, which may say something else.
        let pairs = range
            .zip(new)
            .filter(|(at, new)| base[*at].text != other[*new].text);
        hunks.extend(pairs.map(|(at, new)| Hunk {
            range: at..at + 1,
            new: vec![&other[new]],
        }));
    }
    hunks
}

/// Moves hunks that only insert or only remove to an equivalent place where they don't meet those of the other side:
/// "the comma after it" and "the comma before it" are the same change.
fn part(base: &[Piece<'_>], a: &mut [Hunk<'_>], b: &mut [Hunk<'_>]) {
    for one in 0..a.len() {
        evade(base, a, one, b);
    }
    for one in 0..b.len() {
        evade(base, b, one, a);
    }
}

fn evade(base: &[Piece<'_>], own: &mut [Hunk<'_>], which: usize, other: &[Hunk<'_>]) {
    let meets = |hunk: &Hunk<'_>| other.iter().any(|o| overlap(&o.range, &hunk.range));
    if !meets(&own[which]) {
        return;
    }
    let from = which
        .checked_sub(1)
        .map_or(0, |before| own[before].range.end + 1);
    let to = own
        .get(which + 1)
        .map_or(base.len(), |after| after.range.start.saturating_sub(1));
    for left in [true, false] {
        let mut moved = own[which].clone();
        while moved.slide(base, left, from..to) {
            if !meets(&moved) {
                own[which] = moved;
                return;
            }
        }
    }
}

impl Hunk<'_> {
    /// Moves by one piece, if that makes the same text and stays within `room`.
    fn slide(&mut self, base: &[Piece<'_>], left: bool, room: Range<usize>) -> bool {
        let Range { start, end } = self.range;
        if !self.new.is_empty() && start < end {
            return false;
        }
        let fits = if left {
            start > room.start
        } else {
            end < room.end
        };
        if !fits {
            return false;
        }
        let passed = base[if left { start - 1 } else { end }].text;
        let meets = match (self.new.as_slice(), left) {
            ([], true) => base[end - 1].text,
            ([], false) => base[start].text,
            ([.., last], true) => last.text,
            ([first, ..], false) => first.text,
        };
        if passed != meets {
            return false;
        }
        let inserted = usize::from(!self.new.is_empty());
        if left {
            self.new.rotate_right(inserted);
            self.range = start - 1..end - 1;
        } else {
            self.new.rotate_left(inserted);
            self.range = start + 1..end + 1;
        }
        true
    }
}

/// Whether both change the same pieces, or one inserts amid what the other changes.
fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    (a.start < b.end && b.start < a.end) || (a.is_empty() && a == b)
}

/// Takes the next hunks that hang together: the stretch of the base that they cover, and those of each side.
fn cluster<'h, 't>(
    a: &mut &'h [Hunk<'t>],
    b: &mut &'h [Hunk<'t>],
) -> (Range<usize>, &'h [Hunk<'t>], &'h [Hunk<'t>]) {
    let sides = [*a, *b];
    let first = sides.map(|hunks| hunks.first().map(|hunk| (hunk.range.start, hunk.range.end)));
    let leader = match first {
        [Some(a), Some(b)] => usize::from(b < a),
        [a, _] => usize::from(a.is_none()),
    };
    let (start, end) = first[leader].unwrap_or_default();
    let (mut range, mut taken) = (start..end, [0, 0]);
    taken[leader] = 1;
    while let Some(side) = (0..2).find(|&side| {
        let next = sides[side].get(taken[side]);
        next.is_some_and(|hunk| overlap(&range, &hunk.range))
    }) {
        range.end = range.end.max(sides[side][taken[side]].range.end);
        taken[side] += 1;
    }
    let (mine, rest) = a.split_at(taken[0]);
    *a = rest;
    let (yours, rest) = b.split_at(taken[1]);
    *b = rest;
    (range, mine, yours)
}

/// The stretch `range` of the base after `hunks`, which lie within it.
fn replaced(base: &[Piece<'_>], range: &Range<usize>, hunks: &[Hunk<'_>]) -> String {
    let (mut out, mut at) = (String::new(), range.start);
    for hunk in hunks {
        out.push_str(&text(&base[at..hunk.range.start]));
        out.extend(hunk.new.iter().map(|piece| piece.text));
        at = hunk.range.end;
    }
    out + &text(&base[at..range.end])
}

/// What turns `from` into `to`, as byte ranges of `from` and what stands there then.
pub(super) fn edits(from: &[Piece<'_>], to: &[Piece<'_>]) -> Vec<(usize, usize, String)> {
    let mut places = vec![0];
    for piece in from {
        places.push(places[places.len() - 1] + piece.text.len());
    }
    let place = |hunk: Hunk<'_>| {
        let (start, end) = (places[hunk.range.start], places[hunk.range.end]);
        (
            start,
            end,
            hunk.new.iter().map(|piece| piece.text).collect(),
        )
    };
    hunks(from, to).into_iter().map(place).collect()
}

/// The text after [`edits`]; `None` if they are not of this text.
pub(super) fn edited(text: &str, edits: &[(usize, usize, String)]) -> Option<String> {
    let (mut out, mut at) = (String::new(), 0);
    for (start, end, new) in edits {
        out.push_str(text.get(at..*start)?);
        out.push_str(new);
        at = (*end).max(*start);
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
