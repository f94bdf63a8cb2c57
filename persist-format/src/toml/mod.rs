//! TOML 1.1.

mod check;
mod edit;
mod emit;
mod read;
mod scan;
mod table;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::engine::{Chosen, Editor, Engine, Parsed};
use crate::error::Error;
use crate::limits::Limits;
use crate::tree::Tree;
use crate::value::Value;
use crate::vocabulary::Vocabulary;

pub(crate) use emit::inline;

/// The format.
pub(crate) struct Toml;

/// What is known of a text.
#[derive(Debug, Default)]
struct Text {
    /// Found when it is first edited: most texts are only read.
    outline: OnceLock<edit::Outline>,
}

impl Engine for Toml {
    fn read(&self, text: &str, limits: &Limits) -> Result<(Vec<Tree>, Arc<dyn Parsed>), Error> {
        Ok((vec![read::read(text, limits)?], Arc::<Text>::default()))
    }

    fn reread(&self, text: &str, limits: &Limits) -> Result<(Vec<Tree>, Arc<dyn Parsed>), Error> {
        Ok((vec![read::reread(text, limits)?], Arc::<Text>::default()))
    }

    fn emit(&self, value: &Value) -> Result<String, Error> {
        emit::emit(value)
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            null: false,
            non_finite: true,
            wide_integers: false,
            datetimes: true,
            bytes: false,
            tags: false,
            any_key: false,
            any_root: false,
        }
    }

    fn comment_mark(&self) -> Option<&'static str> {
        Some("#")
    }

    fn schema_mark(&self) -> Option<&'static str> {
        Some("#:schema ")
    }
}

impl Parsed for Text {
    fn editor<'a>(
        &'a self,
        text: &'a str,
        document: Chosen<'a>,
        _shared: bool,
    ) -> Box<dyn Editor + 'a> {
        let outline = self.outline.get_or_init(|| edit::Outline::of(text));
        Box::new(edit::TomlEditor::new(text, document.tree, outline))
    }

    fn comments(&self, text: &str) -> Vec<Range<usize>> {
        scan::comments(text)
    }

    fn cross_check(&self, text: &str, trees: &[Tree]) -> Result<(), String> {
        check::cross_check(text, &trees[0].value)
    }
}
