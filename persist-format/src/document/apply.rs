//! Making operations happen: the text that splices give is read again and compared, by both parsers.

use std::borrow::Cow;

use super::content::Content;
use super::{Document, Edit, Extent, OnAlias, OnLoss};
use crate::convert::{self, Loss, Warning};
use crate::engine::{Op, Slot, Splice};
use crate::error::{Error, ErrorKind, Remedy};
use crate::path::KeyPath;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::splice::Batch;
use crate::value::{Map, Value};

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
        let (wanted, mut warnings) = convert::fitted(wanted, self.format())?;
        self.warn_of_new_integers(&mut warnings, &wanted);
        if *wanted == *self.value() {
            return Ok(Edit {
                warnings,
                ..Edit::unchanged()
            });
        }
        let mut reasons = Vec::new();
        let made = self.made(&wanted, ops, &mut reasons);
        let (extent, made) = made.ok_or_else(|| self.refused(&wanted, ops, &reasons))?;
        self.content = Content::checked(made);
        Ok(Edit { extent, warnings })
    }

    /// The text with the value `wanted`, and how much of it was written for that; or why there is none.
    fn made(
        &self,
        wanted: &Value,
        ops: &[Op],
        reasons: &mut Vec<Refusal>,
    ) -> Option<(Extent, Reading)> {
        let made = self
            .attempt(ops, wanted, reasons)
            .or_else(|| self.ended()?.attempt(ops, wanted, reasons))
            .or_else(|| self.through_aliases(ops, wanted, reasons));
        match made {
            Some(made) => Some((Extent::Splice, made)),
            None => self.larger(wanted, reasons),
        }
    }

    /// Of all integers that other programs may misread, those that were there before are no news.
    fn warn_of_new_integers(&self, warnings: &mut Vec<Warning>, wanted: &Value) {
        let all = warnings.len();
        warnings.retain(|warning| warning.loss != Loss::LargeInteger);
        if warnings.len() < all {
            let of = |value| convert::large_integers(value, self.format());
            warnings.extend(convert::new_integers(of(self.value()), of(wanted)));
        }
    }

    pub(super) fn attempt(
        &self,
        ops: &[Op],
        wanted: &Value,
        reasons: &mut Vec<Refusal>,
    ) -> Option<Reading> {
        let made = self
            .spliced(ops, &Splicing::of(self.value()))
            .and_then(|made| self.verified(made, wanted));
        made.map_err(|reason| reasons.push(reason)).ok()
    }

    fn refused(&self, wanted: &Value, ops: &[Op], reasons: &[Refusal]) -> Error {
        let why = reasons.first();
        let words = why.map(Refusal::to_string).unwrap_or_default();
        let message = format!("the change can't be made in place: {words}");
        let path = common(ops).unwrap_or_default();
        let error = match self.span(&path, true) {
            Some(span) if !path.is_root() => {
                Error::at(ErrorKind::Refused, message, &self.content.text, span)
            }
            _ => Error::new(ErrorKind::Refused, message),
        };
        // Only what helps is advised.
        let helps = |document: Self| document.made(wanted, ops, &mut Vec::new()).is_some();
        let choice = || {
            let choices = [OnAlias::Follow, OnAlias::Expand].into_iter();
            self.on_alias == OnAlias::Refuse
                && choices
                    .map(|choice| self.clone().on_alias(choice))
                    .any(helps)
        };
        let error = error.with_path(path);
        match why {
            Some(Refusal::Shared(_)) if choice() => error.with_remedy(Remedy::OnAlias),
            _ if helps(self.clone().on_loss(OnLoss::Reemit)) => error.with_remedy(Remedy::OnLoss),
            Some(Refusal::Unsayable(_)) => error,
            _ => error.with_help("edit the file by hand"),
        }
    }

    /// The same document, where its text leaves open what its last value is once something follows.
    fn ended(&self) -> Option<Self> {
        let ended = self.with_text(&self.content.ended()?).ok()?;
        (ended.value() == self.value()).then_some(ended)
    }

    /// The text with the operations made.
    pub(super) fn spliced(&self, ops: &[Op], how: &Splicing<'_>) -> Result<Reading, Refusal> {
        let mut made: Option<Reading> = None;
        let mut rest = ops;
        while !rest.is_empty() {
            let now: &Reading = made.as_ref().unwrap_or(&self.content);
            let mut batch = match how.touching {
                true => Batch::touching(),
                false => Batch::default(),
            };
            let editor = now
                .editor(self.which, how.shared)
                .ok_or(Refusal::OTHER_NUMBER)?;
            let value = &now.trees[self.which].value;
            while let Some((op, after)) = rest.split_first() {
                let op = rebased(op, how.planned, value);
                if !has_children(&op, value) {
                    let why = "an earlier part of the edit moved the target of a later one";
                    return Err(Refusal::Parts(why));
                }
                let splices = editor.splices(&op)?;
                let inside = |s: &Splice| now.text.get(s.range.clone()).is_some();
                if !splices.iter().all(inside) {
                    return Err(Refusal::Parts("the edit fell outside the text"));
                }
                let first = batch.is_empty();
                if !batch.add(splices) {
                    if first {
                        return Err(Refusal::OVERLAP);
                    }
                    break;
                }
                rest = after;
            }
            let text = batch.apply(&now.text);
            drop(editor);
            made = Some(self.read_again(text)?);
        }
        made.ok_or(Refusal::Missing("it is not written in the text"))
    }

    pub(super) fn read_again(&self, text: String) -> Result<Reading, Refusal> {
        Reading::again(text, self.format(), &self.limits).map_err(|e| Refusal::unsayable(&e))
    }

    /// The changed text, if it reads as `wanted` by both parsers.
    pub(super) fn verified(&self, made: Reading, wanted: &Value) -> Result<Reading, Refusal> {
        self.says(&made, wanted)?;
        made.cross_check()?;
        Ok(made)
    }

    /// Whether the text reads as `wanted`, and other documents of the stream as before.
    pub(super) fn says(&self, made: &Reading, wanted: &Value) -> Result<(), Refusal> {
        if made.trees.len() != self.content.trees.len() {
            return Err(Refusal::OTHER_NUMBER);
        }
        let (before, after) = self.content.around(self.which);
        if !(made.text.starts_with(before) && made.text.ends_with(after)) {
            let why = "the text of another document would change";
            return Err(Refusal::Otherwise(why));
        }
        let documents = made.trees.iter().zip(&self.content.trees);
        for (index, (new, old)) in documents.enumerate() {
            let meant = if index == self.which {
                wanted
            } else {
                &old.value
            };
            if new.value != *meant {
                return Err(Refusal::OTHERWISE);
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
        Slot::Old(index, key) => place(*index).map(|index| Slot::Old(index, key.clone())),
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
    let count = root.get(path).map_or(0, Value::children);
    slots
        .iter()
        .filter_map(Slot::kept)
        .all(|index| index < count)
}

fn map_at<'a>(root: &'a Value, path: &KeyPath) -> Option<&'a Map> {
    root.get(path).map(Value::untagged).and_then(Value::as_map)
}

/// The deepest path that all operations are at or below.
pub(super) fn common(ops: &[Op]) -> Option<KeyPath> {
    let mut paths = ops.iter().map(Op::path);
    let mut common = paths.next()?.clone();
    for path in paths {
        while !path.starts_with(&common) {
            common.pop();
        }
    }
    Some(common)
}
