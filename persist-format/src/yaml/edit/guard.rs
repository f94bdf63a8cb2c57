//! What an edit must not do to the parts of the text that it is not about.

use std::ops::Range;

use super::{Spot, YamlEditor};
use crate::refusal::{Refusal, Shared};
use crate::value::Value;
use crate::yaml::cst::{Anchor, Id, NodeKind};

impl YamlEditor<'_> {
    /// Refuses to change what aliases repeat elsewhere.
    pub(super) fn guard(&self, id: Id) -> Result<(), Refusal> {
        match self.cst.nodes[id].anchor.as_deref() {
            Some(Anchor {
                name,
                aliased: true,
                ..
            }) if !self.shared => Err(Shared::Anchored(name.clone()).into()),
            _ => Ok(()),
        }
    }

    /// Refuses to drop a part of the text that has an anchor for aliases outside of it.
    pub(super) fn guard_dropped(&self, dropped: &Range<usize>) -> Result<(), Refusal> {
        let inside = |id: Id| dropped.contains(&self.cst.nodes[id].start);
        let mut aliases = self.cst.aliases.iter();
        let needed = aliases
            .find(|(alias, target)| inside(*target) && !inside(*alias))
            .and_then(|(_, target)| self.cst.nodes[*target].anchor.as_deref());
        match needed {
            Some(Anchor { name, .. }) => Err(Shared::AnchorNeeded(name.clone()).into()),
            None => Ok(()),
        }
    }

    /// One container in the place of another of its kind is the same one rendered anew: not if that loses something.
    pub(super) fn guard_rendering(
        &self,
        spot: Spot,
        old: &Value,
        new: &Value,
    ) -> Result<(), Refusal> {
        let node = &self.cst.nodes[spot.id];
        if self.shared && matches!(node.kind, NodeKind::Alias { .. }) {
            return Ok(());
        }
        let range = node.start..node.end;
        // Its own anchor stays, and what its aliases stand for may change.
        let dropped = if self.shared {
            node.content
        } else {
            node.start
        };
        self.guard_dropped(&(dropped..node.end))?;
        let same_kind = matches!(
            (old.untagged(), new.untagged()),
            (Value::Map(_), Value::Map(_)) | (Value::Sequence(_), Value::Sequence(_))
        );
        let inside = |start: usize| range.contains(&start);
        let aliased = |(alias, _): &(usize, usize)| inside(self.cst.nodes[*alias].start);
        if same_kind && self.cst.aliases.iter().any(aliased) {
            return Err(Shared::AliasesWithin.into());
        }
        Ok(())
    }

    /// Refuses to take an entry away whose key a merge key would bring back.
    pub(super) fn guard_merged(&self, mapping: Id, key: Option<Id>) -> Result<(), Refusal> {
        let (NodeKind::Mapping { entries, .. }, Some(key)) = (&self.cst.nodes[mapping].kind, key)
        else {
            return Ok(());
        };
        let mut merges = entries
            .iter()
            .filter(|entry| self.cst.is_merge_key(entry.key));
        if merges.any(|entry| self.brings(entry.value, key)) {
            return Err(Shared::MergedAgain.into());
        }
        Ok(())
    }

    /// True if the mapping, or one of the sequence of mappings, has an own entry with the key.
    fn brings(&self, source: Id, key: Id) -> bool {
        let text = |id: Id| match &self.cst.nodes[id].kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        };
        match &self.cst.nodes[source].kind {
            NodeKind::Alias { target } if *target < source => self.brings(*target, key),
            NodeKind::Sequence { items, .. } => {
                items.iter().any(|item| self.brings(item.node, key))
            }
            NodeKind::Mapping { entries, .. } => entries
                .iter()
                .any(|entry| text(key).is_some() && text(entry.key) == text(key)),
            _ => false,
        }
    }
}
