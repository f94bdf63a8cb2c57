//! Dijkstra's algorithm from both ends (Nicholson, 1966), then a walk along the best edges.
//!
//! Each version on a best route knows the smallest next version on one, and going from one to the next gives the
//! lexicographically smallest of the best routes.

use std::sync::Arc;

use super::links::{At, Hop, Links, Weight, cost};
use super::route::Route;
use super::side::Side;
use super::{Direction, Plan};
use crate::graph::{MigrationGraph, Node};

/// What a search may use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Take edges without a way back as if they had one, and as few of them as can be.
    pub(crate) assume_ways_back: bool,
    /// Leave this edge out.
    pub(crate) without: Option<At>,
    /// Take edges in this direction only.
    pub(crate) only: Option<Direction>,
}

impl Limits {
    /// What a hop weighs, if it may be taken.
    pub(super) fn weigh(self, hop: &Hop<'_>, arriving: bool) -> Option<Weight> {
        let direction = hop.direction(arriving);
        if self.without == Some(hop.edge) || self.only.is_some_and(|only| only != direction) {
            return None;
        }
        match self.assume_ways_back {
            true => Some(hop.weight_if_unblocked(direction)),
            false => hop.weight(direction),
        }
    }
}

/// What is searched, and how.
pub(super) struct Search<'g> {
    nodes: &'g [Node],
    pub(super) links: &'g Links,
    pub(super) limits: Limits,
}

/// How a route goes on from a node.
#[derive(Clone, Copy)]
pub(super) struct Onward {
    to: At,
    edge: At,
    direction: Direction,
    /// Whether there is another way as good.
    ambiguous: bool,
}

impl Onward {
    pub(super) fn by(hop: &Hop<'_>, to: At) -> Self {
        Self {
            to,
            edge: hop.edge,
            direction: hop.direction(to != hop.other),
            ambiguous: false,
        }
    }
}

/// The best routes between two nodes.
struct Routes {
    weight: Weight,
    /// How each node on them goes on.
    onward: Vec<Option<Onward>>,
}

impl Search<'_> {
    fn routes(&self, from: At, to: At) -> Option<Routes> {
        let (mut ahead, mut behind) = (Side::new(self, from, false), Side::new(self, to, true));
        let mut total = if from == to { Some(0) } else { None };
        // Goes on while a route could be as good as the best one: then each version of each best route is settled by a half.
        while let (Some(a), Some(b)) = (ahead.frontier(), behind.frontier()) {
            if total.is_some_and(|total| a + b > total) {
                break;
            }
            let met = if a <= b {
                ahead.advance(self, &behind)
            } else {
                behind.advance(self, &ahead)
            };
            if met.is_some_and(|met| total.is_none_or(|total| met < total)) {
                total = met;
            }
        }
        let weight = total?;
        Some(self.complete(weight, &ahead, behind))
    }

    /// Adds the half from the start to the half from the target, which knows how to go on.
    ///
    /// From the last settled version to the first: one is on a best route if an edge leads from it to one that is.
    /// Weights of `behind` that are not final are too large to be part of a best route, so they do no harm.
    fn complete(&self, total: Weight, ahead: &Side, mut behind: Side) -> Routes {
        for &here in ahead.settled.iter().rev() {
            let weight = ahead.best.get(here);
            let Some(rest) = weight.and_then(|weight| total.checked_sub(weight)) else {
                continue;
            };
            let mut ways: Option<Onward> = None;
            for hop in self.links.hops(here) {
                let on = behind
                    .best
                    .get(hop.other)
                    .zip(self.limits.weigh(&hop, false));
                if on.is_some_and(|(beyond, step)| beyond + step == rest) {
                    let onward = Onward::by(&hop, hop.other);
                    ways = Some(ways.map_or(onward, |known| self.smaller(known, onward)));
                }
            }
            if ways.is_some() {
                behind.best.set(here, rest);
                behind.onward[here as usize] = ways;
            }
        }
        Routes {
            weight: total,
            onward: behind.onward,
        }
    }

    /// Of two ways to go on that are as good the one to the smaller version.
    pub(super) fn smaller(&self, a: Onward, b: Onward) -> Onward {
        let rank = |way: &Onward| (&self.nodes[way.to as usize].version, way.edge);
        let mut smaller = if rank(&b) < rank(&a) { b } else { a };
        smaller.ambiguous = true;
        smaller
    }
}

/// The best route between two nodes, or `None`.
pub(crate) fn plan<D>(
    graph: &MigrationGraph<D>,
    (from, to): (At, At),
    limits: Limits,
) -> Option<Plan> {
    let search = Search {
        nodes: &graph.nodes,
        links: &graph.links,
        limits,
    };
    let routes = search.routes(from, to)?;
    // The last part of a weight counts the steps.
    let count = usize::try_from(routes.weight & Weight::from(u32::MAX)).unwrap_or_default();
    let version = |node: At| graph.nodes[node as usize].version.clone();
    let mut plan = Plan {
        from: version(from),
        to: version(to),
        steps: Route::new(Arc::clone(&graph.legend), count),
        cost: cost(routes.weight),
        ambiguous: false,
    };
    let mut here = from;
    while here != to {
        let onward = routes.onward[here as usize]?;
        plan.ambiguous |= onward.ambiguous;
        plan.steps.push(onward.edge, onward.direction);
        here = onward.to;
    }
    Some(plan)
}
