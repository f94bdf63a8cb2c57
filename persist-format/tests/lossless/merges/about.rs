//! Whether each new comment is still about what it was about on its side: gone with it, or above or beside it, whatever it says now.
//!
//! What each side has done is read off the values: all scalars of a document differ, and a side has made one edit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use persist_format::merge::Merge;
use persist_format::{Document, KeyPath, Segment, Value};

use super::documents::places;
use super::judge::{EMPTY, above, counted, leaves, outside_lists, words};

/// The first comment that has come to be about something else, or that is left out though what it is about is there.
pub(super) fn fault([base, ours, theirs]: [&Document; 3], merge: &Merge) -> Option<String> {
    if ![base, ours, theirs]
        .iter()
        .all(|text| has_distinct_numbers(text.value()))
    {
        return None;
    }
    let mut old = BTreeMap::new();
    for side in [ours, theirs] {
        changed(base.value(), side.value(), false, &mut old)?;
    }
    if !merge.conflicts.is_empty() {
        return None;
    }
    let things = |text| Things { text, old: &old };
    [(ours, theirs), (theirs, ours)]
        .into_iter()
        .find_map(|(side, other)| {
            let is_new =
                |words: &String| [base, other, side].map(|text| count(text, words)) == [0, 0, 1];
            let all = things(side).of_comments().into_iter();
            let mut new = all.filter(|(words, _)| is_new(words));
            let judge = Judge {
                base: things(base),
                side: things(side),
                other: things(other),
                there: things(&merge.document),
                is_rewording: base.comments().any(|old| count(side, &words(old)) == 0),
            };
            new.find_map(|(words, about)| judge.fault(&words, &about))
        })
}

/// What became of the new comments of a side.
struct Judge<'t> {
    base: Things<'t>,
    side: Things<'t>,
    other: Things<'t>,
    there: Things<'t>,
    /// Whether the side has put its comment in the place of another one. What the other side has made of that one is then another question.
    is_rewording: bool,
}

impl Judge<'_> {
    /// Whether it may be what the other side has emptied.
    fn may_be_empty(&self, thing: &Thing) -> bool {
        let [base, other] = [&self.base, &self.other].map(Things::count_of_unknown);
        matches!(thing, Thing::InList(..)) && other > base
    }

    fn fault(&self, comment: &str, about: &BTreeSet<Thing>) -> Option<String> {
        let known: Vec<&Thing> = about.iter().filter(|thing| !thing.is_unknown()).collect();
        let stays = |thing: &&&Thing| !self.base.has(thing) || self.other.has(thing);
        let left: Vec<&Thing> = known.iter().filter(stays).copied().collect();
        match left.is_empty() {
            true => self.of_what_is_gone(comment, &known),
            false if self.is_rewording || known.len() < about.len() => None,
            false => self.of_what_is_there(comment, &left, left.len() == about.len()),
        }
    }

    fn of_what_is_gone(&self, comment: &str, about: &[&Thing]) -> Option<String> {
        let is_reworded = self.is_rewording && self.other.text.comments().next().is_some();
        let may_be = is_reworded || about.iter().any(|thing| self.may_be_empty(thing));
        let is_there = count(self.there.text, comment) > 0;
        let wrong = is_there && !may_be && !about.is_empty();
        wrong.then(|| format!("`{comment}` was about {about:?}, which is gone"))
    }

    fn of_what_is_there(&self, comment: &str, about: &[&Thing], is_all: bool) -> Option<String> {
        if count(self.there.text, comment) > 0 {
            let now = self.there.of_comments().remove(comment);
            let is_about = |now: &Thing| about.iter().any(|thing| thing.is(now));
            let is_right = now.iter().flatten().any(is_about);
            return (!is_right)
                .then(|| format!("`{comment}` was about {about:?}, and is about {now:?}"));
        }
        // There is one place beside a thing, which the other side may have used.
        let mut others = self.other.text.comments();
        let is_alone = others.all(|other| count(self.base.text, &words(other)) > 0);
        let is_on_line =
            |thing: &&Thing| self.side.is_on_line(thing) && self.there.is_on_line(thing);
        let has_place = is_alone && is_all && about.iter().all(is_on_line);
        has_place.then(|| format!("`{comment}` is left out, and {about:?} is there"))
    }
}

/// The comments that are not on lines of their own, and the places that begin on these lines, or if none does those that end there.
fn beside(document: &Document) -> Vec<(String, BTreeSet<KeyPath>)> {
    let text = document.text();
    let line = |at: usize| text[..at].matches('\n').count();
    let comments = document.comment_extents().into_iter().filter(|comment| {
        let start = text[..comment.start].rfind('\n').map_or(0, |at| at + 1);
        !text[start..comment.start].trim().is_empty()
    });
    let on = |at: usize, bound: fn(&Range<usize>) -> usize| {
        let all = places(document.value()).into_iter();
        let here = all.filter(|path| document.extent(path).is_some_and(|e| line(bound(&e)) == at));
        here.collect::<BTreeSet<_>>()
    };
    comments
        .map(|comment| {
            let at = line(comment.start);
            let begun = on(at, |extent| extent.start);
            let here = if begun.is_empty() {
                on(at, |extent| extent.end)
            } else {
                begun
            };
            (words(&text[comment]), here)
        })
        .collect()
}

fn count(document: &Document, comment: &str) -> usize {
    document.comments().filter(|c| words(c) == comment).count()
}

fn has_distinct_numbers(value: &Value) -> bool {
    let counts = counted(numbers(value).into_iter());
    counts.values().all(|count| *count == 1)
}

fn numbers(value: &Value) -> Vec<i64> {
    let mut all = Vec::new();
    leaves(value, "", &mut all);
    let all = all.into_iter().map(|(_, number)| number);
    all.filter(|number| *number != EMPTY).collect()
}

/// The scalars that a side has given another value, the old ones by the new ones. `None` if something in a list has become something of another kind: it is anybody's guess
/// whether it is still the same.
fn changed(base: &Value, side: &Value, in_list: bool, to: &mut BTreeMap<i64, i64>) -> Option<()> {
    match (base, side) {
        (Value::Map(old), Value::Map(new)) => {
            for (key, old) in old.iter() {
                if let Some(new) = new.get_key(key) {
                    changed(old, new, in_list, to)?;
                }
            }
        }
        (Value::Sequence(old), Value::Sequence(new)) => {
            let pairs = old.iter().zip(new).filter(|(old, new)| old != new);
            let pairs: Vec<_> = pairs.collect();
            let is_long = old.len() == new.len();
            if let ([(old, new)], true) = (&*pairs, is_long) {
                changed(old, new, true, to)?;
            }
        }
        (Value::Integer(old), Value::Integer(new)) if old != new => {
            to.extend(new.to_i64().zip(old.to_i64()));
        }
        _ if in_list && base != side => return None,
        _ => {}
    }
    Some(())
}

/// An entry outside of lists, or what is in a list: by its way within the item, and the scalars in it, as the base has them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Entry(KeyPath),
    InList(KeyPath, Vec<String>, BTreeSet<i64>),
}

impl Thing {
    /// Whether nothing tells it from others of its kind.
    fn is_unknown(&self) -> bool {
        matches!(self, Self::InList(_, _, numbers) if numbers.is_empty())
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::InList(list, way, these), Self::InList(other, to, those)) => {
                (list, way) == (other, to) && !these.is_disjoint(those)
            }
            (one, other) => one == other,
        }
    }
}

/// The things of a text, what either side has changed being known by what it was.
struct Things<'t> {
    text: &'t Document,
    old: &'t BTreeMap<i64, i64>,
}

impl Things<'_> {
    fn at(&self, path: &KeyPath) -> Thing {
        let outside = outside_lists(path);
        if outside == *path {
            return Thing::Entry(outside);
        }
        let way = path.segments().iter().skip(outside.segments().len());
        let way = way.map(|segment| match segment {
            Segment::Key(key) => key.to_string(),
            _ => "-".to_owned(),
        });
        let numbers = numbers(self.text.get(path).expect("it is there"));
        let old = |number: i64| self.old.get(&number).copied().unwrap_or(number);
        Thing::InList(
            outside,
            way.collect(),
            numbers.into_iter().map(old).collect(),
        )
    }

    fn has(&self, thing: &Thing) -> bool {
        let all = places(self.text.value());
        all.iter().any(|path| self.at(path).is(thing))
    }

    fn count_of_unknown(&self) -> usize {
        let all = places(self.text.value());
        all.iter().filter(|path| self.at(path).is_unknown()).count()
    }

    /// Whether it begins on a line of its own.
    fn is_on_line(&self, thing: &Thing) -> bool {
        let text = self.text.text();
        let all = places(self.text.value()).into_iter();
        let mut here = all.filter(|path| self.at(path).is(thing));
        here.any(|path| {
            let before = &text[..self.text.extent(&path).map_or(0, |extent| extent.start)];
            let line = before.rfind('\n').map_or(0, |end| end + 1);
            let is_item = matches!(path.segments().last(), Some(Segment::Index(_)));
            matches!((before[line..].trim(), is_item), ("", _) | ("-", true))
        })
    }

    /// What each comment stands above or beside that is there once.
    fn of_comments(&self) -> BTreeMap<String, BTreeSet<Thing>> {
        let all = beside(self.text).into_iter().chain(above(self.text));
        let things = |paths: BTreeSet<KeyPath>| paths.iter().map(|path| self.at(path)).collect();
        all.map(|(words, paths)| (words, things(paths))).collect()
    }
}
