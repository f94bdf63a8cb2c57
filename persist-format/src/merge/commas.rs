//! Commas of a JSON text that was put together from two.

/// How many maps and lists end with a comma, and how many that are not empty without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) trailed: usize,
    pub(super) bare: usize,
}

pub(super) fn ends(text: &str) -> Ends {
    let (mut at, mut before, mut ends) = (0, '[', Ends::default());
    while let Some(c) = text[at..].chars().next() {
        let length = token(&text[at..]);
        at += length;
        if is_between(c, length) {
            continue;
        }
        match (before, c) {
            (',', '}' | ']') => ends.trailed += 1,
            ('{' | '[', _) => {}
            (_, '}' | ']') => ends.bare += 1,
            _ => {}
        }
        before = c;
    }
    ends
}

/// Space, or a comment.
fn is_between(first: char, length: usize) -> bool {
    matches!(first, ' ' | '\t' | '\r' | '\n') || (first == '/' && length > 1)
}

/// The text with one comma between any two values of a list or map. Comments may stand anywhere.
///
/// Each of two texts has the commas that its own entries need. Where both add entries at the end of a map, nobody has written the comma
/// between them; where the entries between two commas are gone, one comma is too many. What else the text says stays as it is; it may be
/// no JSON at all. A text that has all its commas and no others comes back as it is.
///
/// A comma before a closing bracket stays where it stands if the sides write such (`trailed`). Else no person has written it: what stood behind it is
/// gone, and so is it.
pub(super) fn mended(text: &str, trailed: bool) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    // Where the last value ended in `out`, and the comma after it.
    let (mut value, mut comma): (Option<usize>, Option<usize>) = (None, None);
    while let Some(c) = text[at..].chars().next() {
        let length = token(&text[at..]);
        let piece = &text[at..at + length];
        at += length;
        match c {
            c if is_between(c, length) => {}
            ',' => {
                if value.is_none() || comma.is_some() {
                    continue;
                }
                comma = Some(out.len());
            }
            ':' => (value, comma) = (None, None),
            '}' | ']' => {
                if let Some(comma) = comma.take_if(|_| !trailed) {
                    out.remove(comma);
                }
                out.push(c);
                (value, comma) = (Some(out.len()), None);
                continue;
            }
            _ => {
                if let (Some(end), None) = (value, comma) {
                    out.insert(end, ',');
                }
                out.push_str(piece);
                (value, comma) = (Some(out.len()), None);
                if matches!(c, '{' | '[') {
                    value = None;
                }
                continue;
            }
        }
        out.push_str(piece);
    }
    out
}

/// The length of the string, comment, word or mark that the text begins with.
fn token(text: &str) -> usize {
    let end_of = |end: Option<usize>| end.unwrap_or(text.len());
    if text.starts_with("//") {
        return end_of(text.find('\n'));
    }
    if text.starts_with("/*") {
        return end_of(text.find("*/").map(|end| end + 2));
    }
    if text.starts_with('"') {
        let mut escaped = true;
        let end = text.char_indices().find(|&(_, c)| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends && text.len() > 1
        });
        return end_of(end.map(|(end, _)| end + 1));
    }
    let word = text.find(|c: char| !(c.is_alphanumeric() || "+-._".contains(c)));
    match word {
        Some(0) => text.chars().next().map_or(0, char::len_utf8),
        word => end_of(word),
    }
}
