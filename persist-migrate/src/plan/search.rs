//! Dijkstra's algorithm from the target back to the start, then a walk along the best edges.
//!
//! Searching backwards makes ties easy: once each version knows its best remaining weight, the walk takes the smallest
//! next version at every fork, which gives the lexicographically smallest of the best routes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Direction, Plan, PlanStep};
use crate::graph::MigrationGraph;

/// Lossy steps (32 bits), cost (64), steps (32), from the most to the least significant: adding and comparing two
/// weights is one instruction each. No part can overflow into the next: an edge's cost has 32 bits, and there are
/// fewer than 2³² edges. Each step adds to the last part, so no cycle is free.
type Weight = u128;

const FAR: Weight = Weight::MAX;

const fn weight(lossy: u32, cost: u32) -> Weight {
    (lossy as u128) << 96 | (cost as u128) << 32 | 1
}

/// An edge as taken towards or away from a version.
struct Arc {
    /// The version at the other end.
    other: usize,
    weight: Weight,
    direction: Direction,
    edge: usize,
}

struct Search<'g, D> {
    graph: &'g MigrationGraph<D>,
    limits: Limits,
}

/// What a search may use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Take edges without a way back as if they had one, at a price that any other route beats.
    pub(crate) assume_ways_back: bool,
    /// Leave this edge out.
    pub(crate) without: Option<usize>,
    /// Take edges in this direction only.
    pub(crate) only: Option<Direction>,
}

impl<D> Search<'_, D> {
    /// The edges by which a route can leave `node`, or arrive at it.
    fn arcs(&self, node: usize, arriving: bool) -> impl Iterator<Item = Arc> {
        let touching = &self.graph.nodes[node].touching;
        touching
            .iter()
            .filter_map(move |&edge| self.arc(edge, node, arriving))
    }

    fn arc(&self, edge: usize, node: usize, arriving: bool) -> Option<Arc> {
        const BLOCKED: u32 = 1 << 20;
        let (start, end) = self.graph.ends[edge];
        let at_start = start == node;
        let direction = if at_start == arriving {
            Direction::Down
        } else {
            Direction::Up
        };
        if self.limits.without == Some(edge)
            || self.limits.only.is_some_and(|only| only != direction)
        {
            return None;
        }
        let content = &self.graph.edges[edge];
        let lossy = match (direction, &content.down) {
            (Direction::Up, _) => u32::from(content.up.lossy),
            (Direction::Down, Some(way)) => u32::from(way.lossy),
            (Direction::Down, None) if self.limits.assume_ways_back => BLOCKED,
            (Direction::Down, None) => return None,
        };
        let other = if at_start { end } else { start };
        Some(Arc {
            other,
            weight: weight(lossy, content.cost),
            direction,
            edge,
        })
    }

    /// The best weight from each node to the target, once `from` is settled; [`FAR`] where it is not known.
    fn remaining(&self, from: usize, to: usize) -> Option<Vec<Weight>> {
        let mut best = vec![FAR; self.graph.nodes.len()];
        best[to] = 0;
        let mut queue = BinaryHeap::from([Reverse((0, to))]);
        while let Some(Reverse((weight, here))) = queue.pop() {
            if here == from {
                return Some(best);
            }
            if best[here] < weight {
                continue;
            }
            for arc in self.arcs(here, true) {
                let total = weight + arc.weight;
                if total < best[arc.other] {
                    best[arc.other] = total;
                    queue.push(Reverse((total, arc.other)));
                }
            }
        }
        None
    }

    /// The best edge to leave `here` by, and whether there was another as good.
    fn fork(&self, here: usize, remaining: &[Weight]) -> Option<(Arc, bool)> {
        // Nodes that are not settled have too large a weight, if any, so they never fit.
        let leads_on =
            |arc: &Arc| remaining[arc.other].checked_add(arc.weight) == Some(remaining[here]);
        let mut ambiguous = false;
        let best = self.arcs(here, false).filter(leads_on).reduce(|a, b| {
            ambiguous = true;
            let rank = |arc: &Arc| (&self.graph.nodes[arc.other].version, arc.edge);
            if rank(&b) < rank(&a) { b } else { a }
        });
        best.map(|arc| (arc, ambiguous))
    }
}

/// The best route between two nodes, or `None`.
pub(crate) fn plan<D>(
    graph: &MigrationGraph<D>,
    (from, to): (usize, usize),
    limits: Limits,
) -> Option<Plan> {
    let search = Search { graph, limits };
    let remaining = search.remaining(from, to)?;
    let version = |node: usize| graph.nodes[node].version.clone();
    let (mut here, mut steps, mut cost, mut ambiguous) = (from, Vec::new(), 0, false);
    while here != to {
        let (arc, other_way) = search.fork(here, &remaining)?;
        let edge = &graph.edges[arc.edge];
        ambiguous |= other_way;
        cost += u64::from(edge.cost);
        steps.push(PlanStep {
            from: version(here),
            to: version(arc.other),
            direction: arc.direction,
            description: edge.description.clone(),
            lossy: arc.weight >= weight(1, 0),
            edge: arc.edge,
        });
        here = arc.other;
    }
    Some(Plan {
        from: version(from),
        to: version(to),
        steps,
        cost,
        ambiguous,
    })
}
