//! Values that must not be shown: which keys they are, and how they are kept out of sight.

use std::collections::HashSet;
use std::ops::Range;

use persist_format::{KeyPath, Map, Segment, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in place of a sensitive value wherever one would be shown.
pub const REDACTED: &str = "[redacted]";

/// Which keys are sensitive, and whether they belong in the file at all.
///
/// Keys are found by name. The built-in list covers passwords, tokens, secrets, API, access and
/// private keys and credentials, whatever their case and separators; booleans under such names
/// (`use_password = true`) and numbers of tokens (`max_tokens = 100`) are not sensitive. Patterns and marked paths cover every value.
/// Of an address with a password in it (`postgres://user:password@host`) the password is hidden, whatever its key.
#[derive(Clone, Debug, Default)]
pub struct Sensitive {
    patterns: Vec<String>,
    paths: Vec<KeyPath>,
    exclude: bool,
}

const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "privatekey",
    "accesskey",
    "credential",
    "encryptionkey",
    "signingkey",
    "authorization",
];
const ENDINGS: [&str; 3] = ["token", "tokens", "pwd"];

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
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
        self
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

    /// Whether `value` at `path` must not be shown.
    pub fn covers(&self, path: &KeyPath, value: &Value) -> bool {
        let key_file = |value: &Value| matches!(value, Value::String(text) if text.contains("PRIVATE KEY-----"));
        if key_file(value.untagged()) || self.paths.iter().any(|p| path.starts_with(p)) {
            return true;
        }
        let dotted = path.to_string();
        let keys = || path.segments().iter().filter_map(key);
        let matched = |pattern: &String| glob(pattern, &dotted) || keys().any(|k| glob(pattern, k));
        self.patterns.iter().any(matched) || (keys().any(|k| hides(k, value)))
    }

    /// `value`, which stands at `path`, with every sensitive part replaced by `[redacted]`.
    pub fn redact(&self, path: &KeyPath, value: &Value) -> Value {
        let container = matches!(value, Value::Map(_) | Value::Sequence(_) | Value::Tagged(_));
        if !container && self.covers(path, value) {
            return Value::from(REDACTED);
        }
        match value {
            Value::Map(map) => Value::Map(self.redact_map(path, map)),
            Value::Sequence(items) => {
                let items = items.iter().enumerate();
                Value::Sequence(items.map(|(i, v)| self.redact(&path.item(i), v)).collect())
            }
            Value::Tagged(tagged) if self.covers(path, &tagged.value) => Value::from(REDACTED),
            Value::Tagged(tagged) => {
                let mut tagged = tagged.clone();
                tagged.value = self.redact(path, &tagged.value);
                Value::Tagged(tagged)
            }
            Value::String(text) => {
                Value::from(replace(text, &passwords(text), |_| REDACTED.into()))
            }
            other => other.clone(),
        }
    }

    /// A line of text, read or not as a document, with what follows a sensitive key hidden. Where a
    /// text does not parse there is nothing better to go by than the look of its lines.
    pub fn mask_line(&self, line: &str) -> String {
        match self.value_at(line) {
            Some(at) => {
                let (shown, rest) = line.split_at(at);
                [shown, &mask(rest)].concat()
            }
            None if line.contains("-----BEGIN") => "-----BEGIN *****".into(),
            None => replace(line, &passwords(line), mask),
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
            let opens = match self.value_at(line) {
                Some(at) => is_open(line[at..].trim_start()),
                None => self.is_heading(line),
            };
            if opens {
                open = OPEN_LINES;
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
            key.is_some_and(|key| self.names_secret(key) || key.contains('\\'))
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
        let last = |path: &KeyPath| {
            let keys = path.segments();
            keys.iter().rev().find_map(self::key).map(str::to_owned)
        };
        let marked = |key: &str| self.paths.iter().any(|p| last(p).as_deref() == Some(key));
        key.split('.')
            .map(|part| part.trim_matches([' ', '"', '\'']))
            .any(|part| named(part) || self.patterns.iter().any(|p| glob(p, part)) || marked(part))
    }

    /// The paths of all sensitive scalars in `value`, which stands at `path`.
    pub fn found(&self, path: &KeyPath, value: &Value) -> Vec<KeyPath> {
        match value {
            Value::Map(map) => {
                let children = map.iter().map(|(k, v)| (path.child(&key_text(k)), v));
                children.flat_map(|(p, v)| self.found(&p, v)).collect()
            }
            Value::Sequence(items) => {
                let children = items.iter().enumerate().map(|(i, v)| (path.item(i), v));
                children.flat_map(|(p, v)| self.found(&p, v)).collect()
            }
            other if self.covers(path, other.untagged()) => vec![path.clone()],
            _ => Vec::new(),
        }
    }

    /// With whatever in `other` has the same text as a sensitive value in `one`: a secret that was renamed, moved or
    /// converted is one still. Texts of one or two characters are not followed; they are everywhere.
    #[must_use]
    pub fn following(self, one: &Value, other: &Value) -> Sensitive {
        let root = KeyPath::root();
        let secrets: Vec<String> = self
            .found(&root, one)
            .iter()
            .filter_map(|path| one.get(path))
            .filter_map(scalar_text)
            .filter(|text| text.chars().count() > 2)
            .collect();
        if secrets.is_empty() {
            return self;
        }
        let mut same = Vec::new();
        scalars(&root, other, &mut |path, text| {
            if secrets.iter().any(|secret| text.contains(secret)) {
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
            let child = path.child(&key_text(key));
            redacted.insert(key.clone(), self.redact(&child, value));
        }
        redacted
    }
}

/// Whether a key's name hides this value. A switch gives nothing away; a number under a name such as
/// `max_tokens` is an amount, under `password` it is one.
fn hides(key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Null => false,
        Value::Integer(_) | Value::Float(_) => contains_name(&plain(key)),
        _ => named(key),
    }
}

/// Lines after the begin of a sensitive value that are taken for its continuation.
const OPEN_LINES: usize = 40;

/// Every character hidden, the same width, so that columns still point where they did.
pub(crate) fn mask(text: &str) -> String {
    let hidden = |c: char| if c.is_whitespace() { c } else { '*' };
    text.chars().map(hidden).collect()
}

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

/// Whether a key's name alone says that its value is sensitive.
pub(crate) fn named(key: &str) -> bool {
    let plain = plain(key);
    contains_name(&plain) || ENDINGS.iter().any(|e| plain.ends_with(e))
}

fn contains_name(plain: &str) -> bool {
    NAMES.iter().any(|n| plain.contains(n))
}

/// A key without case and separators.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// Where in `text` the passwords of addresses are: `scheme://user:password@host` (RFC 3986, 3.2.1).
/// Characters that should be escaped in a password, but for the slash, do not end it.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '<' | '>');
    let password = |(at, slashes): (usize, &str)| {
        let start = at + slashes.len();
        let rest = &text[start..];
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let (user_info, _host) = authority.rsplit_once('@')?;
        let (user, password) = user_info.split_once(':')?;
        let from = start + user.len() + 1;
        Some(from..from + password.len()).filter(|range| !range.is_empty())
    };
    text.match_indices("://").filter_map(password).collect()
}

/// `text` with each of the `parts` replaced.
fn replace(text: &str, parts: &[Range<usize>], with: impl Fn(&str) -> String) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for part in parts {
        replaced.push_str(&text[done..part.start]);
        replaced.push_str(&with(&text[part.clone()]));
        done = part.end;
    }
    replaced.push_str(&text[done..]);
    replaced
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
