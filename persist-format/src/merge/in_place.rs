//! Which items of a list a side has left in their places, for a merge.
//!
//! Equal items are told apart by nothing but their places, and of numbers and words even one that is there once need not be the same: `[10, 20]` that has become `[20, 30]` may have lost
//! its first number, or have had both changed. An item that is equal to the one at its old place, counted from the beginning or from the end, has stayed.
//!
//! In a list that has become longer or shorter it may be so by chance: `[0, 0]` that has become `[0, 0, 0]` doesn't say which one is new. So there the equal items around it must go on to one
//! that is there once, or to the end of the list from which they are counted; and no others that do so may speak for another place, or for another item at this one. Nor may one like it have come or gone:
//! next to it, or, where they only go on to the end, anywhere.

use std::collections::HashMap;
use std::ops::Range;

use crate::value::Value;

/// For each old item its place among the new ones, if it has stayed there.
pub(super) fn stayed(old: &[Value], new: &[Value], counts: &Counts<'_>) -> Vec<Option<usize>> {
    if old.len() == new.len() {
        let pairs = old.iter().zip(new).enumerate();
        return pairs.map(|(at, (a, b))| (a == b).then_some(at)).collect();
    }
    let common = old.len().min(new.len());
    let [old_skip, new_skip] = [old.len() - common, new.len() - common];
    let from_start = runs(&old[..common], &new[..common], counts, |run| run.start == 0);
    let from_end = runs(&old[old_skip..], &new[new_skip..], counts, |run| {
        run.end == common
    });
    let is_run = |runs: &[Run], at: usize| runs.get(at).is_some_and(|run| *run != Run::None);
    // None that is like it has come or gone, as far as that may be this one.
    let has_stayed = |run: Run, item: usize, place: usize| match run {
        Run::None => false,
        Run::ToEnd => counts.is_same(&old[item]),
        Run::WithSingle => {
            counts.is_same(&old[item]) || is_alone(old, item) && is_alone(new, place)
        }
    };
    let mut places = vec![None; old.len()];
    for at in 0..common {
        let mut skips = [old_skip, new_skip].into_iter().filter(|skip| at >= *skip);
        let has_rival = skips.any(|skip| is_run(&from_end, at - skip));
        if !has_rival && has_stayed(from_start[at], at, at) {
            places[at] = Some(at);
        }
        let [item, place] = [at + old_skip, at + new_skip];
        let has_rival = is_run(&from_start, item) || is_run(&from_start, place);
        if !has_rival && has_stayed(from_end[at], item, place) {
            places[item] = Some(place);
        }
    }
    places
}

/// Whether the items next to it are others.
fn is_alone(items: &[Value], at: usize) -> bool {
    let next = [at.checked_sub(1), Some(at + 1)];
    let mut next = next.into_iter().filter_map(|next| items.get(next?));
    next.all(|next| *next != items[at])
}

/// How far the equal items around one go on.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    /// It is not equal itself, or they go on to nothing that says anything.
    None,
    ToEnd,
    /// To one that is there once, which it may be itself.
    WithSingle,
}

fn runs(
    old: &[Value],
    new: &[Value],
    counts: &Counts<'_>,
    is_end: impl Fn(&Range<usize>) -> bool,
) -> Vec<Run> {
    let mut all = vec![Run::None; old.len()];
    let mut start = 0;
    while start < old.len() {
        let equal = old[start..].iter().zip(&new[start..]);
        let run = start..start + equal.take_while(|(a, b)| a == b).count();
        start = run.end + 1;
        all[run.clone()].fill(match () {
            () if old[run.clone()].iter().any(|item| counts.is_single(item)) => Run::WithSingle,
            () if is_end(&run) => Run::ToEnd,
            () => Run::None,
        });
    }
    all
}

/// How often each item is there in either list.
pub(super) struct Counts<'v>(HashMap<&'v Value, [usize; 2]>);

impl<'v> Counts<'v> {
    pub(super) fn of(old: &'v [Value], new: &'v [Value]) -> Self {
        let mut counts: HashMap<&Value, [usize; 2]> = HashMap::with_capacity(old.len());
        for (side, items) in [old, new].into_iter().enumerate() {
            for item in items {
                counts.entry(item).or_default()[side] += 1;
            }
        }
        Self(counts)
    }

    /// Whether it is once in either list.
    pub(super) fn is_single(&self, item: &Value) -> bool {
        self.0.get(item) == Some(&[1, 1])
    }

    /// Whether it is as often in the one as in the other.
    fn is_same(&self, item: &Value) -> bool {
        self.0.get(item).is_some_and(|[old, new]| old == new)
    }
}
