//! Going down a document, with what the keys above a value say of it.
//!
//! What a key says is worked out once, when the walk enters it, and holds for all that is below. Asking each value for all the
//! keys from the root would cost its depth each time.

use persist_format::{KeyPath, Map, Segment, Value};

use super::embedded::is_telling_option;
use super::names::{Says, ends_in_secret, named};
use super::rules::Sensitive;

/// A place in a document.
pub(super) struct Walk<'s> {
    rules: &'s Sensitive,
    path: KeyPath,
    /// The path as people write it, in lower case; only where there are patterns to compare it with.
    dotted: String,
    /// One for the root and for each step from it.
    levels: Vec<Level>,
}

/// What is known of a place by its path.
#[derive(Clone, Copy, Default)]
struct Level {
    /// It is marked, or a key matches a pattern, here or above.
    covered: bool,
    /// What the keys from the root to here say.
    keys: Says,
    /// Whether the last key ends in a word for a secret.
    ends: bool,
    /// Bytes of the path before this step.
    dotted: usize,
}

impl<'s> Walk<'s> {
    pub(super) fn at(rules: &'s Sensitive, path: &KeyPath) -> Walk<'s> {
        let mut walk = Walk {
            rules,
            path: KeyPath::root(),
            dotted: String::new(),
            levels: Vec::new(),
        };
        walk.levels.push(Level {
            covered: rules.paths.contains(&walk.path),
            ..Level::default()
        });
        for segment in path.segments() {
            walk.enter(segment.clone());
        }
        walk
    }

    pub(super) fn path(&self) -> &KeyPath {
        &self.path
    }

    fn level(&self) -> Level {
        self.levels.last().copied().unwrap_or_default()
    }

    pub(super) fn enter(&mut self, segment: Segment) {
        let mut level = self.level();
        level.dotted = self.dotted.len();
        if let Segment::Key(key) = &segment {
            let says = Says::of(key);
            level.keys = level.keys.or(says);
            level.ends = ends_in_secret(key);
            level.covered |= self.rules.matches(key);
        }
        if !self.rules.patterns.is_empty() {
            let is_key = matches!(segment, Segment::Key(_));
            let separator = if is_key && !self.path.is_root() {
                "."
            } else {
                ""
            };
            let step = KeyPath::from(vec![segment.clone()]).to_string();
            self.dotted.push_str(separator);
            self.dotted.push_str(&step.to_lowercase());
        }
        self.path.push(segment);
        level.covered |= !self.rules.paths.is_empty() && self.rules.paths.contains(&self.path);
        self.levels.push(level);
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
        if let Some(level) = self.levels.pop() {
            self.dotted.truncate(level.dotted);
        }
    }

    /// Whether the value here is sensitive.
    pub(super) fn covers(&self, value: &Value) -> bool {
        let level = self.level();
        let by_pattern = || self.rules.patterns.iter().any(|p| p.matches(&self.dotted));
        level.covered || level.keys.hides(value) || is_key_file(value.untagged()) || by_pattern()
    }

    /// Whether a scalar here must not be shown.
    pub(super) fn hides(&self, value: &Value) -> bool {
        let is_text = matches!(value, Value::String(_));
        self.covers(value) || is_text && self.level().ends
    }

    /// Every scalar in `value`, and whether it is a secret: by itself, its keys, or by what stands beside or before it. Where a container as a
    /// whole is one, that is told of, and not what is in it.
    pub(super) fn scalars<'v>(
        &mut self,
        value: &'v Value,
        each: &mut dyn FnMut(&Walk<'s>, &'v Value, bool),
    ) {
        match value {
            Value::Map(map) => {
                let told = value_of_telling_name(map);
                for (key, value) in map.iter() {
                    self.enter(Segment::Key(key_text(key)));
                    match told == Some(value) {
                        true => each(self, value, true),
                        false => self.scalars(value, each),
                    }
                    self.leave();
                }
            }
            Value::Sequence(items) => {
                for (index, value) in items.iter().enumerate() {
                    self.enter(Segment::Index(index));
                    match follows_telling_option(items, index) {
                        true => each(self, value, true),
                        false => self.scalars(value, each),
                    }
                    self.leave();
                }
            }
            Value::Tagged(tagged) if tagged.value.is_container() && !self.hides(&tagged.value) => {
                self.scalars(&tagged.value, each);
            }
            other => each(self, other, self.hides(other.untagged())),
        }
    }
}

fn is_key_file(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.contains("PRIVATE KEY-----"))
}

/// The text beside a `name` or `key` that names a secret, as environments of containers have it.
pub(super) fn value_of_telling_name(map: &Map) -> Option<&Value> {
    let text = |key: &str| match map.get(key)?.untagged() {
        Value::String(text) => Some(text),
        _ => None,
    };
    const NAMES: [&str; 6] = ["name", "key", "Name", "Key", "ParameterKey", "variable"];
    const VALUES: [&str; 4] = ["value", "Value", "ParameterValue", "val"];
    let name = NAMES.iter().find_map(|key| text(key))?;
    let value = VALUES.iter().find(|key| text(key).is_some())?;
    map.get(value)
        .filter(|_| named(name) || ends_in_secret(name))
}

/// Whether an item is the value of an option before it, as in `["--password", "…"]`.
pub(super) fn follows_telling_option(items: &[Value], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| items.get(before));
    matches!(before, Some(Value::String(option)) if is_telling_option(option))
}

/// The text of a scalar that says something; switches and null do not.
pub(super) fn scalar_text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match value.untagged() {
        Value::Map(_) | Value::Sequence(_) | Value::Bool(_) | Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_json().to_string().into()),
    }
}

/// A map's key as path segments spell it.
pub(super) fn key_text(key: &Value) -> String {
    key.as_key_text().unwrap_or_else(|| key.to_string())
}
