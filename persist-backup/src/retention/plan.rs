//! What stays and what goes.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use super::decision::Decision;
use super::why::Why;
use crate::Id;

/// What stays and what goes, each newest first, with the reason. Printed as a table of both, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// What stays.
    pub keep: Vec<(Id, Why)>,
    /// What goes.
    pub drop: Vec<(Id, Why)>,
}

impl Plan {
    pub(super) fn of(mut decisions: Vec<Decision<'_>>) -> Self {
        decisions.sort_by_key(|decision| Reverse(decision.candidate.id));
        let mut plan = Self::default();
        for decision in decisions {
            let side = match decision.keep {
                true => &mut plan.keep,
                false => &mut plan.drop,
            };
            side.push((decision.candidate.id, decision.why));
        }
        plan
    }

    /// Lets these stay, for which there was no other reason to.
    pub(crate) fn keep_unreadable(&mut self, unreadable: &BTreeSet<Id>) {
        let found = self.drop.extract_if(.., |(id, _)| unreadable.contains(id));
        self.keep.extend(found.map(|(id, _)| (id, Why::Unreadable)));
        self.keep.sort_by_key(|(id, _)| Reverse(*id));
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keep = self.keep.iter().map(|(id, why)| (id, "keep", why));
        let drop = self.drop.iter().map(|(id, why)| (id, "drop", why));
        let mut lines: Vec<_> = keep.chain(drop).collect();
        lines.sort_by(|a, b| b.0.cmp(a.0));
        writeln!(f, "keep {}, drop {}", self.keep.len(), self.drop.len())?;
        for (id, verb, why) in lines {
            let (seq, taken, digest) = (id.seq(), id.taken(), id.digest().short());
            writeln!(f, "  {verb} {seq:>4}  {taken}  {digest}  {why}")?;
        }
        Ok(())
    }
}
