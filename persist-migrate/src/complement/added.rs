//! Which nodes the steps of a route have made, where they are now.

use crate::lens::Change;
use crate::path::Path;
use crate::tree::Tree;

/// Nodes that are there because a lens added them, and that no person has ever written.
///
/// Their text depends on their neighbours' style at that moment, so it says nothing about what a person has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Added(Vec<Path>);

impl Added {
    pub(crate) fn note(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Added(path) => self.0.push(path.clone()),
                Change::Removed(path) => self.0.retain(|added| added.below(path).is_none()),
                Change::Moved { from, to } => {
                    for added in &mut self.0 {
                        if let Some(rest) = added.below(from) {
                            *added = to.join(rest);
                        }
                    }
                }
                Change::Replaced(_) => {}
            }
        }
    }

    /// A copy of the tree without them, as far as it lets them be taken out.
    pub(crate) fn taken_out_of<T: Tree + Clone>(&self, tree: &T) -> T {
        let mut copy = tree.clone();
        for path in self.0.iter().rev() {
            let taken = copy.remove(path);
            drop(taken);
        }
        copy
    }
}
