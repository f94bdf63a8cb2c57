//! YAML 1.2.

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

use crate::error::Error;
use crate::limits::Limits;
use crate::tree::{Node, Tree};
use crate::value::Value;

pub(crate) use check::cross_check;
pub(crate) use edit::Edit;
pub(crate) use emit::emit;

/// Reads every document of a stream; an empty stream is one document that is null.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Vec<Tree>, Error> {
    let cst = parse::parse(text, limits)?;
    if cst.documents.is_empty() {
        return Ok(vec![Tree {
            value: Value::Null,
            node: Node::new(text.len()..text.len()),
        }]);
    }
    cst.documents
        .iter()
        .map(|document| compose::compose(text, &cst, document.root, limits))
        .collect()
}

/// Every comment of the text, in order.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    parse::parse(text, &Limits::default())
        .map(|cst| cst.comments)
        .unwrap_or_default()
}
