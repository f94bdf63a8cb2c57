//! All edges of a graph by the versions they touch, packed so that a search walks through memory in order.

use std::sync::Arc;

use super::Direction;
use super::route::Legend;
use crate::graph::MigrationGraph;

/// Lossy steps (32 bits), cost (64), steps (32), from the most to the least significant: adding and comparing two
/// weights is one instruction each. No part can overflow into the next: an edge's cost has 32 bits, and there are
/// fewer than 2³² edges. Each step adds to the last part, so no cycle is free.
pub(super) type Weight = u128;

pub(super) const fn weight(lossy: u32, cost: u32) -> Weight {
    (lossy as u128) << 96 | (cost as u128) << 32 | 1
}

/// Neighbours of each node, one node after the other.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Where each node's neighbours start; one more than there are nodes.
    first: Vec<usize>,
    hops: Vec<Hop>,
    legend: Arc<Legend>,
}

/// An edge as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    /// The other end.
    pub(super) other: usize,
    pub(super) edge: u32,
    pub(super) cost: u32,
    /// The direction of leaving by this edge.
    leaving: Direction,
    lossy_up: bool,
    /// `None` without a way back.
    lossy_down: Option<bool>,
}

impl Index {
    pub(crate) fn new<D>(graph: &MigrationGraph<D>) -> Self {
        let (mut first, mut hops) = (vec![0], Vec::with_capacity(2 * graph.edges.len()));
        for (node, content) in graph.nodes.iter().enumerate() {
            hops.extend(content.touching.iter().map(|&index| {
                let (start, end) = graph.ends[index];
                let edge = &graph.edges[index];
                Hop {
                    other: if start == node { end } else { start },
                    edge: i32::try_from(index)
                        .map(i32::unsigned_abs)
                        .expect("fewer than 2^31 edges fit into memory"),
                    cost: edge.cost,
                    leaving: if start == node {
                        Direction::Up
                    } else {
                        Direction::Down
                    },
                    lossy_up: edge.up.lossy,
                    lossy_down: edge.down.as_ref().map(|way| way.lossy),
                }
            }));
            first.push(hops.len());
        }
        Self {
            first,
            hops,
            legend: Arc::new(Legend::of(graph)),
        }
    }

    pub(super) fn legend(&self) -> Arc<Legend> {
        Arc::clone(&self.legend)
    }

    pub(super) fn hops(&self, node: usize) -> &[Hop] {
        &self.hops[self.first[node]..self.first[node + 1]]
    }
}

impl Hop {
    /// The direction of a route that leaves, or arrives, by this edge.
    pub(super) const fn direction(&self, arriving: bool) -> Direction {
        match (self.leaving, arriving) {
            (Direction::Up, false) | (Direction::Down, true) => Direction::Up,
            (Direction::Up, true) | (Direction::Down, false) => Direction::Down,
        }
    }

    /// What the edge weighs in a direction; `blocked` is the loss of a way back that does not exist.
    pub(super) const fn weight(
        &self,
        direction: Direction,
        blocked: Option<u32>,
    ) -> Option<Weight> {
        let lossy = match (direction, self.lossy_down) {
            (Direction::Up, _) => self.lossy_up as u32,
            (Direction::Down, Some(lossy)) => lossy as u32,
            (Direction::Down, None) => match blocked {
                Some(loss) => loss,
                None => return None,
            },
        };
        Some(weight(lossy, self.cost))
    }
}
