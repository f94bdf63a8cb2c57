//! Plans on 100,000 versions.

use std::time::Duration;

use persist_migrate::{Edge, MigrationGraph, Version};

use crate::{best, promise, version};

const VERSIONS: u64 = 100_000;

fn graph(shortcut: impl Fn(u64) -> Option<u64>) -> MigrationGraph<()> {
    let mut graph = MigrationGraph::new();
    for n in 0..VERSIONS - 1 {
        let mut add = |to: u64| {
            drop(
                graph.add_edge(
                    Edge::new(version(n), version(to))
                        .down(|()| Ok(()))
                        .describe("step"),
                ),
            )
        };
        add(n + 1);
        shortcut(n)
            .filter(|to| *to < VERSIONS && *to > n + 1)
            .into_iter()
            .for_each(&mut add);
    }
    graph
}

/// How many steps, and how long it takes to plan them.
fn time(graph: &MigrationGraph<()>, from: u64, to: u64) -> (usize, Duration) {
    let (from, to): (Version, Version) = (version(from), version(to));
    let steps = graph.plan(&from, &to).expect("a chain").steps().len();
    (steps, best(61, || (), |()| graph.plan(&from, &to)))
}

/// The same on a graph that has just been made and never been asked.
fn first_time(from: u64, to: u64) -> (usize, Duration) {
    let (from, to): (Version, Version) = (version(from), version(to));
    let plan = |graph: MigrationGraph<()>| (graph.plan(&from, &to), graph);
    let steps = plan(graph(|_| None)).0.expect("a chain").steps().len();
    (steps, best(11, || graph(|_| None), plan))
}

pub(crate) fn promise_kept() -> bool {
    let chain = graph(|_| None);
    // A direct edge from time to time, as projects add them, over distances from 2 to 60,000.
    let shortcuts =
        graph(|n| (n % 7 == 0).then(|| n + 2 + (n.wrapping_mul(2_654_435_761) >> 7) % 60_000));
    let last = VERSIONS - 1;
    let routes = [
        ("with shortcuts, first to last", time(&shortcuts, 0, last)),
        ("with shortcuts, last to first", time(&shortcuts, last, 0)),
        ("with shortcuts, near", time(&shortcuts, 50_000, 50_100)),
        ("chain, near", time(&chain, 50_000, 50_100)),
        ("chain, first to last", time(&chain, 0, last)),
        ("chain, last to first", time(&chain, last, 0)),
        ("new chain, first to last", first_time(0, last)),
        ("new chain, near", first_time(50_000, 50_100)),
    ];
    for (what, (steps, time)) in &routes {
        println!("      {what}: {steps} steps planned in {time:.2?}");
    }
    let worst = routes.iter().map(|(_, (_, time))| *time).max();
    let worst = worst.unwrap_or_default();
    promise(
        "a plan on 100,000 versions in under 5 ms",
        worst < Duration::from_millis(5),
        &format!("{worst:.2?} at worst"),
    )
}
