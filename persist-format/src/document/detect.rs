//! Which format a file is in: its name says it, or else what it holds.

use std::path::Path;

use super::Document;
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::limits::Limits;

impl Format {
    /// The format by file name, and where the name says nothing by content.
    ///
    /// A file called `.json` whose content is JSON only with comments or trailing commas is
    /// [`Format::Jsonc`]: that is how editors read such files, and the edit must keep the comments.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownFormat`] if the name says nothing and no format, or only YAML's "a text
    /// is a string", accepts the content.
    pub fn detect(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let read = || Document::parse_named(path, bytes, &Limits::default());
        match Self::from_path(path) {
            Some(Self::Json) => Ok(read().map_or(Self::Json, |document| document.format())),
            Some(format) => Ok(format),
            None => read().map(|document| document.format()),
        }
    }
}

impl Document {
    /// Reads a file's content in the format that its name says, or else its content does: see [`Format::detect`]. A file called `.json`
    /// is read as JSON, and as JSONC only if it is not JSON.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`], and [`ErrorKind::UnknownFormat`](crate::ErrorKind::UnknownFormat) as [`Format::detect`].
    pub fn parse_named(path: &Path, bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        match Format::from_path(path) {
            Some(Format::Json) => Self::parse_with(bytes, Format::Json, limits)
                .or_else(|error| Self::parse_with(bytes, Format::Jsonc, limits).map_err(|_| error)),
            Some(format) => Self::parse_with(bytes, format, limits),
            None => {
                Format::refuse_foreign(path)?;
                Self::parse_unnamed(bytes, limits)
            }
        }
    }

    /// Reads a document in the first of JSON, JSONC, TOML and YAML that accepts the content; not as YAML's "a text is a string".
    fn parse_unnamed(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let mut beyond = None;
        for format in Format::ALL {
            match Self::parse_with(bytes, format, limits) {
                Ok(document) if format == Format::Yaml && !document.value().is_container() => {}
                Ok(document) => return Ok(document),
                Err(error) if error.kind() == ErrorKind::Limit => beyond = beyond.or(Some(error)),
                Err(_) => {}
            }
        }
        Err(beyond.unwrap_or_else(Format::unknown))
    }
}
