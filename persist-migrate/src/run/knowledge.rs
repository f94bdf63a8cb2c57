//! What the complement knows of third versions, brought to where the document goes.

use semver::Version;

use crate::complement::{Complement, Entry, difference, restore};
use crate::graph::MigrationGraph;
use crate::plan::Plan;
use crate::tree::Tree;

/// The document as a third version would have it.
pub(super) struct Knowledge<D> {
    pub(super) version: Version,
    /// With what was kept for that version.
    pub(super) full: D,
    /// As coming there alone gives it.
    pub(super) bare: D,
}

impl<D: Tree + Clone> MigrationGraph<D> {
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
            .filter_map(|(version, entries)| {
                let bare = self.at(&plan.from, version, before)?;
                let mut full = bare.clone();
                restore(&mut full, entries).ok()?;
                Some(Knowledge {
                    version: version.clone(),
                    full,
                    bare,
                })
            })
            .collect()
    }

    /// What `known` adds, as entries of version `to`.
    pub(super) fn translate(&self, known: &Knowledge<D>, to: &Version) -> Option<Vec<Entry>> {
        let without = self.at(&known.version, to, &known.bare)?;
        let full = self.at(&known.version, to, &known.full)?;
        difference(&without, &full).ok()
    }

    /// A document of one version at another, without any complement.
    fn at(&self, from: &Version, to: &Version, document: &D) -> Option<D> {
        let plan = self.plan(from, to).ok()?;
        let mut copy = document.clone();
        self.walk(&plan, &mut copy, |_, _| ()).ok()?;
        Some(copy)
    }
}
