//! One half of a search from both ends.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::links::{At, NONE, Weight};
use super::search::{Onward, Search};

/// Dijkstra's algorithm from one end.
pub(super) struct Side {
    pub(super) best: Best,
    /// How each node goes on to the target; nothing in the half that starts at the other end.
    pub(super) onward: Vec<Option<Onward>>,
    /// With the edge by which each node was reached, which leads nowhere from there.
    queue: BinaryHeap<Reverse<(Weight, At, At)>>,
    /// What has been settled, in that order.
    pub(super) settled: Vec<At>,
    /// Whether edges are taken against the direction of the route: the half that starts at the target.
    arriving: bool,
}

/// The best weight known for each node, plus one: memory that is zero costs nothing until it is written, so that a
/// short route in a large graph is cheap.
pub(super) struct Best(Vec<Weight>);

impl Best {
    pub(super) fn new(nodes: usize) -> Self {
        Self(vec![0; nodes])
    }

    pub(super) fn get(&self, node: At) -> Option<Weight> {
        self.0[node as usize].checked_sub(1)
    }

    pub(super) fn set(&mut self, node: At, weight: Weight) {
        self.0[node as usize] = weight + 1;
    }
}

impl Side {
    pub(super) fn new(search: &Search<'_>, start: At, arriving: bool) -> Self {
        let nodes = search.links.nodes();
        let mut best = Best::new(nodes);
        best.set(start, 0);
        Self {
            best,
            onward: vec![None; if arriving { nodes } else { 0 }],
            queue: BinaryHeap::from([Reverse((0, start, NONE))]),
            settled: Vec::new(),
            arriving,
        }
    }

    /// No weight that is not settled is smaller; all smaller ones are final. `None` when all is settled.
    pub(super) fn frontier(&self) -> Option<Weight> {
        self.queue.peek().map(|Reverse((weight, ..))| *weight)
    }

    /// Settles the next node. Gives the smallest weight of a route that meets the other half there.
    pub(super) fn advance(&mut self, search: &Search<'_>, other: &Self) -> Option<Weight> {
        let Reverse((weight, here, came_by)) = self.queue.pop()?;
        if self.best.get(here) != Some(weight) {
            return None; // reached more cheaply since it was put in
        }
        self.settled.push(here);
        let mut met: Option<Weight> = None;
        for hop in search.links.hops(here) {
            if hop.edge == came_by {
                continue;
            }
            let Some(step) = search.limits.weigh(&hop, self.arriving) else {
                continue;
            };
            let (there, total) = (hop.other as usize, weight + step);
            match self.best.get(hop.other) {
                Some(known) if known < total => continue,
                Some(known) if known == total => {
                    if self.arriving {
                        let onward = Onward::by(&hop, here);
                        self.onward[there] =
                            self.onward[there].map(|known| search.smaller(known, onward));
                    }
                    continue;
                }
                _ => {}
            }
            self.best.set(hop.other, total);
            self.queue.push(Reverse((total, hop.other, hop.edge)));
            if self.arriving {
                self.onward[there] = Some(Onward::by(&hop, here));
            }
            // Of two halves that know a version, the one that came last sees the other there.
            if let Some(rest) = other.best.get(hop.other) {
                met = Some(met.map_or(total + rest, |known| known.min(total + rest)));
            }
        }
        met
    }
}
