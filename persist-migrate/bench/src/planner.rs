//! Plans on 1,000 versions.

use std::time::Duration;

use persist_migrate::{Edge, MigrationGraph};

use crate::{best, promise, version};

const VERSIONS: u64 = 1_000;

/// A chain, and direct edges beside it.
fn graph(shortcut: impl Fn(u64) -> Option<u64>) -> MigrationGraph<()> {
    let mut graph = MigrationGraph::new();
    for n in 0..VERSIONS - 1 {
        let direct = shortcut(n).filter(|to| *to < VERSIONS && *to > n + 1);
        for to in std::iter::once(n + 1).chain(direct) {
            let edge = Edge::new(version(n), version(to)).down(|()| Ok(()));
            graph.add_edge(edge).expect("one edge each");
        }
    }
    graph
}

/// How many steps, and how long it takes to plan them.
fn time(graph: &MigrationGraph<()>, from: u64, to: u64) -> (usize, Duration) {
    let (from, to) = (version(from), version(to));
    let steps = graph.plan(&from, &to).expect("a chain").steps().len();
    (steps, best(201, || (), |()| graph.plan(&from, &to)))
}

pub(crate) fn promise_kept() -> bool {
    let chain = graph(|_| None);
    // A direct edge from time to time, as projects add them.
    let shortcuts =
        graph(|n| (n % 7 == 0).then(|| n + 2 + (n.wrapping_mul(2_654_435_761) >> 7) % 600));
    let last = VERSIONS - 1;
    let routes = [
        ("chain, first to last", time(&chain, 0, last)),
        ("chain, last to first", time(&chain, last, 0)),
        ("with shortcuts, first to last", time(&shortcuts, 0, last)),
        ("with shortcuts, last to first", time(&shortcuts, last, 0)),
        ("with shortcuts, near", time(&shortcuts, 500, 510)),
    ];
    for (what, (steps, time)) in &routes {
        println!("      {what}: {steps} steps planned in {time:.2?}");
    }
    let worst = routes.iter().map(|(_, (_, time))| *time).max();
    let worst = worst.unwrap_or_default();
    promise(
        "a plan on 1,000 versions in under 1 ms",
        worst < Duration::from_millis(1),
        &format!("{worst:.2?} at worst"),
    )
}
