//! All versions of a schema and the migrations between them.

use std::collections::BTreeMap;

use semver::Version;

use crate::edge::Edge;

/// What is known of a version besides its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionInfo {
    /// The day it was released, as the manifest says it (`2026-01-31`).
    pub date: Option<String>,
    /// What it is about, in words for the user.
    pub description: Option<String>,
}

impl VersionInfo {
    /// Information with a description.
    pub fn described(description: impl Into<String>) -> Self {
        Self {
            date: None,
            description: Some(description.into()),
        }
    }

    /// Adds the day of the release.
    #[must_use]
    pub fn dated(mut self, date: impl Into<String>) -> Self {
        self.date = Some(date.into());
        self
    }
}

/// Schema versions as nodes, migrations as edges.
///
/// `D` is the document that the migrations work on: a [`Tree`](crate::Tree) for lenses and complements, or any type
/// at all for code edges alone.
#[derive(Clone, Debug)]
pub struct MigrationGraph<D> {
    versions: BTreeMap<Version, VersionInfo>,
    pub(crate) edges: Vec<Edge<D>>,
    /// For each version the edges that touch it, in the order they were added.
    pub(crate) touching: BTreeMap<Version, Vec<usize>>,
}

/// An edge can't be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The edge leads nowhere.
    #[error("the edge from {0} leads to {0} itself")]
    Loop(Version),
    /// There is one already.
    #[error("there is already an edge from {0} to {1}")]
    Duplicate(Version, Version),
}

impl<D> Default for MigrationGraph<D> {
    fn default() -> Self {
        Self {
            versions: BTreeMap::new(),
            edges: Vec::new(),
            touching: BTreeMap::new(),
        }
    }
}

impl<D> MigrationGraph<D> {
    /// A graph without versions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a version, or says more of one that is there.
    pub fn add_version(&mut self, version: Version, info: VersionInfo) -> &mut Self {
        self.versions.insert(version, info);
        self
    }

    /// Adds an edge, and its versions where they are not there yet.
    ///
    /// # Errors
    /// The edge is a loop, or there is one between these versions in this direction.
    pub fn add_edge(&mut self, edge: Edge<D>) -> Result<&mut Self, GraphError> {
        if edge.from == edge.to {
            return Err(GraphError::Loop(edge.from));
        }
        if self.edge(&edge.from, &edge.to).is_some() {
            return Err(GraphError::Duplicate(edge.from, edge.to));
        }
        let index = self.edges.len();
        for end in [&edge.from, &edge.to] {
            self.versions.entry(end.clone()).or_default();
            self.touching.entry(end.clone()).or_default().push(index);
        }
        self.edges.push(edge);
        Ok(self)
    }

    /// The versions, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = (&Version, &VersionInfo)> {
        self.versions.iter()
    }

    /// Whether the graph knows this version.
    pub fn contains(&self, version: &Version) -> bool {
        self.versions.contains_key(version)
    }

    /// The newest version; `None` if the graph is empty.
    ///
    /// A pre-release counts only where there is nothing else.
    pub fn latest(&self) -> Option<&Version> {
        let mut newest_first = self.versions.keys().rev();
        newest_first
            .find(|version| version.pre.is_empty())
            .or_else(|| self.versions.keys().next_back())
    }

    /// The edges in the order they were added.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = &Edge<D>> {
        self.edges.iter()
    }

    /// The edge between two versions, in the direction it was added.
    pub fn edge(&self, from: &Version, to: &Version) -> Option<&Edge<D>> {
        let touching = self.touching.get(from)?;
        touching
            .iter()
            .map(|&index| &self.edges[index])
            .find(|edge| edge.from == *from && edge.to == *to)
    }
}
