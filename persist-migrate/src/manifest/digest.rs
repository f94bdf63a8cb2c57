//! What an edge does, as a digest that does not depend on how the file is laid out.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::ManifestEdge;

impl ManifestEdge {
    /// SHA-256 of what the edge does: versions, lenses and way down, but not description or cost.
    ///
    /// Taken over JSON with sorted keys and no white space, as text `sha256:` and 64 hexadecimal digits.
    pub fn current_digest(&self) -> String {
        let content = json!({
            "from": self.from.to_string(),
            "to": self.to.to_string(),
            "lenses": self.lenses,
            "down": self.down,
        });
        let mut text = String::new();
        write_canonical(&content, &mut text);
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().fold("sha256:".to_owned(), |mut hex, byte| {
            for nibble in [byte >> 4, byte & 15] {
                hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or_default());
            }
            hex
        })
    }
}

/// Keys are sorted here and not by the map, whose order depends on the features `serde_json` was built with.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            write_list(entries, '{', '}', out, |(key, value), out| {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            });
        }
        Value::Array(items) => write_list(items, '[', ']', out, write_canonical),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn write_list<I: IntoIterator>(
    items: I,
    open: char,
    close: char,
    out: &mut String,
    write: impl Fn(I::Item, &mut String),
) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}
