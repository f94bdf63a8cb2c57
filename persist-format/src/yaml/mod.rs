//! YAML 1.2.
//!
//! Of the official suite (yaml-test-suite) all 308 valid streams are read and all 94 invalid ones refused, and every value equals the one that the suite gives.
//! Two of the valid streams, 2JQS and X38W, have a mapping with a key that stands twice: right by the grammar, an error when loaded (YAML
//! 1.2.2, 3.2.1.3). They are read where [`Limits::allow_duplicate_keys`] says so, and refused by default.
//!
//! Reading is strict: a closing bracket at the column of its key, which YAML 1.2 forbids and some parsers let pass, is an error.
//! Plain scalars have the types of the core schema; `<<` merges, as in YAML 1.1, since configuration uses it.
//!
//! Editing is splicing of the text around the places that [`cst`] has of every indicator. What aliases share is changed through none of its
//! places, unless the caller asks ([`OnAlias`](crate::OnAlias)); an entry that comes in by a merge key is overridden by one of the mapping's own.

mod check;
mod compose;
mod cst;
mod edit;
mod emit;
mod parse;
mod quote;
mod refusal;
mod scalar;
mod weight;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::engine::{Chosen, Editor, Engine, Parsed};
use crate::error::Error;
use crate::limits::Limits;
use crate::tree::{Node, Origin, Tree};
use crate::value::Value;
use crate::vocabulary::Vocabulary;

use cst::Cst;

pub(crate) use scalar::CORE;

/// The format.
pub(crate) struct Yaml;

/// What is known of a text: editing needs where its indicators stand, and finding that costs as much as reading.
#[derive(Debug)]
struct Stream {
    cst: Cst,
    /// How new text is laid out, found when the first is written.
    layout: OnceLock<emit::Layout>,
}

impl Engine for Yaml {
    /// Reads every document of a stream; an empty stream is one document that is null.
    fn read(&self, text: &str, limits: &Limits) -> Result<(Vec<Tree>, Arc<dyn Parsed>), Error> {
        let cst = parse::parse(text, limits)?;
        let documents = cst.documents.iter();
        let mut trees = documents
            .map(|document| compose::compose(text, &cst, document.root, limits))
            .collect::<Result<Vec<_>, _>>()?;
        if trees.is_empty() {
            trees.push(Tree {
                value: Value::Null,
                node: Node::new(text.len()..text.len()),
            });
        }
        let layout = OnceLock::new();
        Ok((trees, Arc::new(Stream { cst, layout })))
    }

    fn emit(&self, value: &Value) -> Result<String, Error> {
        emit::emit(value)
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            null: true,
            non_finite: true,
            wide_integers: true,
            datetimes: false,
            bytes: true,
            tags: true,
            any_key: true,
            any_root: true,
        }
    }

    fn comment_mark(&self) -> Option<&'static str> {
        Some("#")
    }

    fn schema_mark(&self) -> Option<&'static str> {
        Some("# yaml-language-server: $schema=")
    }
}

impl Parsed for Stream {
    fn editor<'a>(
        &'a self,
        text: &'a str,
        document: Chosen<'a>,
        shared: bool,
    ) -> Box<dyn Editor + 'a> {
        let layout = self.layout.get_or_init(|| edit::layout(text, &self.cst));
        Box::new(edit::YamlEditor::new(
            text, &self.cst, layout, document, shared,
        ))
    }

    fn comments(&self, _text: &str) -> Vec<Range<usize>> {
        self.cst.comments.clone()
    }

    fn cross_check(&self, text: &str, trees: &[Tree]) -> Result<(), String> {
        check::cross_check(text, &self.cst, trees)
    }

    fn extent(&self, which: usize, len: usize) -> Range<usize> {
        self.cst.extent(which, len)
    }

    fn scalar(&self, node: &Node) -> Option<(Range<usize>, bool)> {
        match node.origin {
            Origin::Alias { of } => self.cst.scalar_from(of),
            _ => self.cst.scalar_at(&node.span),
        }
    }

    fn ended(&self, text: &str) -> Option<String> {
        ended(text, &self.cst)
    }
}

/// The text with `-` for a block scalar at its very end, whose last line has no line break: it says the same, and goes on saying it when
/// something follows. `None` if there is no such scalar.
fn ended(text: &str, cst: &Cst) -> Option<String> {
    let last = |node: &&cst::Node| node.is_block_scalar() && node.end == text.len();
    let header = cst.nodes.iter().find(last)?.content;
    let written = text[header..].split([' ', '\t', '\n', '\r']).next()?;
    let stripped = written.replace(['+', '-'], "") + "-";
    let unended = !text.ends_with(['\n', '\r']) && stripped != written;
    unended.then(|| [&text[..header], &stripped, &text[header + written.len()..]].concat())
}
