//! Dijkstra's algorithm from both ends (Nicholson, 1966), then a walk along the best edges.
//!
//! Once each version on a best route knows its remaining weight, the walk takes the smallest next version at every
//! fork, which gives the lexicographically smallest of the best routes.

use super::index::{Hop, Index, Weight};
use super::route::Route;
use super::side::{Best, Side};
use super::{Direction, Plan};
use crate::graph::MigrationGraph;

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
    pub(super) fn weigh(self, hop: &Hop, arriving: bool) -> Option<Weight> {
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

/// The weight of the best routes, and from each of their versions what is left of it.
fn remaining(
    index: &Index,
    nodes: usize,
    (from, to): (usize, usize),
    limits: Limits,
) -> Option<(Weight, Best)> {
    let (mut ahead, mut behind) = (Side::new(nodes, from, false), Side::new(nodes, to, true));
    let mut total = if from == to { Some(0) } else { None };
    // Goes on while a route could be as good as the best one: then each version of each best route is settled by a half.
    while let (Some(a), Some(b)) = (ahead.frontier(), behind.frontier()) {
        if total.is_some_and(|total| a + b > total) {
            break;
        }
        let met = if a <= b {
            ahead.advance(index, limits, &behind)
        } else {
            behind.advance(index, limits, &ahead)
        };
        total = total.into_iter().chain(met).min();
    }
    let total = total?;
    Some((
        total,
        complete(index, limits, total, &ahead, behind.into_best()),
    ))
}

/// Adds what the half from the start knows to what the half from the target knows.
///
/// From the last settled version to the first: one is on a best route if an edge leads from it to one that is.
/// Weights of `behind` that are not final are too large to be part of a best route, so they do no harm.
fn complete(index: &Index, limits: Limits, total: Weight, ahead: &Side, mut behind: Best) -> Best {
    for &here in ahead.settled.iter().rev() {
        let Some(rest) = ahead
            .weight(here)
            .and_then(|weight| total.checked_sub(weight))
        else {
            continue;
        };
        let leads_on = index.hops(here).iter().any(|hop| {
            let step = limits.weigh(hop, false);
            step.is_some_and(|step| {
                behind
                    .get(hop.other)
                    .is_some_and(|beyond| step + beyond == rest)
            })
        });
        if leads_on {
            behind.set(here, rest);
        }
    }
    behind
}

/// The best route between two nodes, or `None`.
pub(crate) fn plan<D>(
    graph: &MigrationGraph<D>,
    ends: (usize, usize),
    limits: Limits,
) -> Option<Plan> {
    let index = graph.index();
    let (total, remaining) = remaining(index, graph.nodes.len(), ends, limits)?;
    let version = |node: usize| graph.nodes[node].version.clone();
    let (mut here, to) = ends;
    // The last part of a weight counts the steps.
    let expected = usize::try_from(total & Weight::from(u32::MAX)).unwrap_or_default();
    let mut plan = Plan {
        from: version(here),
        to: version(to),
        steps: Route::new(index.legend(), expected),
        cost: 0,
        ambiguous: false,
    };
    while here != to {
        let (hop, other_way) = fork(graph, here, &remaining, limits)?;
        plan.ambiguous |= other_way;
        plan.cost += u64::from(hop.cost);
        plan.steps.push(hop.edge, hop.direction(false));
        here = hop.other;
    }
    Some(plan)
}

/// The best edge to leave `here` by, and whether there was another as good.
fn fork<'g, D>(
    graph: &'g MigrationGraph<D>,
    here: usize,
    remaining: &Best,
    limits: Limits,
) -> Option<(&'g Hop, bool)> {
    let mut ambiguous = false;
    let rest = remaining.get(here)?;
    let leads_on = |hop: &'g Hop| {
        let step = limits.weigh(hop, false)?;
        (remaining.get(hop.other)?.checked_add(step) == Some(rest)).then_some(hop)
    };
    let best = graph
        .index()
        .hops(here)
        .iter()
        .filter_map(leads_on)
        .reduce(|a, b| {
            ambiguous = true;
            let rank = |hop: &Hop| (&graph.nodes[hop.other].version, hop.edge);
            if rank(b) < rank(a) { b } else { a }
        });
    best.map(|hop| (hop, ambiguous))
}
