//! `cargo run --release --manifest-path persist-migrate/bench/Cargo.toml`
//!
//! Prints the best of many rounds, so that what else the machine does counts little. Exits with 1 if a figure that the project promises is missed.

#![recursion_limit = "256"]

mod peer;
mod planner;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use persist_migrate::{Complement, Edge, Lens, MigrationGraph, Version};
use serde_json::{Value, json};

/// The shortest of `rounds` calls. What `prepare` does is not measured.
fn best<T, R>(
    rounds: usize,
    mut prepare: impl FnMut() -> T,
    mut work: impl FnMut(T) -> R,
) -> Duration {
    let times = (0..rounds).map(|_| {
        let input = prepare();
        let start = Instant::now();
        let result = work(input);
        let time = start.elapsed();
        drop(result);
        time
    });
    times.min().unwrap_or_default()
}

/// Settings of about 100 KB: a list of entries with a few fields each.
fn document() -> Value {
    let entry = |n: u64| json!({ "id": n, "name": format!("entry number {n}"), "on": n % 2 == 0, "weight": n as f64 / 4.0 });
    json!({ "step_0": 1, "body": (0..1450).map(entry).collect::<Vec<_>>() })
}

fn version(n: u64) -> Version {
    Version::new(1, n, 0)
}

/// A chain of `steps` renames, `step_0` to `step_1` and so on: what the peer's structs do as well.
fn chain(steps: u64) -> MigrationGraph<Value> {
    let mut graph = MigrationGraph::new();
    for n in 0..steps {
        let path = format!("/step_{n}").parse().expect("a path");
        let lens = Lens::Rename {
            path,
            to: format!("step_{}", n + 1),
        };
        graph
            .add_edge(Edge::lenses(version(n), version(n + 1), vec![lens]).expect("valid"))
            .expect("one edge each");
    }
    graph
}

fn run(graph: &MigrationGraph<Value>, steps: u64, mut document: Value) -> (Value, Complement) {
    let plan = graph.plan(&version(0), &version(steps)).expect("a chain");
    let mut complement = Complement::empty();
    graph
        .run(&plan, &mut document, &mut complement)
        .expect("renames");
    (document, complement)
}

/// One promise: prints the figure, and whether it is kept.
fn promise(what: &str, kept: bool, figures: &str) -> bool {
    println!("{}  {what}: {figures}", if kept { "ok  " } else { "MISS" });
    kept
}

fn against_peer() -> bool {
    let document = document();
    let text = document.to_string();
    let (graph, migrator) = (chain(100), peer::migrator());
    let (result, _) = run(&graph, 100, document.clone());
    assert_eq!(
        peer::Domain::read(&result),
        peer::load(&migrator, &document),
        "both do the same"
    );

    let ours = best(
        41,
        || document.clone(),
        |document| run(&graph, 100, document),
    );
    let theirs = best(
        11,
        || document.clone(),
        |document| peer::load(&migrator, &document),
    );
    let ours_whole = best(
        41,
        || (),
        |()| peer::Domain::read(&run(&graph, 100, serde_json::from_str(&text).expect("JSON")).0),
    );
    let theirs_whole = best(11, || (), |()| peer::load_text(&migrator, &text));
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    let whole = theirs_whole.as_secs_f64() / ours_whole.as_secs_f64();
    println!(
        "      document of {} KB; text to struct: persist {ours_whole:.2?}, version-migrate {theirs_whole:.2?}, {whole:.0} times",
        text.len() / 1000
    );
    promise(
        "100 steps, at least 100 times version-migrate",
        ratio >= 100.0,
        &format!("persist {ours:.2?}, version-migrate {theirs:.2?}, {ratio:.0} times"),
    )
}

fn rollback_data() -> bool {
    let (document, graph) = (document(), chain(1000));
    let plan = graph.plan(&version(0), &version(1000)).expect("a chain");
    // A copy has to be thrown away too.
    let clone = best(41, || (), |()| drop(document.clone()));
    let bare = best(
        41,
        || document.clone(),
        |mut document| graph.apply(&plan, &mut document).map(|_| document),
    );
    let kept = best(
        41,
        || document.clone(),
        |mut document| {
            graph
                .run(&plan, &mut document, &mut Complement::empty())
                .map(|_| document)
        },
    );
    println!(
        "      1,000 steps without rollback data {bare:.2?}, with it {kept:.2?}; one clone {clone:.2?}"
    );
    // The steps back are part of it: taken off here, since the promise is about copies.
    let copies = kept.saturating_sub(2 * bare).as_secs_f64() / clone.as_secs_f64();
    promise(
        "1,000 steps with rollback data, at most 3 clones beyond the steps there and back",
        copies <= 3.0,
        &format!("{copies:.1}"),
    )
}

fn main() -> ExitCode {
    // One part alone, by its name.
    let wanted = std::env::args().nth(1);
    let parts: [(&str, fn() -> bool); 3] = [
        ("planner", planner::promise_kept),
        ("peer", against_peer),
        ("rollback", rollback_data),
    ];
    let chosen = parts
        .iter()
        .filter(|(name, _)| wanted.as_deref().is_none_or(|wanted| wanted == *name));
    let kept: Vec<bool> = chosen.map(|(_, part)| part()).collect();
    if kept.iter().all(|kept| *kept) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
