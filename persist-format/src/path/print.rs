//! Writing key paths.

use std::fmt::{self, Write as _};

use super::{KeyPath, Segment};

impl KeyPath {
    /// The JSON Pointer (RFC 6901): `/services/a.b/ports/0`; the root is the empty text. `[-1]` can't be said in one: it is
    /// printed as `-1`, so resolve it first.
    #[must_use]
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for segment in &self.0 {
            out.push('/');
            match segment {
                Segment::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Segment::Index(index) => out.push_str(&index.to_string()),
                Segment::FromEnd(back) => out.push_str(&format!("-{back}")),
                Segment::Append => out.push('-'),
            }
        }
        out
    }
}

impl fmt::Display for KeyPath {
    /// The dotted form, which reads back as the same path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) => {
                    f.write_str(if i == 0 { "" } else { "." })?;
                    write_key(key, f)?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::FromEnd(back) => write!(f, "[-{back}]")?,
                Segment::Append => f.write_str("[+]")?,
            }
        }
        Ok(())
    }
}

fn write_key(key: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    {
        return f.write_str(key);
    }
    f.write_char('"')?;
    for c in key.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() => write!(f, "\\u{:04X}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
