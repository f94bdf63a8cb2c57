//! Dijkstra's algorithm from the target back to the start, then a walk along the best edges.
//!
//! Searching backwards makes ties easy: once each version knows its best remaining weight, the walk takes the smallest
//! next version at every fork, which gives the lexicographically smallest of the best routes.

use super::index::{Hop, Index, Weight, weight};
use super::queue::Queue;
use super::{Direction, Plan, PlanStep};
use crate::graph::MigrationGraph;

const FAR: Weight = Weight::MAX;

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

impl Limits {
    /// What a hop weighs, if it may be taken.
    fn weigh(self, hop: &Hop, arriving: bool) -> Option<Weight> {
        const BLOCKED: u32 = 1 << 20;
        let direction = hop.direction(arriving);
        let excluded = self.without == Some(hop.edge as usize)
            || self.only.is_some_and(|only| only != direction);
        if excluded {
            None
        } else {
            hop.weight(direction, self.assume_ways_back.then_some(BLOCKED))
        }
    }
}

/// The best weight from each node to the target, once `from` is settled; [`FAR`] where it is not known.
fn remaining(
    index: &Index,
    nodes: usize,
    (from, to): (usize, usize),
    limits: Limits,
) -> Option<Vec<Weight>> {
    let mut best = vec![FAR; nodes];
    best[to] = 0;
    let mut queue = Queue::default();
    queue.push(0, to);
    while let Some((reached, bucket)) = queue.pop() {
        // Weights only grow, so this one is final.
        if best[from] <= reached {
            return Some(best);
        }
        for &here in &bucket {
            // It has been reached more cheaply since it was put in.
            if best[here] < reached {
                continue;
            }
            for hop in index.hops(here) {
                let Some(step) = limits.weigh(hop, true) else {
                    continue;
                };
                let total = reached + step;
                if total < best[hop.other] {
                    best[hop.other] = total;
                    queue.push(total, hop.other);
                }
            }
        }
        queue.recycle(bucket);
    }
    None
}

/// The best route between two nodes, or `None`.
pub(crate) fn plan<D>(
    graph: &MigrationGraph<D>,
    ends: (usize, usize),
    limits: Limits,
) -> Option<Plan> {
    let index = graph.index();
    let remaining = remaining(index, graph.nodes.len(), ends, limits)?;
    let version = |node: usize| graph.nodes[node].version.clone();
    let (mut here, to) = ends;
    // The last part of a weight counts the steps.
    let expected = usize::try_from(remaining[here] & Weight::from(u32::MAX)).unwrap_or_default();
    let mut plan = Plan {
        from: version(here),
        to: version(to),
        steps: Vec::with_capacity(expected),
        cost: 0,
        ambiguous: false,
    };
    while here != to {
        let (hop, step, other_way) = fork(graph, here, &remaining, limits)?;
        let edge = &graph.edges[hop.edge as usize];
        plan.ambiguous |= other_way;
        plan.cost += u64::from(edge.cost);
        plan.steps.push(PlanStep {
            from: version(here),
            to: version(hop.other),
            direction: hop.direction(false),
            description: edge.description.clone(),
            lossy: step >= weight(1, 0),
            edge: hop.edge as usize,
        });
        here = hop.other;
    }
    Some(plan)
}

/// The best edge to leave `here` by, its weight, and whether there was another as good.
fn fork<'g, D>(
    graph: &'g MigrationGraph<D>,
    here: usize,
    remaining: &[Weight],
    limits: Limits,
) -> Option<(&'g Hop, Weight, bool)> {
    let mut ambiguous = false;
    // A node that is not settled has too large a weight, if any, so it never fits.
    let leads_on = |hop: &'g Hop| {
        let step = limits.weigh(hop, false)?;
        (remaining[hop.other].checked_add(step) == Some(remaining[here])).then_some((hop, step))
    };
    let best = graph
        .index()
        .hops(here)
        .iter()
        .filter_map(leads_on)
        .reduce(|a, b| {
            ambiguous = true;
            let rank = |hop: &Hop| (&graph.nodes[hop.other].version, hop.edge);
            if rank(b.0) < rank(a.0) { b } else { a }
        });
    best.map(|(hop, step)| (hop, step, ambiguous))
}
