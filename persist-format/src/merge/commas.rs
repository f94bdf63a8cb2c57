//! Commas of a JSON text that was put together from two.

/// The text with a comma between any two values of a list or map, and none before its end. Comments may stand anywhere.
///
/// Each of two texts has the commas that its own entries need: where both add entries at the end of a map, nobody has written the comma
/// between them. What else the text says stays as it is; it may be no JSON at all.
pub(super) fn mended(text: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    // Where the last value ended in `out`, and the comma after it.
    let (mut value, mut comma): (Option<usize>, Option<usize>) = (None, None);
    while let Some(c) = text[at..].chars().next() {
        let length = token(&text[at..]);
        let piece = &text[at..at + length];
        at += length;
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            '/' if piece.len() > 1 => {}
            ',' => {
                if value.is_none() || comma.is_some() {
                    continue;
                }
                comma = Some(out.len());
            }
            ':' => (value, comma) = (None, None),
            '}' | ']' => {
                if let Some(comma) = comma.take() {
                    out.remove(comma);
                }
                out.push(c);
                value = Some(out.len());
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
