//! Values that must not be shown: which keys they are, and how they are kept out of sight.

mod embedded;
mod followed;
mod names;

use std::collections::{BTreeSet, HashSet};

use persist_format::{KeyPath, Map, Segment, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use self::embedded::mask;
use self::embedded::{after_telling_word, is_telling_option, replace, within};
use self::followed::Secrets;
pub(crate) use self::names::named;
use self::names::{ends_in_secret, hides};

/// What stands in place of a sensitive value wherever one would be shown.
pub const REDACTED: &str = "[redacted]";

/// Which keys are sensitive, and whether they belong in the file at all.
///
/// Keys are found by name. The built-in list covers passwords, tokens, secrets, API, access and
/// private keys and credentials, whatever their case and separators; booleans under such names
/// (`use_password = true`) and numbers of tokens (`max_tokens = 100`) are not sensitive. Patterns and marked paths cover every value.
///
/// More is hidden than is sensitive enough to be left out of a file: texts right under `auth`, `pass`, `jwt` and the like; the `value` beside
/// a telling `name`; and within any text the password of an address (`postgres://user:password@host`) and what is assigned to a telling
/// name (`DB_PASSWORD=…`, `?token=…`).
#[derive(Clone, Debug, Default)]
pub struct Sensitive {
    patterns: Vec<String>,
    /// None is below another. So whichever covers a path is the last one that sorts up to it, and there may be thousands.
    paths: BTreeSet<KeyPath>,
    /// The last keys of all paths that were marked.
    marked: HashSet<String>,
    exclude: bool,
}

impl Sensitive {
    /// The built-in names; sensitive values are kept in the file.
    pub fn new() -> Sensitive {
        Sensitive::default()
    }

    /// Also every key whose name or dotted path matches `pattern`, in which `*` stands for any text.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<String>) -> Sensitive {
        self.patterns.push(pattern.into());
        self
    }

    /// Also the value at `path`.
    #[must_use]
    pub fn path(mut self, path: KeyPath) -> Sensitive {
        let last = path.segments().iter().rev().find_map(key);
        self.marked.extend(last.map(str::to_owned));
        if !self.is_marked(&path) {
            let from = self.paths.range(path.clone()..);
            let below: Vec<_> = from.take_while(|p| p.starts_with(&path)).cloned().collect();
            for path in below {
                self.paths.remove(&path);
            }
            self.paths.insert(path);
        }
        self
    }

    /// Whether `path` is marked, or below one that is.
    fn is_marked(&self, path: &KeyPath) -> bool {
        let last = self.paths.range(..=path).next_back();
        last.is_some_and(|marked| path.starts_with(marked))
    }

    /// Never write sensitive values to the file. What a person wrote there by hand stays.
    #[must_use]
    pub fn exclude(mut self, exclude: bool) -> Sensitive {
        self.exclude = exclude;
        self
    }

    /// Whether sensitive values are left out of saves.
    pub fn excluded(&self) -> bool {
        self.exclude
    }

    /// Whether `value` at `path` is sensitive.
    pub fn covers(&self, path: &KeyPath, value: &Value) -> bool {
        let key_file = |value: &Value| matches!(value, Value::String(text) if text.contains("PRIVATE KEY-----"));
        if key_file(value.untagged()) || self.is_marked(path) {
            return true;
        }
        let dotted = path.to_string();
        let keys = || path.segments().iter().filter_map(key);
        let matched = |pattern: &String| glob(pattern, &dotted) || keys().any(|k| glob(pattern, k));
        self.patterns.iter().any(matched) || (keys().any(|k| hides(k, value)))
    }

    /// Whether a scalar must not be shown.
    fn hides(&self, path: &KeyPath, value: &Value) -> bool {
        let is_text = matches!(value, Value::String(_));
        let last = path.segments().iter().rev().find_map(key);
        self.covers(path, value) || is_text && last.is_some_and(ends_in_secret)
    }

    /// `value`, which stands at `path`, with every sensitive part replaced by `[redacted]`.
    pub fn redact(&self, path: &KeyPath, value: &Value) -> Value {
        let container = matches!(value, Value::Map(_) | Value::Sequence(_) | Value::Tagged(_));
        if !container && self.hides(path, value) {
            return Value::from(REDACTED);
        }
        match value {
            Value::Map(map) => Value::Map(self.redact_map(path, map)),
            Value::Sequence(items) => {
                let shown = |(i, v)| match follows_telling_option(items, i) {
                    true => Value::from(REDACTED),
                    false => self.redact(&path.item(i), v),
                };
                Value::Sequence(items.iter().enumerate().map(shown).collect())
            }
            Value::Tagged(tagged) if self.hides(path, &tagged.value) => Value::from(REDACTED),
            Value::Tagged(tagged) => {
                let mut tagged = tagged.clone();
                tagged.value = self.redact(path, &tagged.value);
                Value::Tagged(tagged)
            }
            Value::String(text) => Value::from(replace(text, &within(text), |_| REDACTED.into())),
            other => other.clone(),
        }
    }

    /// A line of a document, with what follows a sensitive key hidden, and secrets within what is left.
    pub fn mask_line(&self, line: &str) -> String {
        match self.value_at(line) {
            Some(at) => {
                let (shown, rest) = line.split_at(at);
                [shown, &mask(rest)].concat()
            }
            None if line.contains("-----BEGIN") => "-----BEGIN *****".into(),
            None => replace(line, &within(line), mask),
        }
    }

    /// A line of a text that does not parse. There is nothing better to go by than the words in it.
    pub(crate) fn mask_broken_line(&self, line: &str) -> String {
        let masked = self.mask_line(line);
        match after_telling_word(&masked) {
            Some(at) => [&masked[..at], &mask(&masked[at..])].concat(),
            None => masked,
        }
    }

    /// Lines of a text that may be part of a sensitive value: those after a sensitive key whose value does not end, or
    /// does not even begin, on its line. Where it ends is not to be told in a text that does not parse.
    pub(crate) fn hidden_lines<'t>(&self, text: &'t str) -> HashSet<&'t str> {
        let mut hidden = HashSet::new();
        let mut open = 0_usize;
        for line in text.lines().map(str::trim_end) {
            if open > 0 {
                open -= 1;
                hidden.insert(line);
            }
            let value = self.value_at(line);
            let opens = match value {
                Some(at) => is_open(line[at..].trim_start()),
                None => self.is_heading(line) || line.contains("-----BEGIN"),
            };
            if opens {
                open = OPEN_LINES;
            } else if value.is_some() {
                // A value that lost the quotes or the indent of its second line.
                open = open.max(1);
            }
        }
        hidden
    }

    /// Where on a line the value of a sensitive key begins.
    fn value_at(&self, line: &str) -> Option<usize> {
        let separators = line.char_indices().filter(|(_, c)| matches!(c, '=' | ':'));
        let ends = |at: &usize| {
            let before = line[..*at].trim_end_matches([' ', '\t', '"', '\'']);
            let key = before.rsplit([' ', '\t', '"', '\'', ',', '{', '[']).next();
            // An escape in a key can spell anything.
            key.is_some_and(|key| {
                self.names_secret(key) || ends_in_secret(key) || key.contains('\\')
            })
        };
        separators.map(|(at, _)| at).find(ends).map(|at| at + 1)
    }

    /// A TOML table or a YAML key that is sensitive, its value on the lines below.
    fn is_heading(&self, line: &str) -> bool {
        let line = line.trim_start();
        let name = line.strip_prefix('?').or_else(|| line.strip_prefix('['));
        name.is_some_and(|name| self.names_secret(name.trim_matches(['[', ']', ' ', '"', '\''])))
    }

    /// Whether a key as it is written, dotted perhaps, has a sensitive part.
    fn names_secret(&self, key: &str) -> bool {
        key.split('.')
            .map(|part| part.trim_matches([' ', '"', '\'']))
            .any(|part| {
                named(part)
                    || self.patterns.iter().any(|p| glob(p, part))
                    || self.marked.contains(part)
            })
    }

    /// The paths of all scalars in `value`, which stands at `path`, that are sensitive or have something sensitive in them.
    pub fn found(&self, path: &KeyPath, value: &Value) -> Vec<KeyPath> {
        let mut found = Vec::new();
        let has_secret = |path: &KeyPath, value: &Value| {
            let embedded = matches!(value, Value::String(text) if !within(text).is_empty());
            embedded || self.hides(path, value)
        };
        find(path, value, &has_secret, &mut found);
        found
    }

    /// With whatever in `other` has the same text as a sensitive value in `one`: a secret that was renamed, moved or
    /// converted is one still. Texts of one or two characters are not followed; they are everywhere.
    #[must_use]
    pub fn following(self, one: &Value, other: &Value) -> Sensitive {
        let root = KeyPath::root();
        let mut same = Vec::new();
        find(
            &root,
            one,
            &|path, value| self.hides(path, value),
            &mut same,
        );
        if same.is_empty() {
            return self;
        }
        let texts = same.iter().filter_map(|path| one.get(path));
        let secrets = Secrets::new(texts.filter_map(scalar_text));
        scalars(&root, other, &mut |path, text| {
            if secrets.are_in(&text) {
                same.push(path.clone());
            }
        });
        same.into_iter().fold(self, Sensitive::path)
    }

    /// `tree` without its sensitive values.
    pub fn strip(&self, tree: &Value) -> Value {
        self.strip_at(&KeyPath::root(), tree)
    }

    fn strip_at(&self, path: &KeyPath, value: &Value) -> Value {
        let Value::Map(map) = value else {
            return value.clone();
        };
        let mut kept = Map::new();
        for (key, value) in map.iter() {
            let child = path.child(&key_text(key));
            if !self.covers(&child, value) {
                kept.insert(key.clone(), self.strip_at(&child, value));
            }
        }
        Value::Map(kept)
    }

    fn redact_map(&self, path: &KeyPath, map: &Map) -> Map {
        let mut redacted = Map::new();
        for (key, value) in map.iter() {
            let shown = match value_of_telling_name(map) == Some(value) {
                true => Value::from(REDACTED),
                false => self.redact(&path.child(&key_text(key)), value),
            };
            redacted.insert(key.clone(), shown);
        }
        redacted
    }
}

/// The paths of the scalars that are secrets by themselves, or by what stands beside or before them.
fn find(
    path: &KeyPath,
    value: &Value,
    is_secret: &dyn Fn(&KeyPath, &Value) -> bool,
    found: &mut Vec<KeyPath>,
) {
    match value {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let path = path.child(&key_text(key));
                match value_of_telling_name(map) == Some(value) {
                    true => found.push(path),
                    false => find(&path, value, is_secret, found),
                }
            }
        }
        Value::Sequence(items) => {
            for (index, value) in items.iter().enumerate() {
                let path = path.item(index);
                match follows_telling_option(items, index) {
                    true => found.push(path),
                    false => find(&path, value, is_secret, found),
                }
            }
        }
        other if is_secret(path, other.untagged()) => found.push(path.clone()),
        _ => {}
    }
}

/// The text beside a `name` or `key` that names a secret, as environments of containers have it.
fn value_of_telling_name(map: &Map) -> Option<&Value> {
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
fn follows_telling_option(items: &[Value], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| items.get(before));
    matches!(before, Some(Value::String(option)) if is_telling_option(option))
}

/// Lines after the begin of a sensitive value that are taken for its continuation.
const OPEN_LINES: usize = 40;

/// Whether a value, as it begins on its key's line, may go on below.
fn is_open(value: &str) -> bool {
    let quotes = |quote| value.matches(quote).count() % 2 == 1;
    let begins = |starts: &[&str]| starts.iter().any(|start| value.starts_with(start));
    value.is_empty()
        || begins(&["#", "{", "[", "|", ">", "&", "!", "\"\"\"", "'''"])
        || quotes('"')
        || quotes('\'')
}

fn scalar_text(value: &Value) -> Option<String> {
    match value.untagged() {
        Value::Map(_) | Value::Sequence(_) | Value::Bool(_) | Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_json().to_string()),
    }
}

fn scalars(path: &KeyPath, value: &Value, each: &mut dyn FnMut(&KeyPath, String)) {
    match value {
        Value::Map(map) => map
            .iter()
            .for_each(|(k, v)| scalars(&path.child(&key_text(k)), v, each)),
        Value::Sequence(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, v)| scalars(&path.item(i), v, each)),
        other => {
            if let Some(text) = scalar_text(other) {
                each(path, text);
            }
        }
    }
}

fn key(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Key(key) => Some(key),
        _ => None,
    }
}

/// A map's key as path segments spell it.
fn key_text(key: &Value) -> String {
    key.as_key_text().unwrap_or_else(|| key.to_string())
}

/// `*` stands for any text, everything else for itself, case ignored.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().expect("split yields at least one part");
    for part in middle {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

/// A value that is sensitive by its type: `Debug` hides it, and a store that saves it knows its path.
///
/// It is written to the file like the value inside.
///
/// ```
/// use persist_core::Secret;
/// let key = Secret::new("hunter2".to_string());
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(key.expose(), "hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub fn new(value: T) -> Secret<T> {
        Secret(value)
    }

    /// The value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Secret<T> {
        Secret(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Secret)
    }
}

const MARK: &str = "\u{0}persist secret";

thread_local! {
    static MARKING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if MARKING.get() {
            return serializer.serialize_str(MARK);
        }
        self.0.serialize(serializer)
    }
}

/// The paths of all [`Secret`]s in `value`: it is serialized once with a mark in their place.
pub(crate) fn secrets<T: Serialize>(value: &T) -> Vec<KeyPath> {
    struct Marking;
    impl Drop for Marking {
        fn drop(&mut self) {
            MARKING.set(false);
        }
    }
    MARKING.set(true);
    let marking = Marking;
    let tree = persist_format::to_value(value);
    drop(marking);
    let mut found = Vec::new();
    if let Ok(tree) = tree {
        collect(&KeyPath::root(), &tree, &mut found);
    }
    found
}

fn collect(path: &KeyPath, value: &Value, found: &mut Vec<KeyPath>) {
    match value {
        Value::String(text) if text == MARK => found.push(path.clone()),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                collect(&path.child(&key_text(key)), value, found);
            }
        }
        // Items move: a secret in one marks them all.
        Value::Sequence(items) => {
            let mut inside = Vec::new();
            items
                .iter()
                .for_each(|item| collect(path, item, &mut inside));
            if !inside.is_empty() {
                found.push(path.clone());
            }
        }
        _ => {}
    }
}
