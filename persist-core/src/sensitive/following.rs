//! Secrets that are followed into other values: what was renamed, moved, converted or split is a secret still.

use std::borrow::Cow;
use std::collections::HashMap;

use persist_format::diff::{Change, What};
use persist_format::{KeyPath, Segment, Value};

use super::overlap::{Overlap, PART, SECRET, related};
use super::rules::Sensitive;
use super::walk::{Walk, scalar_text};

impl Sensitive {
    /// With whatever in `other` has the same text as a sensitive value in `one`, has it in it, or is part of it: a secret that was renamed,
    /// moved, converted or split is one still. Texts of one or two characters are not followed; they are everywhere.
    #[must_use]
    pub fn following(mut self, one: &Value, other: &Value) -> Sensitive {
        let nowhere = Places::default();
        let secrets = Texts::of(&self, one, &nowhere);
        if secrets.paths.is_empty() {
            return self;
        }
        for path in secrets.paths {
            self = self.path(path);
        }
        let everywhere = Places::everywhere();
        let others = Texts::of(&self, other, &everywhere).plain;
        let others: Vec<&Plain<'_>> = others.iter().collect();
        let paths = related_to(&strs(&secrets.secrets), &others);
        let paths = paths.into_iter().filter_map(|plain| plain.path.clone());
        paths.fold(self, Sensitive::path)
    }

    /// As after following the secrets of `old` into `new` and those of `new` into `old`, but for the values that `changes` show only. Those
    /// are hidden where a change shows them, too: it speaks of an item of a list by an index that may be of neither document.
    ///
    /// Both documents are gone through once, for their secrets. A text that did not change is only looked at where it may make a secret of
    /// one that did: a text of `new` which holds or is part of a secret of `old` is a secret itself in `old`.
    pub(crate) fn of_difference(
        mut self,
        old: &Value,
        new: &Value,
        changes: &[Change],
    ) -> Sensitive {
        let places = Places::of(changes);
        let before = Texts::of(&self, old, &places);
        // What takes the place of a secret is one.
        self.paths.extend(before.paths);
        let after = Texts::of(&self, new, &places);
        self.paths.extend(after.paths);
        let mut secrets = strs(&before.secrets);
        let derived = derived(&secrets, &before.plain, &after.plain);
        secrets.extend(strs(&after.secrets));
        secrets.extend(derived);
        let mut moved = Vec::new();
        for (path, value) in changes.iter().flat_map(in_lists) {
            let texts = Texts::at(&self, path, value, &Places::everywhere());
            moved.extend(texts.plain);
        }
        let all = before.plain.iter().chain(&after.plain).chain(&moved);
        let shown: Vec<_> = all.filter(|plain| plain.path.is_some()).collect();
        let hidden = related_to(&secrets, &shown).into_iter();
        self.paths
            .extend(hidden.filter_map(|plain| plain.path.clone()));
        self
    }
}

/// The texts of `after` that are related to a secret of before, and to a text that is shown.
fn derived<'t>(secrets: &[&str], before: &'t [Plain<'_>], after: &'t [Plain<'_>]) -> Vec<&'t str> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let all = before.iter().chain(after);
    let shown: Vec<&str> = all.filter(|p| p.path.is_some()).map(|p| &*p.text).collect();
    let shown = Overlap::new(&shown, PART);
    let near = after.iter().filter(|p| shown.touches(&p.text, SECRET));
    let near: Vec<_> = near.collect();
    let derived = related_to(secrets, &near);
    derived.into_iter().map(|plain| &*plain.text).collect()
}

/// Those of `plain` that have a secret in them or are part of one.
fn related_to<'p, 'v>(secrets: &[&str], plain: &[&'p Plain<'v>]) -> Vec<&'p Plain<'v>> {
    let texts: Vec<&str> = plain.iter().map(|plain| &*plain.text).collect();
    let are_related = related(secrets, &texts);
    let both = plain.iter().copied().zip(are_related);
    both.filter(|(_, is_related)| *is_related)
        .map(|(plain, _)| plain)
        .collect()
}

/// The texts of a document.
#[derive(Default)]
struct Texts<'v> {
    /// Where the secrets are.
    paths: Vec<KeyPath>,
    secrets: Vec<Cow<'v, str>>,
    /// All others.
    plain: Vec<Plain<'v>>,
}

struct Plain<'v> {
    text: Cow<'v, str>,
    /// Where it is, if that is one of the places in question.
    path: Option<KeyPath>,
}

impl<'v> Texts<'v> {
    fn of(rules: &Sensitive, document: &'v Value, places: &Places) -> Texts<'v> {
        Texts::at(rules, &KeyPath::root(), document, places)
    }

    fn at(rules: &Sensitive, path: &KeyPath, value: &'v Value, places: &Places) -> Texts<'v> {
        let mut texts = Texts::default();
        let mut each = |walk: &Walk<'_>, value: &'v Value, is_secret: bool| {
            if is_secret {
                texts.paths.push(walk.path().clone());
                collect(value, &mut texts.secrets);
            } else if let Some(text) = scalar_text(value) {
                let path = Some(walk.path()).filter(|path| places.concern(path));
                texts.plain.push(Plain {
                    text,
                    path: path.cloned(),
                });
            }
        };
        Walk::at(rules, path).scalars(value, &mut each);
        texts
    }
}

/// The values of a change in a list, which stand elsewhere in the documents than the change's path says.
fn in_lists(change: &Change) -> impl Iterator<Item = (&KeyPath, &Value)> {
    let is_index = |step: &Segment| matches!(step, Segment::Index(_));
    let in_list = change.path.segments().iter().any(is_index);
    let sides = match &change.what {
        What::Added(value) | What::Removed(value) if in_list => [Some(value), None],
        What::Modified { old, new } if in_list => [Some(old), Some(new)],
        _ => [None, None],
    };
    let sides = sides.into_iter().flatten();
    sides.map(|value| (&change.path, value))
}

/// All texts in a secret.
fn collect<'v>(value: &'v Value, texts: &mut Vec<Cow<'v, str>>) {
    match value.untagged() {
        Value::Map(map) => map.values().for_each(|value| collect(value, texts)),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, texts)),
        other => texts.extend(scalar_text(other)),
    }
}

fn strs<'t>(texts: &'t [Cow<'_, str>]) -> Vec<&'t str> {
    texts.iter().map(|text| &**text).collect()
}

/// Paths as a tree.
#[derive(Default)]
struct Places {
    here: bool,
    below: HashMap<Segment, Places>,
}

impl Places {
    fn everywhere() -> Places {
        Places {
            here: true,
            ..Places::default()
        }
    }

    fn of(changes: &[Change]) -> Places {
        let mut places = Places::default();
        for change in changes {
            let steps = change.path.segments().iter();
            let at = steps.fold(&mut places, |at, step| {
                at.below.entry(step.clone()).or_default()
            });
            at.here = true;
        }
        places
    }

    /// Whether the path is at, above or below one of them.
    fn concern(&self, path: &KeyPath) -> bool {
        let mut at = self;
        for step in path.segments() {
            if at.here {
                return true;
            }
            match at.below.get(step) {
                Some(below) => at = below,
                None => return false,
            }
        }
        at.here || !at.below.is_empty()
    }
}
