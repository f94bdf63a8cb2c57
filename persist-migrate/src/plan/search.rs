//! The best route between two versions: Dijkstra's algorithm (1959), from the target backwards, then a walk from the start.
//!
//! Backwards, because a version then knows what is left from it to the target. Of all routes as good as the best one, the walk takes
//! at each version the smallest next version, which gives the one with the smallest versions from the start. Forwards the smallest would be chosen from
//! the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Add;

use semver::Version;

use super::{Plan, PlanError, PlanStep};
use crate::direction::Direction;
use crate::edge::Edge;
use crate::graph::{Link, MigrationGraph};

impl<D> MigrationGraph<D> {
    /// The best route between two versions, up or down. Touches nothing.
    ///
    /// Takes O(E log V) for a graph of V versions and E edges.
    ///
    /// # Errors
    /// A version is unknown, or no route leads there.
    pub fn plan(&self, from: &Version, to: &Version) -> Result<Plan, PlanError> {
        let node = |version: &Version| {
            self.node(version).ok_or_else(|| PlanError::Unknown {
                version: version.clone(),
                nearest: self.nearest(version).cloned(),
            })
        };
        let ends = (node(from)?, node(to)?);
        best(self, ends, Limits::default()).ok_or_else(|| self.no_route(ends))
    }

    fn no_route(&self, ends: (usize, usize)) -> PlanError {
        let (from, to) = (
            self.nodes[ends.0].version.clone(),
            self.nodes[ends.1].version.clone(),
        );
        let Some(route) = best(
            self,
            ends,
            Limits {
                assume_ways_back: true,
                ..Limits::default()
            },
        ) else {
            return PlanError::Unreachable { from, to };
        };
        let mut edges = route
            .steps
            .iter()
            .map(|step| (step, &self.edges[step.edge]));
        match edges.find(|(step, edge)| edge.way(step.direction).is_none()) {
            Some((_, edge)) => PlanError::NoWayBack {
                from,
                to,
                edge: Box::new((edge.from.clone(), edge.to.clone())),
            },
            None => PlanError::Unreachable { from, to },
        }
    }
}

/// What a search may use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Take edges without a way back as if they had one, and as few of them as can be.
    pub(crate) assume_ways_back: bool,
    /// Leave this edge out.
    pub(crate) without: Option<usize>,
    /// Take edges in this direction only.
    pub(crate) only: Option<Direction>,
}

/// What a route is judged by, the first part first. Each step adds to the last part, so no circle is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Weight {
    lossy: usize,
    cost: u64,
    steps: usize,
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            lossy: self.lossy + other.lossy,
            cost: self.cost + other.cost,
            steps: self.steps + other.steps,
        }
    }
}

impl Limits {
    /// What a step weighs, if it may be taken.
    fn weigh<D>(self, place: usize, edge: &Edge<D>, direction: Direction) -> Option<Weight> {
        if self.without == Some(place) || self.only.is_some_and(|only| only != direction) {
            return None;
        }
        let way = edge.way(direction);
        let lossy = if self.assume_ways_back {
            way.is_none()
        } else {
            way?.lossy
        };
        Some(Weight {
            lossy: lossy.into(),
            cost: edge.cost.into(),
            steps: 1,
        })
    }
}

/// The best route between two nodes, or `None`.
pub(crate) fn best<D>(
    graph: &MigrationGraph<D>,
    (from, to): (usize, usize),
    limits: Limits,
) -> Option<Plan> {
    let left = weights_left(graph, (from, to), limits);
    let total = left[from]?;
    let (mut steps, mut ambiguous) = (Vec::with_capacity(total.steps), false);
    let mut here = from;
    while here != to {
        let is_best = |link: &&Link| {
            let step = limits.weigh(link.edge, &graph.edges[link.edge], link.leaving);
            step.zip(left[link.other])
                .is_some_and(|(step, rest)| Some(step + rest) == left[here])
        };
        let ways = graph.nodes[here].links.iter().filter(is_best);
        ambiguous |= ways.clone().count() > 1;
        let way = ways.min_by_key(|way| (&graph.nodes[way.other].version, way.edge))?;
        steps.push(PlanStep::new(way.edge, &graph.edges[way.edge], way.leaving));
        here = way.other;
    }
    Some(Plan {
        from: graph.nodes[from].version.clone(),
        to: graph.nodes[to].version.clone(),
        steps,
        cost: total.cost,
        ambiguous,
    })
}

/// The weight of the best route from each node to the target: of each that is nearer to it than the start, and of the start.
/// What further nodes have is too large to be part of a best route.
fn weights_left<D>(
    graph: &MigrationGraph<D>,
    (from, to): (usize, usize),
    limits: Limits,
) -> Vec<Option<Weight>> {
    let mut left = vec![None; graph.nodes.len()];
    left[to] = Some(Weight::default());
    let mut queue = BinaryHeap::from([Reverse((Weight::default(), to))]);
    while let Some(Reverse((weight, here))) = queue.pop() {
        if here == from {
            break;
        }
        if left[here] != Some(weight) {
            continue; // reached more cheaply since it was put in
        }
        for link in &graph.nodes[here].links {
            let arriving = link.leaving.reversed();
            let Some(step) = limits.weigh(link.edge, &graph.edges[link.edge], arriving) else {
                continue;
            };
            let total = weight + step;
            if left[link.other].is_none_or(|known| total < known) {
                left[link.other] = Some(total);
                queue.push(Reverse((total, link.other)));
            }
        }
    }
    left
}
