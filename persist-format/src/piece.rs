//! A value of its own as text: what a person or a script asks for out of a document.

use crate::convert::{self, Warning};
use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::limits::Limits;
use crate::path::KeyPath;
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
    if format.vocabulary().any_root || value.untagged().is_map() {
        let (document, lost) = Document::encode(value, format)?;
        let mut text = document.text().to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        return Ok((text, lost));
    }
    let (fitted, lost) = convert::fitted_within(value, format)?;
    let text = toml::inline(&fitted);
    let line = format!("x = {text}\n");
    let read = Document::parse_with(line.as_bytes(), format, &Limits::default())?;
    match read.get(&KeyPath::root().child("x")) {
        Some(again) if *again == fitted => Ok((text + "\n", lost)),
        _ => Err(Error::new(
            ErrorKind::Refused,
            "its text would not read back as what was meant",
        )),
    }
}
