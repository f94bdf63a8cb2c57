//! Where a manifest says that documents hold their version.
//!
//! Two forms mean the same place: a JSON Pointer, and a key path as people write it, keys with dots between them. Everything that asks
//! for the version comes by here, so that a dot can't be a part of the key to one and a step to another.

use crate::path::{Path, Step};

/// The path that a version key means; `Err` says why it means none.
pub(super) fn parse(text: &str) -> Result<Path, String> {
    let path = match text.starts_with('/') {
        true => text.parse().map_err(|e| format!("{e}"))?,
        false => dotted(text)?,
    };
    if path.is_root() {
        return Err("the version key is empty; name the key, such as `schema_version`".to_owned());
    }
    if path.is_pattern() {
        let message = format!(
            "the version key `{text}` is a pattern, but must name a single key; the key `*` is written `~2`"
        );
        return Err(message);
    }
    Ok(path)
}

fn dotted(text: &str) -> Result<Path, String> {
    let wrong = |why: &str| {
        format!(
            "{why} in the version key `{text}`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`"
        )
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut rest = text;
    while !text.is_empty() {
        let (key, after) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let quoted = rest[1..].split_once(quote);
                quoted.ok_or_else(|| wrong("a closing quote is missing"))?
            }
            _ => {
                let special = |c: char| matches!(c, '.' | '[' | ']' | '"' | '\'') || c.is_control();
                rest.split_at(rest.find(special).unwrap_or(rest.len()))
            }
        };
        // In double quotes a backslash begins an escape, which a pointer has no need of.
        if rest.starts_with('"') && key.contains('\\') {
            return Err(wrong("there is a backslash"));
        }
        if key.is_empty() && !rest.starts_with(['"', '\'']) {
            return Err(wrong("a key is missing"));
        }
        steps.push(Step::from(key));
        if after.is_empty() {
            break;
        }
        rest = after
            .strip_prefix('.')
            .ok_or_else(|| wrong("a `.` is missing between two keys"))?;
    }
    Ok(Path::from(steps))
}
