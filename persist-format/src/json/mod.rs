//! JSON (RFC 8259), and JSON with comments and trailing commas.

mod check;
mod dialect;
mod edit;
mod emit;
mod read;
mod string;

use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Chosen, Editor, Engine, Parsed};
use crate::error::Error;
use crate::limits::Limits;
use crate::tree::Tree;
use crate::value::Value;
use crate::vocabulary::Vocabulary;

use dialect::Dialect;
use read::read;

/// The format. It knows nothing of a text but in which dialect it reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json(Dialect);

pub(crate) const STRICT: Json = Json(Dialect::Strict);
pub(crate) const WITH_COMMENTS: Json = Json(Dialect::Comments);

impl Engine for Json {
    fn read(&self, text: &str, limits: &Limits) -> Result<(Vec<Tree>, Arc<dyn Parsed>), Error> {
        Ok((vec![read(text, self.0, limits)?], Arc::new(*self)))
    }

    fn emit(&self, value: &Value) -> Result<String, Error> {
        Ok(emit::emit(value))
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            null: true,
            non_finite: false,
            wide_integers: true,
            datetimes: false,
            bytes: false,
            tags: false,
            any_key: false,
            any_root: true,
        }
    }

    fn comment_mark(&self) -> Option<&'static str> {
        (self.0 == Dialect::Comments).then_some("//")
    }

    fn schema_mark(&self) -> Option<&'static str> {
        None
    }
}

impl Parsed for Json {
    fn editor<'a>(
        &'a self,
        text: &'a str,
        document: Chosen<'a>,
        _shared: bool,
    ) -> Box<dyn Editor + 'a> {
        Box::new(edit::JsonEditor::new(text, self.0, document.tree))
    }

    fn comments(&self, text: &str) -> Vec<Range<usize>> {
        match self.0 {
            Dialect::Strict => Vec::new(),
            Dialect::Comments => read::comments(text),
        }
    }

    fn cross_check(&self, text: &str, trees: &[Tree]) -> Result<(), String> {
        check::cross_check(text, &trees[0].value, self.0)
    }
}
