//! TOML: statement by statement. A bad one is dropped; with a header goes what stands under it.

mod places;
mod scan;

use persist_format::{Format, Value};

use super::pieces::{HOLE_MARK, Piece};
use super::reading::parse;
use places::Places;
use scan::{Kind, Statement};

/// The pieces that are kept: statements that read alone and contradict none before.
pub(super) fn pass(text: &str) -> Vec<Piece<'_>> {
    let statements = scan::statements(text);
    let headers: Vec<Option<Header>> = statements.iter().map(header).collect();
    let arrays = headers.iter().flatten().filter(|header| header.array);
    let mut places = Places::new(arrays.map(|header| &*header.keys));
    let mut kept = Vec::new();
    // Whether it is known which table the statement stands in.
    let mut in_table = true;
    // How much was kept when something was dropped last.
    let mut before_damage = None;
    for (statement, header) in statements.iter().zip(&headers) {
        let keep = match statement.kind {
            Kind::Header => {
                let entered = header.as_ref().map(|h| places.enter(&h.keys, h.array));
                in_table = entered == Some(true);
                if header.is_none() {
                    places.lose();
                }
                in_table
            }
            Kind::Layout => in_table,
            Kind::Entry if in_table && entry(statement).is_some_and(|keys| places.add(&keys)) => {
                true
            }
            Kind::Entry => {
                if is_end_of_text(statement)
                    && let Some(length) = before_damage
                {
                    kept.truncate(length);
                }
                before_damage = Some(kept.len());
                if may_hide_header(statement) {
                    in_table = false;
                    places.lose();
                }
                false
            }
        };
        if keep {
            kept.push(Piece {
                header: statement.kind == Kind::Header,
                ..Piece::new(statement.text)
            });
        }
    }
    kept
}

struct Header {
    keys: Vec<String>,
    array: bool,
}

fn header(statement: &Statement<'_>) -> Option<Header> {
    if statement.kind != Kind::Header {
        return None;
    }
    let value = parse(statement.text, Format::Toml).ok()?.into_value();
    let (keys, end) = way(&value);
    Some(Header {
        keys,
        array: matches!(end, Value::Sequence(_)),
    })
}

/// The keys of an entry that reads alone.
fn entry(statement: &Statement<'_>) -> Option<Vec<String>> {
    let keys = statement.keys?;
    if may_be_cut(statement.text) {
        return None;
    }
    let whole = parse(statement.text, Format::Toml).ok()?.into_value();
    if !matches!(&whole, Value::Map(map) if map.len() == 1) {
        return None;
    }
    if !keys.contains('.') {
        let key = whole.as_map()?.keys().next()?.as_key_text()?;
        return Some(vec![key]);
    }
    // The keys by themselves: an inline table is a value, and its keys are none of them.
    let alone = parse(&format!("{keys} = 0"), Format::Toml).ok()?;
    Some(way(alone.value()).0)
}

/// The only keys there are, and what they lead to.
fn way(value: &Value) -> (Vec<String>, &Value) {
    let (mut keys, mut end) = (Vec::new(), value);
    while let Value::Map(map) = end
        && let Some((key, value)) = map.entry_at(0)
    {
        keys.extend(key.as_key_text());
        end = value;
    }
    (keys, end)
}

/// Whether an entry at the end of the text may have gone on: `1` to `12`, and `""` to `"""text"""`.
fn may_be_cut(statement: &str) -> bool {
    let whole = ["]", "}", "true", "false", "\n"];
    let quoted = |quote: char| {
        let before = statement.strip_suffix(quote);
        before.is_some_and(|before| !before.ends_with(quote))
    };
    !whole.iter().any(|end| statement.ends_with(end)) && !quoted('"') && !quoted('\'')
}

/// Whether a dropped statement may be, or may have swallowed, a header.
fn may_hide_header(statement: &Statement<'_>) -> bool {
    let text = statement.text;
    let is_rest_of_header = statement.keys.is_none() && text.trim_end().ends_with(']');
    let holds_header = || {
        text.lines()
            .skip(1)
            .any(|line| line.trim_start().starts_with('['))
    };
    text.contains(HOLE_MARK)
        || is_rest_of_header
        || is_end_of_text(statement)
        || (!statement.ended && holds_header())
        || statement.in_text
}

/// Whether a dropped statement ends a multi-line string whose beginning is lost: what seemed to be statements was text.
fn is_end_of_text(statement: &Statement<'_>) -> bool {
    let text = statement.text;
    let value = statement
        .keys
        .map(|keys| text[keys.len() + 1..].trim_start());
    ["\"\"\"", "'''"].iter().any(|mark| {
        let begins = value.is_some_and(|value| value.starts_with(mark));
        text.contains(mark) && !begins
    })
}
