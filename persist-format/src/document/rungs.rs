//! Making operations happen: by splices if possible, by re-rendering ever larger parts if not, each time read again and compared.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::content::Content;
use super::{Document, Edit, OnLoss, Rung};
use crate::engine::{self, Op, Slot};
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::path::KeyPath;
use crate::plan;
use crate::splice::{self, Batch};
use crate::tree::Reading;
use crate::value::{Map, Value};

/// A text that was read again, and the trees it gave.
pub(super) type Candidate = (String, Reading);

/// How operations are made in a text.
pub(super) struct Splicing<'v> {
    /// What they were planned for: the document's value, perhaps in another order.
    pub(super) planned: &'v Value,
    /// Whether they may change what aliases repeat, and aliases themselves.
    pub(super) shared: bool,
    /// Whether what is written for one may touch what is written for another, without a look at the text in between.
    pub(super) touching: bool,
}

impl<'v> Splicing<'v> {
    pub(super) fn of(planned: &'v Value) -> Self {
        Self {
            planned,
            shared: false,
            touching: false,
        }
    }
}

impl Document {
    /// Makes the value `wanted`, by these operations if they serve.
    pub(super) fn change(&mut self, wanted: &Value, ops: &[Op]) -> Result<Edit, Error> {
        let (wanted, warnings) = crate::convert::fitted(wanted, self.format)?;
        if *wanted == *self.value() {
            return Ok(Edit {
                warnings,
                ..Edit::unchanged()
            });
        }
        let mut reasons = Vec::new();
        let made = self
            .attempt(ops, &wanted, &mut reasons)
            .map(|candidate| (Rung::Splice, candidate));
        let made = made.or_else(|| {
            let ended = self.ended()?;
            let candidate = ended.attempt(ops, &wanted, &mut reasons);
            candidate.map(|candidate| (Rung::Splice, candidate))
        });
        let made = made.or_else(|| {
            let shared = self.through_aliases(ops, &wanted, &mut reasons);
            shared.map(|candidate| (Rung::Splice, candidate))
        });
        let (rung, candidate) = match made {
            Some(made) => made,
            None => self
                .next_rungs(&wanted, &mut reasons)
                .ok_or_else(|| self.refusal(ops, &reasons))?,
        };
        self.content = Content::checked(candidate);
        Ok(Edit { rung, warnings })
    }

    fn attempt(&self, ops: &[Op], wanted: &Value, reasons: &mut Vec<String>) -> Option<Candidate> {
        let made = self
            .spliced(ops, &Splicing::of(self.value()))
            .and_then(|candidate| self.verified(candidate, wanted));
        made.map_err(|reason| reasons.push(reason)).ok()
    }

    fn refusal(&self, ops: &[Op], reasons: &[String]) -> Error {
        let why = reasons.first().map_or("", String::as_str);
        let message = format!("the change can't be made in place: {why}");
        let path = common(ops).unwrap_or_default();
        let error = match self.span(&path, true) {
            Some(span) if !path.is_root() => {
                Error::at(ErrorKind::Refused, message, &self.content.text, span)
            }
            _ => Error::new(ErrorKind::Refused, message),
        };
        let shared = ["anchor", "alias", "merge key"];
        let choice = self.on_alias == super::OnAlias::Refuse;
        let help = match choice && shared.iter().any(|word| why.contains(word)) {
            true => {
                "edit the file by hand, or say what becomes of the aliases: follow (all change) or expand (this place alone)"
            }
            false => "edit the file by hand, or let it be rewritten (comments are lost)",
        };
        error.with_path(path).with_help(help)
    }

    /// The same document, where its text leaves open what its last value is once something follows.
    fn ended(&self) -> Option<Self> {
        let text = crate::yaml::ended(&self.content.text, self.content.trees.cst.as_deref()?)?;
        let ended = self.with_text(&text).ok()?;
        (ended.value() == self.value()).then_some(ended)
    }

    /// What to try when the operations don't serve: the plain difference, ever larger collections, all.
    fn next_rungs(&self, wanted: &Value, reasons: &mut Vec<String>) -> Option<(Rung, Candidate)> {
        let planned = plan::between(&KeyPath::root(), self.value(), wanted);
        // The difference may be a whole collection, where paths can't name what is in it.
        if let Some(candidate) = self.attempt(&planned, wanted, reasons)
            && self.may_lose(&planned, &candidate)
        {
            return Some((Rung::Splice, candidate));
        }
        if let Some(widened) = self.widened(&planned, wanted)
            && let Some(candidate) = self.attempt(&widened, wanted, reasons)
            && self.may_lose(&widened, &candidate)
        {
            return Some((Rung::Collection, candidate));
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
                    Some(candidate) if self.may_lose(&ops, &candidate) => {
                        return Some((Rung::Collection, candidate));
                    }
                    Some(_) => reasons.insert(0, "comments within would be lost".into()),
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
            .and_then(|candidate| self.verified(candidate, wanted));
        whole
            .map_err(|reason| reasons.push(reason))
            .ok()
            .map(|candidate| (Rung::Whole, candidate))
    }

    /// The operations with those that can't be made replaced by ones that write the nearest collection around anew.
    fn widened(&self, ops: &[Op], wanted: &Value) -> Option<Vec<Op>> {
        let editor = engine::editor(
            &self.content.text,
            self.format,
            &self.content.trees,
            self.which,
            false,
        );
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

    /// True if the comments within the collections that were written anew are all there, or the caller allowed for their loss.
    fn may_lose(&self, ops: &[Op], (text, trees): &Candidate) -> bool {
        let replaced = ops.iter().filter(|op| matches!(op, Op::Replace { .. }));
        let nodes = replaced.filter_map(|op| self.tree().find(op.path()));
        let extents: Vec<_> = nodes.map(|(_, node)| node.extent()).collect();
        let within = |comment: &Range<usize>| {
            extents
                .iter()
                .any(|e| e.start <= comment.start && comment.end <= e.end)
        };
        let left: HashSet<&str> = engine::comments(text, self.format, trees)
            .into_iter()
            .map(|span| &text[span])
            .collect();
        let old = self.comment_extents().into_iter().filter(within);
        self.on_loss == OnLoss::Reemit
            || old
                .into_iter()
                .all(|span| left.contains(&self.content.text[span]))
    }

    /// The text with the operations made.
    pub(super) fn spliced(&self, ops: &[Op], how: &Splicing<'_>) -> Result<Candidate, String> {
        let mut made: Option<Candidate> = None;
        let mut rest = ops;
        while !rest.is_empty() {
            let (text, trees) = match &made {
                Some((text, trees)) => (text, trees),
                None => (&self.content.text, &self.content.trees),
            };
            let mut batch = match how.touching {
                true => Batch::touching(),
                false => Batch::default(),
            };
            let editor = engine::editor(text, self.format, trees, self.which, how.shared);
            while let Some((op, after)) = rest.split_first() {
                let op = rebased(op, how.planned, &trees[self.which].value);
                if !has_children(&op, &trees[self.which].value) {
                    return Err(
                        "an earlier part of the edit moved what a later one is about".into(),
                    );
                }
                let splices = editor.splices(&op).map_err(|unfit| unfit.0)?;
                let inside = |s: &engine::Splice| text.get(s.range.clone()).is_some();
                if !splices.iter().all(inside) {
                    return Err("the edit fell outside the text".into());
                }
                let first = batch.is_empty();
                if !batch.add(splices) {
                    if first {
                        return Err("the parts of the edit overlap".into());
                    }
                    break;
                }
                rest = after;
            }
            drop(editor);
            let text = batch.apply(text);
            let trees = engine::reread(&text, self.format, &self.limits);
            made = Some((text, trees.map_err(|e| e.to_string())?));
        }
        made.ok_or_else(|| "no part of the text says it".into())
    }

    fn whole(&self, wanted: &Value) -> Result<Candidate, String> {
        if self.content.trees.len() > 1 {
            return Err("the stream has several documents".into());
        }
        let fresh = engine::emit(wanted, self.format).map_err(|e| e.to_string())?;
        let text = match splice::newline(&self.content.text) {
            "\n" => fresh,
            newline => fresh.replace('\n', newline),
        };
        let trees = engine::reread(&text, self.format, &self.limits).map_err(|e| e.to_string())?;
        Ok((text, trees))
    }

    pub(super) fn verified(
        &self,
        candidate: Candidate,
        wanted: &Value,
    ) -> Result<Candidate, String> {
        self.says(&candidate, wanted)?;
        let (text, trees) = candidate;
        engine::cross_check(&text, self.format, &trees).map_err(|seen| engine::disagrees(&seen))?;
        Ok((text, trees))
    }

    /// Whether the text reads as `wanted`, and other documents of the stream as before.
    pub(super) fn says(&self, (text, trees): &Candidate, wanted: &Value) -> Result<(), String> {
        if trees.len() != self.content.trees.len() {
            return Err("the number of documents would change".into());
        }
        let around = engine::around(&self.content.text, &self.content.trees, self.which);
        if !(text.starts_with(around.0) && text.ends_with(around.1)) {
            return Err("the text of another document would change".into());
        }
        for (index, (new, old)) in trees.iter().zip(self.content.trees.iter()).enumerate() {
            let meant = if index == self.which {
                wanted
            } else {
                &old.value
            };
            if new.value != *meant {
                return Err("the edited text would say something else".into());
            }
        }
        Ok(())
    }
}

/// The operation with the children of a map numbered as they are now: splicing may change their order, where that means nothing.
fn rebased<'a>(op: &'a Op, old: &Value, now: &Value) -> Cow<'a, Op> {
    let Op::Reshape { path, slots } = op else {
        return Cow::Borrowed(op);
    };
    let (Some(old), Some(now)) = (map_at(old, path), map_at(now, path)) else {
        return Cow::Borrowed(op);
    };
    if old.keys().eq(now.keys()) {
        return Cow::Borrowed(op);
    }
    let place = |index: usize| old.entry_at(index).and_then(|(key, _)| now.index_of(key));
    let slot = |slot: &Slot| match slot {
        Slot::Keep(index) => place(*index).map(Slot::Keep),
        Slot::Rename(index, key) => place(*index).map(|index| Slot::Rename(index, key.clone())),
        new => Some(new.clone()),
    };
    Cow::Owned(Op::Reshape {
        path: path.clone(),
        slots: slots.iter().filter_map(slot).collect(),
    })
}

/// True if the children that the operation keeps are there: operations are planned for the text before the first of them.
fn has_children(op: &Op, root: &Value) -> bool {
    let Op::Reshape { path, slots } = op else {
        return true;
    };
    let count = root
        .get(path)
        .map_or(0, |value| plan::keep_all(value).len());
    slots.iter().all(|slot| match slot {
        Slot::Keep(index) | Slot::Rename(index, _) => *index < count,
        Slot::New(..) | Slot::Moved(..) => true,
    })
}

fn map_at<'a>(root: &'a Value, path: &KeyPath) -> Option<&'a Map> {
    root.get(path).map(Value::untagged).and_then(Value::as_map)
}

/// The deepest path that all operations are at or below.
fn common(ops: &[Op]) -> Option<KeyPath> {
    let mut paths = ops.iter().map(Op::path);
    let mut common = paths.next()?.clone();
    for path in paths {
        while !path.starts_with(&common) {
            common.pop();
        }
    }
    Some(common)
}

/// A fresh document that was read again and compared.
pub(super) fn fresh(
    value: &Value,
    format: Format,
    limits: &crate::Limits,
) -> Result<Candidate, Error> {
    let text = engine::emit(value, format)?;
    let trees = engine::reread(&text, format, limits)?;
    let unlike = |seen: String| {
        Error::new(
            ErrorKind::Unrepresentable,
            format!("{format} would read the value back as {seen}"),
        )
    };
    match &*trees {
        [tree] if tree.value == *value => {
            engine::cross_check(&text, format, &trees).map_err(unlike)?;
        }
        _ => return Err(unlike("another one".into())),
    }
    Ok((text, trees))
}
