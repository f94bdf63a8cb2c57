//! What to do where splices don't serve: write ever larger parts anew.

use std::ops::Range;

use super::apply::common;
use super::{Document, Extent, OnLoss};
use crate::engine::Op;
use crate::lines;
use crate::path::KeyPath;
use crate::plan;
use crate::reading::{Reading, comment_words};
use crate::refusal::Refusal;
use crate::value::Value;

impl Document {
    /// What to try when the operations don't serve: the plain difference, ever larger collections, all.
    pub(super) fn larger(
        &self,
        wanted: &Value,
        reasons: &mut Vec<Refusal>,
    ) -> Option<(Extent, Reading)> {
        let planned = plan::between(&KeyPath::root(), self.value(), wanted);
        // The difference may be a whole collection, where paths can't name what is in it.
        if let Some(made) = self.attempt(&planned, wanted, reasons)
            && self.is_loss_acceptable(&planned, &made)
        {
            return Some((Extent::Splice, made));
        }
        if let Some(widened) = self.widened(&planned, wanted)
            && let Some(made) = self.attempt(&widened, wanted, reasons)
            && self.is_loss_acceptable(&widened, &made)
        {
            return Some((Extent::Collection, made));
        }
        let mut at = common(&planned);
        while let Some(path) = at {
            if let (Some(value), true) = (wanted.get(&path), self.get(&path).is_some()) {
                let replace = Op::Replace {
                    path: path.clone(),
                    value: value.clone(),
                };
                let ops = [replace];
                match self.attempt(&ops, wanted, reasons) {
                    Some(made) if self.is_loss_acceptable(&ops, &made) => {
                        return Some((Extent::Collection, made));
                    }
                    Some(_) => reasons.insert(0, Refusal::Comments),
                    None => {}
                }
            }
            at = path.parent();
        }
        if self.on_loss != OnLoss::Reemit {
            return None;
        }
        let whole = self
            .whole(wanted)
            .and_then(|made| self.verified(made, wanted));
        whole
            .map_err(|reason| reasons.push(reason))
            .ok()
            .map(|made| (Extent::Whole, made))
    }

    /// The operations with those that can't be made replaced by ones that write the nearest collection around anew.
    fn widened(&self, ops: &[Op], wanted: &Value) -> Option<Vec<Op>> {
        let editor = self.content.editor(self.which, false)?;
        let mut widened: Vec<Op> = Vec::new();
        for op in ops {
            let mut op = op.clone();
            while editor.splices(&op).is_err() {
                let is_replace = matches!(op, Op::Replace { .. });
                let path = if is_replace {
                    op.path().parent()?
                } else {
                    op.path().clone()
                };
                op = Op::Replace {
                    value: wanted.get(&path)?.clone(),
                    path,
                };
            }
            // What is written anew needs no other edits.
            if let Op::Replace { path, .. } = &op {
                widened.retain(|inner| !inner.path().starts_with(path));
            }
            if !widened.iter().any(
                |outer| matches!(outer, Op::Replace { path, .. } if op.path().starts_with(path)),
            ) {
                widened.push(op);
            }
        }
        Some(widened)
    }

    /// True if the comments within the collections that were written anew are all there, or the caller allowed for their loss. They are counted
    /// in the whole text: one of the same words may stand elsewhere.
    fn is_loss_acceptable(&self, ops: &[Op], made: &Reading) -> bool {
        let replaced = ops.iter().filter(|op| matches!(op, Op::Replace { .. }));
        // From the key on and to the end of the line: comments there, which are within no value, are written anew with the first of them or
        // the last.
        let old = &self.content.text;
        let line_end = |at: usize| old[at..].find('\n').map_or(old.len(), |end| at + end);
        let extents = replaced.filter_map(|op| {
            let extent = self.tree().find(op.path())?.1.extent();
            let start = self.replaced_from(op.path()).min(extent.start);
            Some(start..line_end(extent.end))
        });
        let extents: Vec<_> = extents.collect();
        let within = |comment: &Range<usize>| {
            extents
                .iter()
                .any(|e| e.start <= comment.start && comment.end <= e.end)
        };
        let within = self.comment_extents().into_iter().filter(within);
        let mut within = within.map(|span| comment_words(&old[span]));
        let [before, after] = [&*self.content, made].map(Reading::comment_counts);
        self.on_loss == OnLoss::Reemit
            || within.all(|words| after.get(&words) >= before.get(&words))
    }

    /// Where a value's place begins: after its key; of an item, which has none, no later than there: where the items begin.
    fn replaced_from(&self, path: &KeyPath) -> usize {
        let node = |path: &KeyPath| self.tree().find(path).map(|(_, node)| node);
        let key = node(path).and_then(|node| node.key.as_ref());
        match (key, path.parent()) {
            (Some(key), _) => key.end,
            (None, Some(parent)) => self.replaced_from(&parent),
            (None, None) => self.content.around(self.which).0.len(),
        }
    }

    fn whole(&self, wanted: &Value) -> Result<Reading, Refusal> {
        if self.content.trees.len() > 1 {
            return Err(Refusal::Layout("the stream has several documents"));
        }
        let fresh = self.format().engine().emit(wanted);
        let fresh = fresh.map_err(|e| Refusal::unsayable(&e))?;
        self.read_again(match lines::line_end(&self.content.text) {
            "\n" => fresh,
            newline => fresh.replace('\n', newline),
        })
    }
}
