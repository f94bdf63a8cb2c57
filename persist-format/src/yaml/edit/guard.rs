//! What an edit must not do to the parts of the text that it is not about.

use std::ops::Range;

use super::{Plan, Spot};
use crate::engine::Unfit;
use crate::value::Value;
use crate::yaml::cst::{Anchor, Id};

impl Plan<'_> {
    /// Refuses to change what aliases repeat elsewhere.
    pub(super) fn guard(&self, id: Id) -> Result<(), Unfit> {
        match &self.cst.nodes[id].anchor {
            Some(Anchor {
                name,
                aliased: true,
                ..
            }) => Err(Unfit::new(format!(
                "it is anchored as &{name}, and what the aliases *{name} stand for would change with it"
            ))),
            _ => Ok(()),
        }
    }

    /// Refuses to drop a part of the text that has an anchor for aliases outside of it.
    pub(super) fn guard_dropped(&self, dropped: &Range<usize>) -> Result<(), Unfit> {
        let inside = |id: Id| dropped.contains(&self.cst.nodes[id].start);
        let mut aliases = self.cst.aliases.iter();
        let needed = aliases
            .find(|(alias, target)| inside(*target) && !inside(*alias))
            .and_then(|(_, target)| self.cst.nodes[*target].anchor.as_ref());
        match needed {
            Some(Anchor { name, .. }) => Err(Unfit::new(format!(
                "the anchor &{name} in it has an alias elsewhere"
            ))),
            None => Ok(()),
        }
    }

    /// One container in the place of another of its kind is the same one rendered anew: not if that loses something.
    pub(super) fn guard_rendering(
        &self,
        spot: Spot,
        old: &Value,
        new: &Value,
    ) -> Result<(), Unfit> {
        let node = &self.cst.nodes[spot.id];
        let range = node.start..node.end;
        self.guard_dropped(&range)?;
        let same_kind = matches!(
            (old.untagged(), new.untagged()),
            (Value::Map(_), Value::Map(_)) | (Value::Sequence(_), Value::Sequence(_))
        );
        let inside = |start: usize| range.contains(&start);
        let aliased = |(alias, _): &(usize, usize)| inside(self.cst.nodes[*alias].start);
        if same_kind && self.cst.aliases.iter().any(aliased) {
            return Err(Unfit::new("aliases within would be lost"));
        }
        Ok(())
    }
}
