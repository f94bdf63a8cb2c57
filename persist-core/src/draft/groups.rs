//! Two runs of new entries at one place, put into one another.

use persist_format::KeyPath;

use super::pieces::Piece;

/// An entry with all below it, and what stands before it: a comma, comments, blank lines.
struct Group<'r, 't> {
    pieces: &'r [&'t Piece<'t>],
    rank: Option<(usize, bool)>,
}

/// Both runs, as they are to stand after `before`. Entries of inner maps come before those of outer ones, and keys before headers, else
/// the text would say something else; `theirs`, which stood there, come before `ours`. Comments without an entry belong to what follows.
pub(super) fn interleaved<'t>(
    before: &[Piece<'_>],
    ours: &[&'t Piece<'t>],
    theirs: &[&'t Piece<'t>],
) -> Vec<Piece<'t>> {
    let root = KeyPath::root();
    let here = before.iter().rev().find_map(Piece::entry).unwrap_or(&root);
    let (ours, theirs) = (groups(ours, here), groups(theirs, here));
    let (mut out, mut mine, mut yours) = (Vec::new(), ours.as_slice(), theirs.as_slice());
    while let (Some(a), Some(b)) = (mine.first(), yours.first()) {
        // No rank, for comments alone, is the last.
        let side = if b.rank >= a.rank {
            &mut yours
        } else {
            &mut mine
        };
        out.push(&side[0]);
        *side = &side[1..];
    }
    let all = out.into_iter().chain(yours).chain(mine);
    all.flat_map(|group| group.pieces)
        .map(|piece| (*piece).clone())
        .collect()
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
