//! Tags that are typed before a value.

use crate::value::{Tagged, Value};

/// The tag's name as [`Tagged::tag`] has it, and what follows it; `None` if the text does not begin with a tag.
pub(super) fn split(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('!')?;
    if let Some(verbatim) = rest.strip_prefix('<') {
        let (uri, value) = verbatim.split_once('>')?;
        let apart = value.is_empty() || value.starts_with([' ', '\t']);
        return (!uri.is_empty() && apart).then(|| (uri.to_owned(), value.trim_start()));
    }
    let end = rest.find([' ', '\t', '\n', '\r']).unwrap_or(rest.len());
    let (name, value) = rest.split_at(end);
    let word = |c: char| c.is_ascii_alphanumeric() || "-_./:!".contains(c);
    if name.is_empty() || !name.chars().all(word) {
        return None;
    }
    let tag = match name.strip_prefix('!') {
        Some(core) => format!("{}{core}", crate::yaml::CORE),
        None => format!("!{name}"),
    };
    Some((tag, value.trim_start()))
}

/// The value under the tag.
pub(super) fn put(tag: &str, value: Value) -> Value {
    Value::Tagged(Box::new(Tagged {
        tag: tag.to_owned(),
        value,
    }))
}

/// True for the tags that say what a value is anyway: `!!str`, `!!int`.
pub(super) fn says_kind(tag: &str) -> bool {
    const KINDS: [&str; 8] = [
        "str", "int", "float", "bool", "null", "seq", "map", "binary",
    ];
    tag.strip_prefix(crate::yaml::CORE)
        .is_some_and(|name| KINDS.contains(&name))
}
