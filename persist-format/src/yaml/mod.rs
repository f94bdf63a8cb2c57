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

use std::sync::Arc;

use crate::error::Error;
use crate::limits::Limits;
use crate::tree::{Node, Reading, Tree};
use crate::value::Value;

pub(crate) use check::cross_check;
pub(crate) use cst::Cst;
pub(crate) use edit::Edit;
pub(crate) use emit::emit;
pub(crate) use scalar::CORE;

/// Reads every document of a stream; an empty stream is one document that is null.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Reading, Error> {
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
    Ok(Reading {
        trees,
        cst: Some(Arc::new(cst)),
    })
}

/// The text with `-` for a block scalar at its very end, whose last line has no line break: it says the same, and goes on saying it when
/// something follows. `None` if there is no such scalar.
pub(crate) fn ended(text: &str, cst: &Cst) -> Option<String> {
    let last = |node: &&cst::Node| node.is_block_scalar() && node.end == text.len();
    let header = cst.nodes.iter().find(last)?.content;
    let written = text[header..].split([' ', '\t', '\n', '\r']).next()?;
    let stripped = written.replace(['+', '-'], "") + "-";
    let unended = !text.ends_with(['\n', '\r']) && stripped != written;
    unended.then(|| [&text[..header], &stripped, &text[header + written.len()..]].concat())
}
