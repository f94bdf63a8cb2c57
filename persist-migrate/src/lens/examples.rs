//! One example of each lens, for people who write a manifest.

use serde_json::Value;

use super::Lens;

/// A lens at work.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LensExample {
    /// What it is for, in words.
    pub purpose: &'static str,
    /// The lens.
    pub lens: Lens,
    /// A document before it.
    pub before: Value,
    /// The document after it.
    pub after: Value,
}

/// Purpose, lens, document.
const EXAMPLES: [(&str, &str, &str); 16] = [
    (
        "a new field; going back removes it",
        r#"{"add": {"path": "/cache/ttl", "value": 60}}"#,
        r#"{"cache": {"size": 9}}"#,
    ),
    (
        "a field is removed; going back restores its old value, or else `value`",
        r#"{"remove": {"path": "/legacy", "value": false}}"#,
        r#"{"a": 1, "legacy": true}"#,
    ),
    (
        "a field is renamed",
        r#"{"rename": {"path": "/fontSize", "to": "font_size"}}"#,
        r#"{"fontSize": 12}"#,
    ),
    (
        "in every element of an array, or every value of a map",
        r#"{"rename": {"path": "/servers/*/name", "to": "id"}}"#,
        r#"{"servers": [{"name": "a"}, {"name": "b"}]}"#,
    ),
    (
        "a field moves elsewhere; missing maps are created and emptied ones removed",
        r#"{"move": {"from": "/host", "to": "/server/host"}}"#,
        r#"{"host": "h"}"#,
    ),
    (
        "an entry of a map moves up, beside the map",
        r#"{"hoist": {"path": "/window", "key": "theme"}}"#,
        r#"{"window": {"theme": "dark", "width": 9}}"#,
    ),
    (
        "an entry beside a map moves down into it",
        r#"{"plunge": {"path": "/window", "key": "theme"}}"#,
        r#"{"theme": "dark", "window": {"width": 9}}"#,
    ),
    (
        "a value becomes an array of one element, or with `key` a map of one entry",
        r#"{"wrap": {"path": "/owner"}}"#,
        r#"{"owner": "ada"}"#,
    ),
    (
        "the reverse of `wrap`",
        r#"{"unwrap": {"path": "/motd", "key": "text"}}"#,
        r#"{"motd": {"text": "hi"}}"#,
    ),
    (
        "values are replaced according to a table; others stay",
        r#"{"map": {"path": "/level", "table": [["warn", "warning"], ["err", "error"]]}}"#,
        r#"{"level": "warn"}"#,
    ),
    (
        "a scalar is converted to another type: boolean, integer, number or string",
        r#"{"convert": {"path": "/port", "from": "string", "to": "integer", "otherwise": 80}}"#,
        r#"{"port": "8080"}"#,
    ),
    (
        "a text is split into fields; the last one gets the rest",
        r#"{"split": {"path": "/addr", "separator": ":", "into": ["/host", "/port"]}}"#,
        r#"{"addr": "h:80"}"#,
    ),
    (
        "without `into`, a text is split into an array",
        r#"{"split": {"path": "/tags", "separator": ","}}"#,
        r#"{"tags": "a,b"}"#,
    ),
    (
        "fields, or without `from` the elements of an array, are joined into a text",
        r#"{"join": {"path": "/addr", "separator": ":", "from": ["/host", "/port"]}}"#,
        r#"{"host": "h", "port": 80}"#,
    ),
    (
        "a field becomes required",
        r#"{"default": {"path": "/retries", "value": 3}}"#,
        r#"{"a": 1}"#,
    ),
    (
        "the reverse of `default`: the field becomes optional",
        r#"{"optional": {"path": "/retries", "value": 3}}"#,
        r#"{"retries": 3}"#,
    ),
];

impl Lens {
    /// One example of each kind, and of what can be done with paths; `after` is what the lens makes of `before`.
    ///
    /// ```
    /// let examples = persist_migrate::Lens::examples();
    /// assert_eq!(examples[0].after, serde_json::json!({ "cache": { "size": 9, "ttl": 60 } }));
    /// ```
    pub fn examples() -> Vec<LensExample> {
        let example = |(purpose, lens, before): &(&'static str, &str, &str)| {
            let lens: Self = serde_json::from_str(lens).ok()?;
            let before: Value = serde_json::from_str(before).ok()?;
            let mut after = before.clone();
            drop(lens.apply(&mut after).ok()?);
            Some(LensExample {
                purpose,
                lens,
                before,
                after,
            })
        };
        EXAMPLES.iter().filter_map(example).collect()
    }
}
