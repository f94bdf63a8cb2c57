//! "Did you mean": the name nearest to a misspelt one.

use crate::path::{KeyPath, Segment};
use crate::value::{Map, Value};

/// The candidate that differs in the fewest single edits (insert, delete, replace, swap neighbours), if that is few enough to be a slip.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let len = word.chars().count();
    let most = (len / 3).max(1).min(len.saturating_sub(1)); // another letter is another name
    let near = candidates
        .into_iter()
        .map(|name| (strsim::osa_distance(&lower(word), &lower(name)), name));
    near.filter(|(d, _)| *d <= most)
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
}

/// The beginning, so that nobody's file costs the square of its length.
fn lower(word: &str) -> String {
    word.chars().take(64).flat_map(char::to_lowercase).collect()
}

impl Value {
    /// The path of something that is there and that `path`, which leads to nothing, may have meant: with a slip in a key, without the
    /// quotes around a key with dots, or without the keys above the only one of that name.
    ///
    /// ```
    /// use persist_format::Value;
    /// let value = Value::from_cli(r#"{"window": {"width": 1}, "editor.tabs": true}"#);
    /// let meant = |path: &str| Some(value.meant(&path.parse().ok()?)?.to_string());
    /// assert_eq!(meant("windows.widht").as_deref(), Some("window.width"));
    /// assert_eq!(meant("width").as_deref(), Some("window.width"));
    /// assert_eq!(meant("editor.tabs").as_deref(), Some("\"editor.tabs\""));
    /// assert_eq!(meant("height"), None);
    /// ```
    #[must_use]
    pub fn meant(&self, path: &KeyPath) -> Option<KeyPath> {
        if self.get(path).is_some() {
            return None;
        }
        self.unquoted(path)
            .or_else(|| self.respelt(path))
            .or_else(|| self.below(path))
    }

    /// Some of the keys in a row are one key with dots.
    fn unquoted(&self, path: &KeyPath) -> Option<KeyPath> {
        let mut at = self;
        let mut found = KeyPath::root();
        let mut rest = path.segments();
        while let Some(first) = rest.first() {
            let taken = match first.find_in(at) {
                Some(_) => (first.clone(), 1),
                None => dotted(at, rest)?,
            };
            at = at.child_at(taken.0.find_in(at)?)?;
            found.push(taken.0);
            rest = rest.get(taken.1..)?;
        }
        Some(found)
    }

    /// A key that is not there is a slip of one that is.
    fn respelt(&self, path: &KeyPath) -> Option<KeyPath> {
        let mut at = self;
        let mut found = KeyPath::root();
        for segment in path.segments() {
            let segment = match (segment, at.untagged()) {
                (_, _) if segment.find_in(at).is_some() => segment.clone(),
                (Segment::Key(key), Value::Map(map)) => {
                    nearest(key, map.keys().filter_map(Value::as_str))?.into()
                }
                _ => return None,
            };
            at = at.child_at(segment.find_in(at)?)?;
            found.push(segment);
        }
        Some(found)
    }

    /// The only place further down where the path would lead to something.
    fn below(&self, path: &KeyPath) -> Option<KeyPath> {
        let Some(Segment::Key(first)) = path.segments().first() else {
            return None;
        };
        let mut places = Vec::new();
        holders(self, &mut KeyPath::root(), first, &mut places);
        let rest = path.segments().iter();
        let whole = |place: &KeyPath| {
            place
                .segments()
                .iter()
                .chain(rest.clone())
                .cloned()
                .collect()
        };
        let mut led = places
            .iter()
            .map(whole)
            .filter(|path| self.get(path).is_some());
        led.next().filter(|_| led.next().is_none())
    }
}

/// The key of a map that is the first of these keys joined by dots, and how many they are.
fn dotted(map: &Value, path: &[Segment]) -> Option<(Segment, usize)> {
    let mut name = String::new();
    for (index, segment) in path.iter().enumerate() {
        let Segment::Key(key) = segment else {
            return None;
        };
        if index > 0 {
            name.push('.');
        }
        name.push_str(key);
        let joined = Segment::Key(name.clone());
        if index > 0 && joined.find_in(map).is_some() {
            return Some((joined, index + 1));
        }
    }
    None
}

/// The places of all maps below the root that have the key.
fn holders(value: &Value, at: &mut KeyPath, key: &str, places: &mut Vec<KeyPath>) {
    let has = |map: &Map| map.get(key).is_some();
    if !at.is_root() && value.untagged().as_map().is_some_and(has) {
        places.push(at.clone());
    }
    let Value::Map(map) = value.untagged() else {
        return;
    };
    for (name, child) in map.iter().filter(|(_, child)| child.is_container()) {
        if let Some(name) = name.as_str() {
            at.push(name);
            holders(child, at, key, places);
            at.pop();
        }
    }
}
