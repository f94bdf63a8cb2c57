//! A value of its own as text: what a person or a script asks for out of a document.

use std::ops::Range;

use crate::convert::{self, Warning};
use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::limits::Limits;
use crate::path::{KeyPath, Segment};
use crate::splice;
use crate::toml;
use crate::value::Value;

/// The value as a document of the format, its last line ended; with what the format could not carry. In TOML, where only a table is a
/// document, any other value as it stands after `key = `.
///
/// ```
/// use persist_format::{Format, Value, piece};
/// let value = Value::from_cli(r#"["a", {"b": true}]"#);
/// assert_eq!(piece(&value, Format::Toml)?.0, "[\"a\", { b = true }]\n");
/// assert_eq!(piece(&value, Format::Yaml)?.0, "- a\n- b: true\n");
/// # Ok::<(), persist_format::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Unrepresentable`] if the format can't say the value: a null in TOML, an infinity in JSON.
pub fn piece(value: &Value, format: Format) -> Result<(String, Vec<Warning>), Error> {
    written(value, format, &|document, _| document)
}

/// As [`piece`], of what stands at a path, in the document's own format (of JSONC: JSON), with its numbers spelled as they are there. The `value` need not be all
/// that stands there, and may be another in places: a secret may be hidden in it.
///
/// ```
/// use persist_format::{Document, Format, piece_of};
/// let doc = Document::parse(b"[a]\nmode = 0o644 # as chmod has it\nlist = [1_000, 2]\n", Format::Toml)?;
/// let text = |path: &str| {
///     let path = path.parse()?;
///     piece_of(&doc, &path, doc.get(&path).expect("it is there")).map(|(text, _)| text)
/// };
/// assert_eq!(text("a")?, "mode = 0o644\nlist = [1_000, 2]\n");
/// assert_eq!(text("a.list")?, "[1_000, 2]\n");
/// # Ok::<(), persist_format::Error>(())
/// ```
///
/// # Errors
///
/// As [`piece`].
pub fn piece_of(
    document: &Document,
    path: &KeyPath,
    value: &Value,
) -> Result<(String, Vec<Warning>), Error> {
    let format = match document.format() {
        Format::Jsonc => Format::Json,
        own => own,
    };
    written(value, format, &|fresh, place| {
        respelled(&fresh, place, document, path).unwrap_or(fresh)
    })
}

/// The value as text. What may change its spelling gets a document and the value's place in it.
fn written(
    value: &Value,
    format: Format,
    spell: &dyn Fn(Document, &KeyPath) -> Document,
) -> Result<(String, Vec<Warning>), Error> {
    if format.vocabulary().any_root || value.untagged().is_map() {
        let (document, lost) = Document::encode(value, format)?;
        let mut text = spell(document, &KeyPath::root()).text().to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        return Ok((text, lost));
    }
    let (fitted, lost) = convert::fitted_within(value, format)?;
    let line = format!("x = {}\n", toml::inline(&fitted));
    let read = Document::parse_with(line.as_bytes(), format, &Limits::default())?;
    let place = KeyPath::root().child("x");
    let unlike = || {
        Error::new(
            ErrorKind::Refused,
            "its text would not read back as what was meant",
        )
    };
    if read.get(&place) != Some(&fitted) {
        return Err(unlike());
    }
    let read = spell(read, &place);
    let text = read.text().strip_prefix("x = ").ok_or_else(unlike)?;
    Ok((text.to_owned(), lost))
}

/// The document with the numbers below a place spelled as below `path` in another; `None` where it would not say the same any more.
fn respelled(fresh: &Document, place: &KeyPath, of: &Document, path: &KeyPath) -> Option<Document> {
    let mut numbers = Vec::new();
    collect(
        (fresh, &mut place.clone()),
        (of, &mut path.clone()),
        &mut numbers,
    );
    if numbers.is_empty() {
        return None;
    }
    numbers.sort_by_key(|(range, _)| range.start);
    let text = splice::replaced(fresh.text(), numbers)?;
    let limits = Limits::default();
    let again = Document::parse_with(text.as_bytes(), fresh.format(), &limits).ok()?;
    (again.value() == fresh.value()).then_some(again)
}

/// The places of numbers that stand in both documents, and how the second spells them.
fn collect<'d>(
    (fresh, place): (&Document, &mut KeyPath),
    (of, path): (&'d Document, &mut KeyPath),
    numbers: &mut Vec<(Range<usize>, &'d str)>,
) {
    let (Some(value), Some(there)) = (fresh.get(place), of.get(path)) else {
        return;
    };
    if matches!(value, Value::Integer(_) | Value::Float(_)) {
        let spelled = of.spelling(path).filter(|_| value == there);
        if let (Some(range), Some(spelled)) = (fresh.untagged_scalar(place), spelled)
            && fresh.text().get(range.clone()) != Some(spelled)
        {
            numbers.push((range, spelled));
        }
        return;
    }
    for index in 0..value.children() {
        let segment = Segment::of_child(value, index);
        place.push(segment.clone());
        path.push(segment);
        collect((fresh, place), (of, path), numbers);
        place.pop();
        path.pop();
    }
}
