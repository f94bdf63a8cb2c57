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
    let mut before = KeyPath::root();
    for (at, segment) in segments.iter().enumerate() {
        let map = root.get(&before)?.untagged().as_map()?;
        let keys: Vec<&str> = segments[at..].iter().map_while(key_of).collect();
        let whole = (2..=keys.len())
            .rev()
            .find(|&count| map.get(&keys[..count].join(".")).is_some());
        let begins = || {
            let start = format!("{}.", keys.first()?);
            let alike = |key: &Value| key.as_str().is_some_and(|key| key.starts_with(&start));
            let is_new = map.get(keys.first()?).is_none();
            (is_new && keys.len() > 1 && map.keys().any(alike)).then_some(keys.len())
        };
        if let Some(count) = whole.or_else(begins) {
            let joined = Segment::Key(keys[..count].join("."));
            let after = segments[at + count..].iter().cloned();
            return Some(before.into_iter().chain([joined]).chain(after).collect());
        }
        before.push(segment.clone());
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
    let message = format!("`{name}` is no file, and looks like a pattern that no file matches");
    Err(Failure::new(Exit::Usage, message)
        .with_hint("name the file; if it is to be called that, create it empty before"))
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
}
