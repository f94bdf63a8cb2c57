//! Keys that look wrong: what was most likely meant.

use std::path::Path;

use persist_core::format::Segment;
use persist_core::{KeyPath, Value};

use crate::exit::Exit;
use crate::failure::Failure;

/// A key that is there, with a dot in it, where the path goes into a map that is not: `editor.fontSize` among settings of an editor. Or, if none is, what the path would be
/// with the dots that other keys there have.
pub(super) fn dotted(root: &Value, path: &KeyPath) -> Option<KeyPath> {
    if root.get(path).is_some() {
        return None;
    }
    let segments = path.segments();
    let mut there = Some(root);
    for (at, segment) in segments.iter().enumerate() {
        let value = there?;
        let map = value.untagged().as_map()?;
        let keys = || segments[at..].iter().map_while(key_of);
        let named = map.keys().filter_map(Value::as_str);
        let whole = named.filter_map(|key| joined(key, keys())).max();
        let begins = || {
            let first = keys().next()?;
            let is_new = map.get(first).is_none();
            let goes_on = |key: &str| {
                key.strip_prefix(first)
                    .is_some_and(|rest| rest.starts_with('.'))
            };
            let alike = |key: &Value| key.as_str().is_some_and(goes_on);
            let count = keys().count();
            (is_new && count > 1 && map.keys().any(alike)).then_some(count)
        };
        if let Some(count) = whole.or_else(begins) {
            let joined: Vec<&str> = keys().take(count).collect();
            let (before, after) = (&segments[..at], &segments[at + count..]);
            let joined = [Segment::Key(joined.join("."))];
            return Some(before.iter().chain(&joined).chain(after).cloned().collect());
        }
        there = value.get(&KeyPath::from(vec![segment.clone()]));
    }
    None
}

/// How many of the keys, two at least, a key is with dots between them. No more of them is looked at than the key is long.
fn joined<'a>(key: &str, keys: impl Iterator<Item = &'a str>) -> Option<usize> {
    let mut rest = key;
    for (before, name) in keys.enumerate() {
        rest = rest.strip_prefix(name)?;
        if rest.is_empty() {
            return (before > 0).then_some(before + 1);
        }
        rest = rest.strip_prefix('.')?;
    }
    None
}

fn key_of(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Key(key) => Some(key),
        _ => None,
    }
}

/// Refuses to create a file under a name that a shell was to replace by others.
pub(super) fn refuse_pattern(path: &Path) -> Result<(), Failure> {
    let name = path.display().to_string();
    let is_there = path.symlink_metadata().is_ok();
    if is_there || !name.contains(['*', '?', '[']) {
        return Ok(());
    }
    let message = format!("no file matches the pattern `{name}`");
    Err(Failure::new(Exit::Usage, message)
        .with_hint("name the file; if it should have that name, create it empty first"))
}

/// The same key path with its keys quoted, as one word of a shell.
pub(in crate::commands) fn shell(path: &KeyPath) -> String {
    let text = path.to_string();
    match text.contains(['"', '[', ' ', '\\', '$', '`', '*', '?']) {
        true => format!("'{}'", text.replace('\'', r"'\''")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_key_is_found() {
        let root = Value::from_cli(
            r#"{"editor.fontSize": 1, "a": {"b.c": {"d": 1}, "x": 1}, "[rust]": {"editor.tabSize": 2}, "w.x.y": 1}"#,
        );
        let check = |path: &str, wanted: Option<&str>| {
            let found = dotted(&root, &path.parse().unwrap());
            assert_eq!(
                found.map(|found| shell(&found)).as_deref(),
                wanted,
                "{path}"
            );
        };
        check("editor.fontSize", Some(r#"'"editor.fontSize"'"#));
        check("editor.wordWrap", Some(r#"'"editor.wordWrap"'"#));
        check("a.b.c.d", None.or(Some(r#"'a."b.c".d'"#)));
        check("a.b.c", Some(r#"'a."b.c"'"#));
        check("w.x.y", Some(r#"'"w.x.y"'"#));
        check(
            r#""[rust]".editor.tabSize"#,
            Some(r#"'"[rust]"."editor.tabSize"'"#),
        );
        check("a.x", None);
        check("a.new.key", None);
        check("new.key", None);
        check(r#""editor.fontSize""#, None);
    }

    /// A path of thousands of steps is refused by its depth; what it may have meant is found out all the same.
    #[test]
    fn of_the_longest_path_no_more_is_looked_at_than_a_key_is_long() {
        let long = "k.".repeat(100_000) + "k";
        let path: KeyPath = long.parse().unwrap();
        let root = Value::from_cli(r#"{"k.x": 1, "k.k.k": 2}"#);
        let found = dotted(&root, &path).expect("one that begins so");
        assert_eq!(found.segments().len(), 100_001 - 2);
        assert_eq!(dotted(&Value::from_cli("{}"), &path), None);
        for (key, wanted) in [("k.x", None), ("k.k.k", Some(3)), ("x", None), ("", None)] {
            let mut looked_at = 0;
            let keys = path.segments().iter().filter_map(key_of);
            let found = joined(key, keys.inspect(|_| looked_at += 1));
            assert_eq!(found, wanted, "{key}");
            assert!(looked_at <= key.len().max(1), "{looked_at} for {key}");
        }
    }
}
