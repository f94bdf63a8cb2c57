//! What migrations drop, kept so that going back brings it again.

mod added;
mod difference;
mod elements;
mod entry;
mod restore;

use std::collections::BTreeMap;
use std::fmt;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::added::Added;
use self::difference::difference;
pub use self::elements::same_elements;
use self::entry::Difference;
pub(crate) use self::restore::restore;
use crate::path::Path;
use crate::tree::Laid;

/// What documents of other versions held and the present one can't hold, by version and path.
///
/// For each version that the document has left it says how the document would differ there from one that merely
/// came back: "at 1.2.0, `/security/api_key` was … where coming back gives …". On arrival at that version each entry
/// is put back where the document still is as coming back made it; what a person has changed meanwhile wins. A
/// [`Laid`] tree, which has a text, adds how the document was written there, so that what is put back stands where it stood.
///
/// It belongs to one document, and holds values of that document, secrets included: store it as privately as the
/// document itself. Its `Debug` output names paths, never values.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Complement {
    /// Has no entries for a version that has been left without a loss, so that it is known to have been visited.
    pub(crate) versions: BTreeMap<Version, SetAside>,
}

/// What is kept for one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SetAside {
    pub(crate) entries: Vec<Difference>,
    /// How the document was written there, in the tree's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) layout: Option<Value>,
    /// The fingerprint of the document that was gone on with: while it has that, nothing has been written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) elsewhere: Option<String>,
}

impl SetAside {
    /// What makes `full` out of `bare`, to which coming back from `elsewhere` has added nodes.
    pub(crate) fn between<T: Laid>(
        elsewhere: &T,
        bare: &T,
        full: &T,
        added: &Added,
    ) -> Result<Self, serde_json::Error> {
        let without_added = || {
            let mut bare = added.taken_out_of(bare);
            bare.keep_comments(elsewhere, full);
            bare
        };
        Ok(Self {
            entries: difference(bare, full)?,
            layout: full.layout(without_added),
            elsewhere: None,
        })
    }
}

impl Complement {
    /// Nothing kept.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Whether nothing is known of any other version, not even that it has been left without a loss.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The versions that the document has left.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.versions.keys()
    }

    /// Where something is kept for a version. Elements of arrays count as their array.
    pub fn paths(&self, version: &Version) -> impl Iterator<Item = &Path> {
        self.versions
            .get(version)
            .into_iter()
            .flat_map(|kept| &kept.entries)
            .map(Difference::path)
    }

    /// Forgets what is kept for a version.
    pub fn forget(&mut self, version: &Version) {
        self.versions.remove(version);
    }

    /// Tells how the document was written in the end, if the caller changed it after the run, as by stamping it with its version. As
    /// long as it stays so, every version comes back byte for byte.
    pub fn arrived<T: Laid>(&mut self, document: &T) {
        for kept in self.versions.values_mut().filter(|k| k.elsewhere.is_some()) {
            kept.elsewhere = document.fingerprint();
        }
    }

    /// What is not kept anew for another document is not what that one would come back to.
    pub(crate) fn departed(&mut self) {
        for kept in self.versions.values_mut() {
            kept.elsewhere = None;
        }
    }

    pub(crate) fn keep(&mut self, version: Version, kept: SetAside) {
        self.versions.insert(version, kept);
    }
}

impl Difference {
    pub(crate) const fn path(&self) -> &Path {
        match self {
            Self::Node { path, .. } | Self::Elements { path, .. } => path,
        }
    }
}

impl fmt::Debug for Complement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = |kept: &SetAside| {
            kept.entries
                .iter()
                .map(|entry| entry.path().to_string())
                .collect::<Vec<_>>()
        };
        f.debug_map()
            .entries(
                self.versions
                    .iter()
                    .map(|(version, kept)| (version.to_string(), paths(kept))),
            )
            .finish()
    }
}
