//! What the complement knows of third versions, brought to where the document goes.

use semver::Version;

use crate::complement::{Added, Complement, SetAside, restore};
use crate::graph::MigrationGraph;
use crate::plan::Plan;
use crate::tree::Laid;

/// The document as a third version would have it.
pub(super) struct Knowledge<D> {
    pub(super) version: Version,
    /// With what was kept for that version.
    pub(super) full: D,
    /// As coming there alone gives it.
    bare: D,
    added: Added,
}

impl<D: Laid> MigrationGraph<D> {
    /// The document, as it stands before the run, at each version that the complement knows something of.
    ///
    /// A version that can't be reached keeps what it has, untouched.
    pub(super) fn recall(
        &self,
        plan: &Plan,
        before: &D,
        complement: &Complement,
    ) -> Vec<Knowledge<D>> {
        let third = complement
            .versions
            .iter()
            .filter(|(version, _)| **version != plan.from && **version != plan.to);
        third
            .filter_map(|(version, kept)| {
                let mut added = Added::default();
                let bare = self.at(&plan.from, version, before, &mut added)?;
                let mut full = bare.clone();
                restore(before, &mut full, kept, &added).ok()?;
                Some(Knowledge {
                    version: version.clone(),
                    full,
                    bare,
                    added,
                })
            })
            .collect()
    }

    /// What `known` adds to `before`, told for version `to`.
    pub(super) fn translate(
        &self,
        known: &Knowledge<D>,
        before: &D,
        to: &Version,
    ) -> Option<SetAside> {
        let mut added = known.added.clone();
        let without = self.at(&known.version, to, &known.bare, &mut added)?;
        let mut full = self.at(&known.version, to, &known.full, &mut Added::default())?;
        full.keep_comments(&known.full, &without);
        SetAside::between(before, &without, &full, &added).ok()
    }

    /// A document of one version at another, without any complement.
    fn at(&self, from: &Version, to: &Version, document: &D, added: &mut Added) -> Option<D> {
        let plan = self.plan(from, to).ok()?;
        let mut copy = document.clone();
        self.walk(&plan, &mut copy, |_, changes| added.note(&changes))
            .ok()?;
        Some(copy)
    }
}
