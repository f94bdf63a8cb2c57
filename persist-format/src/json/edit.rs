//! Planning splices of JSON text.

use super::Dialect;
use crate::engine::{Editor, Op, Splice, Unfit};
use crate::tree::Tree;

pub(crate) struct Edit<'a> {
    text: &'a str,
    dialect: Dialect,
    tree: &'a Tree,
}

impl<'a> Edit<'a> {
    pub(crate) fn new(text: &'a str, dialect: Dialect, tree: &'a Tree) -> Self {
        Self {
            text,
            dialect,
            tree,
        }
    }
}

impl Editor for Edit<'_> {
    fn splices(&self, _op: &Op) -> Result<Vec<Splice>, Unfit> {
        let _ = (self.text, self.dialect, self.tree);
        Err(Unfit::new("not yet"))
    }
}
