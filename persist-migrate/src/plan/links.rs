//! The edges of a graph as a search walks along them: flat arrays that grow edge by edge, so that no plan has to prepare anything
//! first, and that a chain is read from memory in order.

use super::Direction;
use crate::edge::Edge;

/// Lossy steps (32 bits), cost (64), steps (32), from the most to the least significant: adding and comparing two
/// weights is one instruction each. No part can overflow into the next: an edge's cost has 32 bits, and there are
/// fewer than 2³² edges. Each step adds to the last part, so no cycle is free.
pub(super) type Weight = u128;

pub(super) const fn weight(lossy: u32, cost: u32) -> Weight {
    (lossy as u128) << 96 | (cost as u128) << 32 | 1
}

/// The cost within a weight.
pub(super) const fn cost(weight: Weight) -> u64 {
    (weight >> 32) as u64
}

/// The place of a node or an edge. Half as wide as `usize`: what a search reads is what it takes.
pub(crate) type At = u32;

/// No place at all.
pub(super) const NONE: At = At::MAX;

/// For each node a list of the edges that touch it, in the order they were added, threaded through the edges themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    /// The first and the last edge of each node.
    lists: Vec<[At; 2]>,
    links: Vec<Link>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    /// The nodes it leads from and to.
    ends: [At; 2],
    /// The next edge of either.
    next: [At; 2],
    /// What it weighs up and down; 0 without a way.
    weights: [Weight; 2],
}

/// An edge as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop<'l> {
    /// The other end.
    pub(super) other: At,
    pub(super) edge: At,
    /// The direction of leaving by this edge.
    leaving: Direction,
    link: &'l Link,
}

impl Links {
    pub(crate) fn add_node(&mut self) -> At {
        self.lists.push([NONE; 2]);
        place(self.lists.len() - 1)
    }

    pub(crate) fn add_edge<D>(&mut self, ends: [At; 2], edge: &Edge<D>) {
        let added = place(self.links.len());
        self.links.push(Link {
            ends,
            next: [NONE; 2],
            weights: [Some(&edge.up), edge.down.as_ref()]
                .map(|way| way.map_or(0, |way| weight(way.lossy.into(), edge.cost))),
        });
        for node in ends {
            let [first, last] = self.lists[node as usize];
            if last == NONE {
                self.lists[node as usize] = [added; 2];
                continue;
            }
            let last = &mut self.links[last as usize];
            last.next[usize::from(last.ends[0] != node)] = added;
            self.lists[node as usize] = [first, added];
        }
    }

    /// The number of nodes.
    pub(super) fn nodes(&self) -> usize {
        self.lists.len()
    }

    /// The edges in the order they were added, by the nodes they lead from and to.
    #[cfg(feature = "svg")]
    pub(crate) fn all_ends(&self) -> impl Iterator<Item = [At; 2]> + '_ {
        self.links.iter().map(|link| link.ends)
    }

    /// The nodes that an edge leads from and to.
    pub(crate) fn ends(&self, edge: At) -> [At; 2] {
        self.links[edge as usize].ends
    }

    /// The edges that touch a node, in the order they were added.
    pub(crate) fn touching(&self, node: At) -> impl Iterator<Item = At> + '_ {
        self.hops(node).map(|hop| hop.edge)
    }

    pub(super) fn hops(&self, node: At) -> impl Iterator<Item = Hop<'_>> + '_ {
        let mut next = self.lists[node as usize][0];
        std::iter::from_fn(move || {
            let edge = next;
            let link = self.links.get(edge as usize)?;
            let side = usize::from(link.ends[0] != node);
            next = link.next[side];
            Some(Hop {
                other: link.ends[1 - side],
                edge,
                leaving: [Direction::Up, Direction::Down][side],
                link,
            })
        })
    }
}

/// [`NONE`] is no place, and a route keeps a direction beside an edge.
fn place(at: usize) -> At {
    i32::try_from(at)
        .map(i32::unsigned_abs)
        .expect("2^31 versions or edges don't fit into memory")
}

impl Hop<'_> {
    /// The direction of a route that leaves, or arrives, by this edge.
    pub(super) const fn direction(&self, arriving: bool) -> Direction {
        match (self.leaving, arriving) {
            (Direction::Up, false) | (Direction::Down, true) => Direction::Up,
            (Direction::Up, true) | (Direction::Down, false) => Direction::Down,
        }
    }

    /// What the edge weighs in a direction, if there is such a way.
    pub(super) const fn weight(&self, direction: Direction) -> Option<Weight> {
        let [up, down] = self.link.weights;
        match (direction, down) {
            (Direction::Up, _) => Some(up),
            (Direction::Down, 0) => None,
            (Direction::Down, _) => Some(down),
        }
    }

    /// The same as if there were all ways: one that does not exist counts as a lossy step, and no other does.
    pub(super) const fn weight_if_unblocked(&self, direction: Direction) -> Weight {
        let blocked = self.weight(direction).is_none();
        weight(blocked as u32, cost(self.link.weights[0]) as u32)
    }
}
