//! One half of a search from both ends.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::index::{Index, Weight};
use super::search::Limits;

/// Dijkstra's algorithm from one end.
pub(super) struct Side {
    best: Best,
    queue: BinaryHeap<Reverse<(Weight, usize)>>,
    /// What has been settled, in that order.
    pub(super) settled: Vec<usize>,
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

    pub(super) fn get(&self, node: usize) -> Option<Weight> {
        self.0[node].checked_sub(1)
    }

    pub(super) fn set(&mut self, node: usize, weight: Weight) {
        self.0[node] = weight + 1;
    }
}

impl Side {
    pub(super) fn new(nodes: usize, start: usize, arriving: bool) -> Self {
        let mut best = Best::new(nodes);
        best.set(start, 0);
        Self {
            best,
            queue: BinaryHeap::from([Reverse((0, start))]),
            settled: Vec::new(),
            arriving,
        }
    }

    pub(super) fn weight(&self, node: usize) -> Option<Weight> {
        self.best.get(node)
    }

    pub(super) fn into_best(self) -> Best {
        self.best
    }

    /// The smallest weight that is not settled; all smaller ones are final. `None` when all is settled.
    pub(super) fn frontier(&mut self) -> Option<Weight> {
        while let Some(&Reverse((weight, node))) = self.queue.peek() {
            if self.best.get(node) == Some(weight) {
                return Some(weight);
            }
            // Reached more cheaply since it was put in.
            self.queue.pop();
        }
        None
    }

    /// Settles the next node. Gives the smallest weight of a route that meets the other half there.
    pub(super) fn advance(
        &mut self,
        index: &Index,
        limits: Limits,
        other: &Self,
    ) -> Option<Weight> {
        let Reverse((weight, here)) = self.queue.pop()?;
        self.settled.push(here);
        let mut met: Option<Weight> = None;
        for hop in index.hops(here) {
            let Some(step) = limits.weigh(hop, self.arriving) else {
                continue;
            };
            let total = weight + step;
            if self.best.get(hop.other).is_none_or(|known| total < known) {
                self.best.set(hop.other, total);
                self.queue.push(Reverse((total, hop.other)));
            }
            if let Some(rest) = other.weight(hop.other) {
                met = Some(met.map_or(total + rest, |known| known.min(total + rest)));
            }
        }
        met
    }
}
