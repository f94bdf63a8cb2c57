//! Dijkstra's algorithm from the target back to the start, then a walk along the best edges.
//!
//! Searching backwards makes ties easy: once each version knows its best remaining cost, the walk takes the smallest
//! next version at every fork, which gives the lexicographically smallest of the best routes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use semver::Version;

use super::{Direction, Plan, PlanStep};
use crate::edge::Edge;
use crate::graph::MigrationGraph;

/// Lossy steps, then cost, then steps. Each step adds to the last, so that no cycle is free.
type Weight = (u32, u64, u32);

fn add(a: Weight, b: Weight) -> Weight {
    (a.0 + b.0, a.1.saturating_add(b.1), a.2 + b.2)
}

/// An edge as taken from `from`.
struct Arc<'g> {
    to: &'g Version,
    weight: Weight,
    direction: Direction,
    edge: usize,
}

/// How an edge can be taken away from `version` (or towards it, if `backwards`).
fn arc<'g, D>(
    edge: &'g Edge<D>,
    index: usize,
    version: &Version,
    backwards: bool,
    assume: bool,
) -> Option<Arc<'g>> {
    let at_start = edge.from == *version;
    let direction = if at_start == backwards {
        Direction::Down
    } else {
        Direction::Up
    };
    let lossy = match direction {
        Direction::Up => edge.up.lossy,
        Direction::Down => match &edge.down {
            Some(way) => way.lossy,
            // Only to find out which edge is in the way: dearer than any real one.
            None if assume => {
                return Some(Arc {
                    to: if at_start { &edge.to } else { &edge.from },
                    weight: (1 << 16, 0, 1),
                    direction,
                    edge: index,
                });
            }
            None => return None,
        },
    };
    let to = if at_start { &edge.to } else { &edge.from };
    Some(Arc {
        to,
        weight: (u32::from(lossy), u64::from(edge.cost), 1),
        direction,
        edge: index,
    })
}

fn arcs<'g, D>(
    graph: &'g MigrationGraph<D>,
    version: &'g Version,
    backwards: bool,
    assume: bool,
) -> impl Iterator<Item = Arc<'g>> {
    let touching = graph
        .touching
        .get(version)
        .map(Vec::as_slice)
        .unwrap_or_default();
    touching
        .iter()
        .filter_map(move |&index| arc(&graph.edges[index], index, version, backwards, assume))
}

/// The best route, or `None`. With `assume` edges without a way back are taken as if they had one.
pub(super) fn plan<D>(
    graph: &MigrationGraph<D>,
    from: &Version,
    to: &Version,
    assume: bool,
) -> Option<Plan> {
    let remaining = remaining(graph, from, to, assume)?;
    let mut plan = Plan {
        from: from.clone(),
        to: to.clone(),
        steps: Vec::new(),
        cost: 0,
        ambiguous: false,
    };
    let mut here = from;
    while here != to {
        let best = remaining.get(here)?;
        let leads_on = |arc: &Arc<'_>| {
            remaining
                .get(arc.to)
                .is_some_and(|rest| add(arc.weight, *rest) == *best)
        };
        let mut forks: Vec<Arc<'_>> = arcs(graph, here, false, assume).filter(leads_on).collect();
        plan.ambiguous |= forks.len() > 1;
        forks.sort_by(|a, b| (a.to, a.direction, a.edge).cmp(&(b.to, b.direction, b.edge)));
        let next = forks.into_iter().next()?;
        let edge = &graph.edges[next.edge];
        plan.cost += next.weight.1;
        plan.steps.push(PlanStep {
            from: here.clone(),
            to: next.to.clone(),
            direction: next.direction,
            description: edge.description.clone(),
            lossy: next.weight.0 > 0,
            edge: next.edge,
        });
        here = next.to;
    }
    Some(plan)
}

/// What is left to pay from each version that matters, once `from` is settled.
fn remaining<'g, D>(
    graph: &'g MigrationGraph<D>,
    from: &Version,
    to: &'g Version,
    assume: bool,
) -> Option<HashMap<&'g Version, Weight>> {
    let mut best: HashMap<&Version, Weight> = HashMap::from([(to, (0, 0, 0))]);
    let mut queue = BinaryHeap::from([Reverse(((0, 0, 0), to))]);
    while let Some(Reverse((weight, here))) = queue.pop() {
        if best.get(here).is_some_and(|known| *known < weight) {
            continue;
        }
        if here == from {
            return Some(best);
        }
        for arc in arcs(graph, here, true, assume) {
            let total = add(arc.weight, weight);
            if best.get(arc.to).is_none_or(|known| total < *known) {
                best.insert(arc.to, total);
                queue.push(Reverse((total, arc.to)));
            }
        }
    }
    None
}
