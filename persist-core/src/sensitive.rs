//! Values that must not be shown: which keys they are, and how they are kept out of sight.

mod conflicts;
mod embedded;
mod following;
mod gathered;
mod lines;
mod names;
mod overlap;
mod pattern;
mod places;
mod rules;
mod secret;
mod steps;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod walk;

use persist_format::{KeyPath, Map, Segment, Value};

pub(crate) use self::embedded::mask;
use self::embedded::{replace, within};
pub(crate) use self::following::{Told, beside};
pub use self::rules::{REDACTED, Sensitive};
pub use self::secret::Secret;
pub(crate) use self::secret::secrets;
use self::walk::{Walk, follows_telling_option, key_text, value_of_telling_name};

impl Sensitive {
    /// Whether `value` at `path` is sensitive.
    pub fn covers(&self, path: &KeyPath, value: &Value) -> bool {
        Walk::at(self, path).covers(value)
    }

    /// Whether something of `value` would be hidden if it stood at `path` of `tree`: by itself, its keys, or what stands beside or before it.
    ///
    /// ```
    /// use persist_core::{KeyPath, Sensitive, Value};
    /// let tree = Value::from_cli(r#"{"args": ["-password", "x", "-port", "1"]}"#);
    /// let args = KeyPath::root().child("args");
    /// let hides = |path: &KeyPath| Sensitive::new().hides_in(&tree, path, &Value::from("80"));
    /// assert!(hides(&args.item(1)) && hides(&KeyPath::root().child("auth")));
    /// assert!(!hides(&args.item(3)));
    /// ```
    pub fn hides_in(&self, tree: &Value, path: &KeyPath, value: &Value) -> bool {
        !self.found(path, value).is_empty() || is_told_beside(tree, path, value)
    }

    /// `value`, which stands at `path`, with every sensitive part replaced by `[redacted]`.
    pub fn redact(&self, path: &KeyPath, value: &Value) -> Value {
        redact(&mut Walk::at(self, path), value)
    }

    /// The paths of all scalars in `value`, which stands at `path`, that are sensitive or have something sensitive in them.
    pub fn found(&self, path: &KeyPath, value: &Value) -> Vec<KeyPath> {
        let mut found = Vec::new();
        let embedded = |value: &Value| matches!(value.untagged(), Value::String(text) if !within(text).is_empty());
        Walk::at(self, path).scalars(value, &mut |walk, value, is_secret| {
            if is_secret || embedded(value) {
                found.push(walk.path().clone());
            }
        });
        found
    }

    /// `tree` without its sensitive values.
    pub fn strip(&self, tree: &Value) -> Value {
        strip(&mut Walk::at(self, &KeyPath::root()), tree)
    }
}

/// Whether what stands beside or before a place says that what comes there is a secret.
fn is_told_beside(tree: &Value, path: &KeyPath, value: &Value) -> bool {
    let there = tree.resolve(path);
    let last = there.as_ref().unwrap_or(path).segments().last();
    let around = path.parent().and_then(|parent| tree.get(&parent));
    match (around.map(Value::untagged), last) {
        (Some(Value::Sequence(items)), Some(Segment::Index(at))) => {
            follows_telling_option(items, *at)
        }
        (Some(Value::Sequence(items)), _) => follows_telling_option(items, items.len()),
        (Some(Value::Map(map)), Some(Segment::Key(key))) => {
            let mut map = map.clone();
            map.insert(Value::from(key.as_str()), value.clone());
            let told = value_of_telling_name(&map);
            told.is_some_and(|told| map.get(key) == Some(told))
        }
        _ => false,
    }
}

fn redact(walk: &mut Walk<'_>, value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(redact_map(walk, map)),
        Value::Sequence(items) => {
            let shown = |(index, item)| match follows_telling_option(items, index) {
                true => Value::from(REDACTED),
                false => redact_below(walk, Segment::Index(index), item),
            };
            Value::Sequence(items.iter().enumerate().map(shown).collect())
        }
        Value::Tagged(tagged) if walk.hides(&tagged.value) => Value::from(REDACTED),
        Value::Tagged(tagged) => {
            let mut tagged = tagged.clone();
            tagged.value = redact(walk, &tagged.value);
            Value::Tagged(tagged)
        }
        scalar if walk.hides(scalar) => Value::from(REDACTED),
        Value::String(text) => Value::from(replace(text, &within(text), |_| REDACTED.into())),
        other => other.clone(),
    }
}

fn redact_map(walk: &mut Walk<'_>, map: &Map) -> Map {
    let told = value_of_telling_name(map);
    let mut redacted = Map::new();
    for (key, value) in map.iter() {
        let shown = match told == Some(value) {
            true => Value::from(REDACTED),
            false => redact_below(walk, Segment::Key(key_text(key)), value),
        };
        redacted.insert(key.clone(), shown);
    }
    redacted
}

fn redact_below(walk: &mut Walk<'_>, step: Segment, value: &Value) -> Value {
    walk.enter(step);
    let shown = redact(walk, value);
    walk.leave();
    shown
}

fn strip(walk: &mut Walk<'_>, value: &Value) -> Value {
    let Value::Map(map) = value else {
        return value.clone();
    };
    let mut kept = Map::new();
    for (key, value) in map.iter() {
        walk.enter(Segment::Key(key_text(key)));
        if !walk.covers(value) {
            kept.insert(key.clone(), strip(walk, value));
        }
        walk.leave();
    }
    Value::Map(kept)
}
