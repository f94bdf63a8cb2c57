//! Where a document says it stands.

use semver::Version;

use crate::graph::MigrationGraph;

/// What the version in a document means to a graph. Each case calls for another answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileVersion {
    /// The document has no version.
    Missing,
    /// The document has a version that is no semantic version.
    Unparsable(String),
    /// The graph knows it.
    Known(Version),
    /// Newer than all that the graph knows: written by a newer application, not to be guessed at.
    Newer(Version),
    /// The graph does not know it, though it is not newer than all: it lies between two known versions, or before the first. Its migrations
    /// have been lost, or it never was. What such a document holds is not to be guessed at either.
    Unlisted(Version),
}

impl FileVersion {
    /// What `text`, the value of the document's version key, means to `graph`.
    pub fn classify<D>(text: Option<&str>, graph: &MigrationGraph<D>) -> Self {
        let Some(text) = text else {
            return Self::Missing;
        };
        let Ok(version) = Version::parse(text) else {
            return Self::Unparsable(text.to_owned());
        };
        let newest = graph.versions().next_back().map(|(newest, _)| newest);
        if graph.contains(&version) {
            Self::Known(version)
        } else if newest.is_some_and(|newest| version > *newest) {
            Self::Newer(version)
        } else {
            Self::Unlisted(version)
        }
    }
}

/// [`FileVersion::classify`] as a function.
pub fn classify<D>(text: Option<&str>, graph: &MigrationGraph<D>) -> FileVersion {
    FileVersion::classify(text, graph)
}
