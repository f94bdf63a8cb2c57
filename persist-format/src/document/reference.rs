//! The schema that a document names for editors: the `$schema` key of JSON, the first lines `#:schema URI` of TOML and
//! `# yaml-language-server: $schema=URI` of YAML.

use super::content::Content;
use super::{Document, Edit, Extent};
use crate::engine::{Op, Slot};
use crate::error::{Error, ErrorKind};
use crate::lines;
use crate::path::KeyPath;
use crate::plan;
use crate::reading::Reading;
use crate::value::Value;

const KEY: &str = "$schema";

impl Document {
    /// The URI of the schema that the document names for editors, if it does.
    #[must_use]
    pub fn schema_reference(&self) -> Option<&str> {
        match self.format().engine().schema_mark() {
            None => self.value().as_map()?.get(KEY)?.as_str(),
            Some(mark) => {
                let line = self
                    .text()
                    .lines()
                    .take_while(|line| is_preamble(line))
                    .find(|line| line.starts_with(mark))?;
                Some(line[mark.len()..].trim())
            }
        }
    }

    /// Names the schema for editors, in the place of the one named before or at the top.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unrepresentable`] if the URI holds white space or control characters, or the document is JSON but no object; else as
    /// [`Document::set`].
    pub fn set_schema_reference(&mut self, uri: &str) -> Result<Edit, Error> {
        if uri.is_empty() || uri.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Error::new(
                ErrorKind::Unrepresentable,
                "the URI of a schema has no white space",
            ));
        }
        if self.schema_reference() == Some(uri) {
            return Ok(Edit::unchanged());
        }
        match self.format().engine().schema_mark() {
            None => self.set_key(uri),
            Some(mark) => self.set_comment(mark, uri),
        }
    }

    fn set_key(&mut self, uri: &str) -> Result<Edit, Error> {
        let path = KeyPath::root().child(KEY);
        if !self.value().is_map() {
            return Err(Error::new(
                ErrorKind::Unrepresentable,
                "only an object can name its schema",
            ));
        }
        if self.get(&path).is_some() {
            return self.set(&path, uri);
        }
        let mut wanted = self.value().clone();
        wanted.set(&path, uri.into())?;
        let mut slots = plan::keep_all(self.value());
        slots.insert(0, Slot::new(Some(KEY.into()), Value::from(uri)));
        self.change(
            &wanted,
            &[Op::Reshape {
                path: KeyPath::root(),
                slots,
            }],
        )
    }

    fn set_comment(&mut self, mark: &str, uri: &str) -> Result<Edit, Error> {
        let newline = lines::line_end(&self.content.text);
        let mut at = 0;
        let mut range = None;
        for line in self
            .text()
            .split_inclusive('\n')
            .take_while(|line| is_preamble(line))
        {
            if line.starts_with(mark) {
                range = Some(at..at + line.trim_end().len());
            }
            at += line.len();
        }
        let mut text = self.content.text.clone();
        match range {
            Some(range) => text.replace_range(range, &format!("{mark}{uri}")),
            // A line for the kernel stays the first.
            None => {
                let at = if text.starts_with("#!") {
                    text.find('\n').map_or(0, |at| at + 1)
                } else {
                    0
                };
                text.insert_str(at, &format!("{mark}{uri}{newline}"));
            }
        }
        let reading = Reading::of(text, self.format(), &self.limits)?;
        let verified = self
            .verified(reading, self.value())
            .map_err(|why| Error::new(ErrorKind::Refused, why.to_string()))?;
        self.content = Content::checked(verified);
        Ok(Edit {
            extent: Extent::Splice,
            warnings: Vec::new(),
        })
    }
}

fn is_preamble(line: &str) -> bool {
    line.starts_with('#') || line.trim().is_empty()
}
