//! Recovery without a copy: fields that can still be read in damaged bytes.
//!
//! Each format has a pass of its own that goes through the text once and keeps what is certain: a value that is whole, under the key
//! it was written under. What is malformed is dropped alone where its end can be seen, and with all that follows where it can't be
//! told what that stands under. So the work is in proportion to the text, however many places are damaged.
//!
//! Two things are not preserved: items of an array move up when one before them is lost, and the end of the text, which may be
//! cut, is dropped where nothing shows that it is whole.

mod fill;
mod json;
mod pieces;
mod reading;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

use persist_format::{Document, Format, Value};

use pieces::Piece;
use reading::parse;

/// How often the text that a pass has kept is read. One time does, unless the statements disagree with each other in a way that the
/// pass does not know of.
const ROUNDS: usize = 8;

/// What could be read.
#[derive(Clone, Debug)]
pub(crate) struct Salvaged {
    pub(crate) document: Document,
    /// How many values were found.
    pub(crate) fields: usize,
    /// Keys of the defaults that had to be filled in.
    pub(crate) lost: Vec<String>,
}

/// Reads as many fields as there are. Fields that `defaults` has and the rest has not are filled in.
///
/// `None` where not one field is left.
pub(crate) fn salvage(bytes: &[u8], format: Format, defaults: Option<&Value>) -> Option<Salvaged> {
    let text = pieces::with_holes_marked(&String::from_utf8_lossy(bytes));
    let mut document = readable(&text, format)?;
    let fields = leaves(document.value());
    if fields == 0 {
        return None;
    }
    let lost = defaults.map_or_else(Vec::new, |defaults| fill::fill(&mut document, defaults));
    Some(Salvaged {
        document,
        fields,
        lost,
    })
}

fn readable(text: &str, format: Format) -> Option<Document> {
    const BYTE_ORDER_MARK: &str = "\u{feff}";
    let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK, rest),
        None => ("", text),
    };
    match format {
        Format::Json | Format::Jsonc => {
            let kept = json::pass(text, format == Format::Jsonc);
            settled(mark, vec![Piece::new(kept)], format)
        }
        Format::Toml => settled(mark, toml::pass(text), format),
        Format::Yaml => {
            let lines = yaml::certain_lines(text);
            let whole = Piece::new(lines.concat());
            settled(mark, vec![whole], format).or_else(|| settled(mark, yaml::pass(&lines), format))
        }
    }
}

/// The pieces as a document. The piece that an error is in is dropped, with what stands under it.
fn settled(mark: &str, mut pieces: Vec<Piece<'_>>, format: Format) -> Option<Document> {
    for _ in 0..ROUNDS {
        let texts = pieces.iter().map(|piece| &*piece.text);
        let text: String = std::iter::once(mark).chain(texts).collect();
        let error = match parse(&text, format) {
            Ok(document) => return Some(document).filter(|d| matches!(d.value(), Value::Map(_))),
            Err(error) => error,
        };
        let at = piece_at_line(&pieces, error.location()?.line)?;
        let below = pieces[at + 1..].iter();
        let under = below.take_while(|below| pieces[at].header && !below.header);
        let end = at + 1 + under.count();
        pieces.drain(at..end);
    }
    None
}

/// The piece that a line, counted from 1, is in. An error at the very end of the text is in the last one.
fn piece_at_line(pieces: &[Piece<'_>], line: usize) -> Option<usize> {
    let mut lines = 0;
    let holds = |piece: &Piece<'_>| {
        lines += piece.text.matches('\n').count();
        lines >= line
    };
    let last = pieces.len().checked_sub(1)?;
    Some(pieces.iter().position(holds).unwrap_or(last))
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Map(map) => map.values().map(leaves).sum(),
        Value::Sequence(items) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}
