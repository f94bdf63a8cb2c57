//! The steps of a plan: four bytes each, told in full only where one looks.

use std::sync::Arc;

use semver::Version;
use serde::{Serialize, Serializer};

use super::{Direction, PlanStep};
use crate::edge::Edge;

/// What a plan says of each edge of the graph it was made with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legend(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    from: Version,
    to: Version,
    description: Arc<str>,
    lossy_up: bool,
    lossy_down: bool,
}

impl Legend {
    pub(crate) fn add<D>(&mut self, edge: &Edge<D>) {
        self.0.push(Entry {
            from: edge.from.clone(),
            to: edge.to.clone(),
            description: Arc::clone(&edge.description),
            lossy_up: edge.is_lossy(true),
            lossy_down: edge.is_lossy(false),
        });
    }
}

/// Edges in the order they are taken.
#[derive(Clone)]
pub(super) struct Route {
    legend: Arc<Legend>,
    /// The edge's number, and in the lowest bit whether it is taken down.
    hops: Vec<u32>,
}

impl Route {
    pub(super) fn new(legend: Arc<Legend>, steps: usize) -> Self {
        Self {
            legend,
            hops: Vec::with_capacity(steps),
        }
    }

    pub(super) fn push(&mut self, edge: u32, direction: Direction) {
        self.hops
            .push(edge << 1 | u32::from(direction == Direction::Down));
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = PlanStep> + '_ {
        self.hops.iter().map(|hop| {
            let edge = (hop >> 1) as usize;
            let entry = &self.legend.0[edge];
            let (direction, from, to, lossy) = match hop & 1 {
                0 => (Direction::Up, &entry.from, &entry.to, entry.lossy_up),
                _ => (Direction::Down, &entry.to, &entry.from, entry.lossy_down),
            };
            PlanStep {
                from: from.clone(),
                to: to.clone(),
                direction,
                description: Arc::clone(&entry.description),
                lossy,
                edge,
            }
        })
    }
}

/// Two routes are the same if they say the same, whatever graph they come from.
impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Route {}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Route {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
