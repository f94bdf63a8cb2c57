//! What each comment is attached to, said so that it can be compared between texts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::cut::Cut;
use super::owners::{Nodes, Owner};
use super::pieces::Piece;
use crate::path::{KeyPath, Segment};
use crate::reading::comment_words;
use crate::value::Value;

/// What a comment that is there once is attached to: an entry or item, or the end of one; `None` for the whole text.
type Attached = Option<(String, bool)>;

pub(super) type Comments = BTreeMap<String, Attached>;

/// The comments of a text that are there once.
pub(super) fn comments(cut: &Cut<'_>) -> Comments {
    let (document, pieces) = (cut.document, &cut.pieces);
    let mut found: BTreeMap<String, (usize, Attached)> = BTreeMap::new();
    let nexts = nexts(pieces);
    let mut before: Option<&KeyPath> = None;
    for (piece, next) in pieces.iter().zip(nexts) {
        if let Some(begun) = piece.begun() {
            before = Some(&begun.path);
        }
        if !piece.is_comment() {
            continue;
        }
        let named = |path: Option<&KeyPath>, is_end| Some((name(document.value(), path?), is_end));
        let attached = match piece.owner() {
            Some(Owner::Line) => named(before, false),
            Some(Owner::Next) => named(next, false),
            Some(Owner::EndOf(path)) => named(Some(path), true),
            _ => None,
        };
        let entry = found.entry(comment_words(&piece.text));
        entry.or_insert((0, attached)).0 += 1;
    }
    let once = found.into_iter().filter(|(_, (count, _))| *count == 1);
    once.map(|(words, (_, attached))| (words, attached))
        .collect()
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

/// The path, with what an item says or is called in the place of its index.
fn name(value: &Value, path: &KeyPath) -> String {
    let (mut out, mut here) = (String::new(), Some(value));
    for (at, segment) in path.segments().iter().enumerate() {
        let inner = here.and_then(|here| here.child_at(segment.find_in(here)?));
        match (segment, inner.map(Value::untagged)) {
            (Segment::Key(key), _) => out.push_str(&format!("/{key:?}")),
            (_, Some(Value::Map(map))) => {
                let called = ["id", "name", "key"].iter().find_map(|key| map.get(key));
                let called = called.or_else(|| map.values().next());
                out.push_str(&format!(
                    "/{{{}}}",
                    called.map_or(String::new(), Value::to_string)
                ));
            }
            // What is in a list may have come into another order.
            (_, Some(Value::Sequence(_))) if at + 1 < path.segments().len() => out.push_str("/[]"),
            (_, item) => out.push_str(&format!(
                "/[{}]",
                item.map_or(String::new(), Value::to_string)
            )),
        }
        here = inner;
    }
    out
}

/// The comments of a merged document that are attached to nothing that a side has attached them to, although it is there. The texts are the base, ours and theirs.
pub(super) fn strayed(cut: &Cut<'_>, texts: &[Comments; 3]) -> Vec<String> {
    let [base, sides @ ..] = texts;
    let (document, there) = (cut.document, comments(cut));
    let mut names: Option<HashSet<String>> = None;
    let strayed = there.iter().filter(|(words, attached)| {
        let wanted: BTreeSet<&Attached> =
            sides.iter().filter_map(|side| side.get(*words)).collect();
        let is_moved = || is_reworded_and_moved(words, base, sides);
        if wanted.is_empty() || wanted.contains(attached) || is_moved() {
            return false;
        }
        let names = names.get_or_insert_with(|| {
            let nodes = Nodes::of(document);
            let root = std::iter::once(name(document.value(), &KeyPath::root()));
            root.chain(nodes.paths().map(|path| name(document.value(), path)))
                .collect()
        });
        let mut wanted = wanted.into_iter().flatten();
        wanted.any(|(name, _)| names.contains(name))
    });
    strayed.map(|(words, _)| words.clone()).collect()
}

/// Whether a new comment stands for one of the base that the other side has put elsewhere or reworded as well.
fn is_reworded_and_moved(words: &String, base: &Comments, [ours, theirs]: &[Comments; 2]) -> bool {
    let is_moved = |(side, other): (&Comments, &Comments)| {
        let Some(attached) = side.get(words).filter(|_| !base.contains_key(words)) else {
            return false;
        };
        let mut old = base
            .iter()
            .filter(|(old, at)| *at == attached && !side.contains_key(*old));
        let is_reworded = |at: &Attached| {
            let mut new = other.iter().filter(|(words, _)| !base.contains_key(*words));
            new.any(|(_, now)| now == at)
        };
        old.any(|(old, at)| match other.get(old) {
            Some(now) => now != at,
            None => is_reworded(at),
        })
    };
    [(ours, theirs), (theirs, ours)].into_iter().any(is_moved)
}
