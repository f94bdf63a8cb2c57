//! All versions of a schema and the migrations between them.

use std::collections::BTreeMap;

use semver::Version;

use crate::direction::Direction;
use crate::edge::Edge;
use crate::lens::InvalidLens;
use crate::path::Path;

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
    pub(crate) nodes: Vec<Node>,
    /// Where each version is in `nodes`.
    index: BTreeMap<Version, usize>,
    pub(crate) edges: Vec<Edge<D>>,
}

/// A version and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) version: Version,
    info: VersionInfo,
    /// The edges that touch it, in the order they were added.
    pub(crate) links: Vec<Link>,
}

/// An edge as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// The place of the edge in [`MigrationGraph::edges`].
    pub(crate) edge: usize,
    /// The place of the other end in [`MigrationGraph::nodes`].
    pub(crate) other: usize,
    /// Which way the edge is taken by who leaves.
    pub(crate) leaving: Direction,
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

/// A lens would change the version of documents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the edge from {from} to {to} can't be used")]
#[non_exhaustive]
pub struct TouchesVersion {
    /// The lower end of the edge.
    pub from: Box<Version>,
    /// The upper end.
    pub to: Box<Version>,
    /// The lens's fault.
    pub source: Box<InvalidLens>,
}

impl<D> Default for MigrationGraph<D> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            index: BTreeMap::new(),
            edges: Vec::new(),
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
        let node = self.node_or_insert(version);
        self.nodes[node].info = info;
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
        let [from, to] = [&edge.from, &edge.to].map(|end| self.node_or_insert(end.clone()));
        let place = self.edges.len();
        for (node, other, leaving) in [(from, to, Direction::Up), (to, from, Direction::Down)] {
            self.nodes[node].links.push(Link {
                edge: place,
                other,
                leaving,
            });
        }
        self.edges.push(edge);
        Ok(self)
    }

    fn node_or_insert(&mut self, version: Version) -> usize {
        *self.index.entry(version).or_insert_with_key(|version| {
            self.nodes.push(Node {
                version: version.clone(),
                info: VersionInfo::default(),
                links: Vec::new(),
            });
            self.nodes.len() - 1
        })
    }

    pub(crate) fn node(&self, version: &Version) -> Option<usize> {
        self.index.get(version).copied()
    }

    /// The versions, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = (&Version, &VersionInfo)> {
        self.index
            .iter()
            .map(|(version, &node)| (version, &self.nodes[node].info))
    }

    /// Whether the graph knows this version.
    pub fn contains(&self, version: &Version) -> bool {
        self.index.contains_key(version)
    }

    /// The newest version; `None` if the graph is empty.
    ///
    /// A pre-release counts only where there is nothing else.
    pub fn latest(&self) -> Option<&Version> {
        let mut newest_first = self.index.keys().rev();
        newest_first
            .find(|version| version.pre.is_empty())
            .or_else(|| self.index.keys().next_back())
    }

    /// The known version nearest to another: the greatest that is not greater, else the smallest.
    pub fn nearest(&self, version: &Version) -> Option<&Version> {
        let mut smaller = self.index.range(..=version);
        smaller
            .next_back()
            .or_else(|| self.index.first_key_value())
            .map(|(known, _)| known)
    }

    /// The edges in the order they were added.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = &Edge<D>> {
        self.edges.iter()
    }

    /// Whether no lens works on the version of documents, which is at `version`. Edges that are code can't be looked into; what they make is
    /// given its version afterwards.
    ///
    /// # Errors
    /// The first lens that does.
    pub fn leaves_alone(&self, version: &Path) -> Result<(), TouchesVersion> {
        for edge in &self.edges {
            let ways = [Some(&edge.up), edge.down.as_ref()];
            let lenses = ways.into_iter().flatten();
            let mut lenses = lenses.flat_map(|way| way.lenses.iter().flat_map(|l| l.iter()));
            if let Some(source) = lenses.find_map(|lens| lens.leaves_alone(version).err()) {
                return Err(TouchesVersion {
                    from: Box::new(edge.from.clone()),
                    to: Box::new(edge.to.clone()),
                    source: Box::new(source),
                });
            }
        }
        Ok(())
    }

    /// The edge between two versions, in the direction it was added.
    pub fn edge(&self, from: &Version, to: &Version) -> Option<&Edge<D>> {
        let to = self.node(to)?;
        let mut links = self.nodes[self.node(from)?].links.iter();
        let link = links.find(|link| link.other == to && link.leaving == Direction::Up)?;
        Some(&self.edges[link.edge])
    }
}
