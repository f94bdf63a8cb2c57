//! What must hold for any document, any lenses and any route.

mod random;
mod time_travel;

use std::collections::BTreeMap;

use persist_migrate::{Complement, Edge, MigrationGraph};
use proptest::prelude::*;
use serde_json::Value;

use self::random::{document, edit, lenses};
use crate::v;

fn graph(edges: Vec<Vec<persist_migrate::Lens>>) -> MigrationGraph<Value> {
    let mut graph = MigrationGraph::new();
    for (n, lenses) in (0..).zip(edges) {
        let (from, to) = (
            persist_migrate::Version::new(1, n, 0),
            persist_migrate::Version::new(1, n + 1, 0),
        );
        graph
            .add_edge(Edge::lenses(from, to, lenses).expect("valid lenses"))
            .expect("a chain");
    }
    graph
}

/// Runs to `to`, the complement going through its stored form; `None` if that is not possible and back again.
fn go(
    graph: &MigrationGraph<Value>,
    document: &mut Value,
    complement: &mut Complement,
    from: &str,
    to: &str,
) -> Option<()> {
    let plan = graph
        .plan(&v(from), &v(to))
        .expect("a chain with ways back");
    let report = graph.run(&plan, document, complement).ok()?;
    let stored = serde_json::to_string(complement).expect("stored");
    assert_eq!(
        serde_json::from_str::<Complement>(&stored).expect("read"),
        *complement
    );
    report.reversible.then_some(())
}

proptest! {
    #![proptest_config(crate::cases(300))]

    /// Get-put: without an edit the way back gives the same document again, whatever the lenses drop.
    #[test]
    fn there_and_back_is_the_same(document in document(), lenses in lenses()) {
        let graph = graph(vec![lenses]);
        let (mut here, mut complement) = (document.clone(), Complement::empty());
        if go(&graph, &mut here, &mut complement, "1.0.0", "1.1.0").is_some() {
            let there = here.clone();
            if go(&graph, &mut here, &mut complement, "1.1.0", "1.0.0").is_some() {
                prop_assert_eq!(&here, &document);
                go(&graph, &mut here, &mut complement, "1.0.0", "1.1.0");
                prop_assert_eq!(here, there);
            }
        }
    }

    /// Put-get: an edit made at a version is still there after a visit to another one.
    #[test]
    fn edits_survive_a_visit(document in document(), lenses in lenses(), edit in edit()) {
        let graph = graph(vec![lenses]);
        let (mut here, mut complement) = (document, Complement::empty());
        if go(&graph, &mut here, &mut complement, "1.0.0", "1.1.0").is_some() {
            edit.apply(&mut here);
            let edited = here.clone();
            if go(&graph, &mut here, &mut complement, "1.1.0", "1.0.0").is_some()
                && go(&graph, &mut here, &mut complement, "1.0.0", "1.1.0").is_some()
            {
                prop_assert_eq!(here, edited);
            }
        }
    }

    /// The same over two edges with a stop, and back in one go.
    #[test]
    fn a_stop_on_the_way_loses_nothing(document in document(), first in lenses(), second in lenses()) {
        let graph = graph(vec![first, second]);
        let (mut here, mut complement) = (document.clone(), Complement::empty());
        let there = go(&graph, &mut here, &mut complement, "1.0.0", "1.1.0")
            .and_then(|()| go(&graph, &mut here, &mut complement, "1.1.0", "1.2.0"));
        if there.is_some() && go(&graph, &mut here, &mut complement, "1.2.0", "1.0.0").is_some() {
            prop_assert_eq!(here, document);
        }
    }

    /// Without edits each version is found again as it was left, on any route, direct edges among them.
    #[test]
    fn wandering_changes_nothing(
        document in document(), first in lenses(), second in lenses(), stops in prop::collection::vec(0usize..3, 1..7),
    ) {
        let direct = [first.as_slice(), second.as_slice()].concat();
        let mut graph = graph(vec![first, second]);
        graph.add_edge(Edge::lenses(v("1.0.0"), v("1.2.0"), direct).unwrap()).unwrap();
        let names = ["1.0.0", "1.1.0", "1.2.0"];
        let (mut here, mut complement, mut at) = (document.clone(), Complement::empty(), 0);
        let mut left = BTreeMap::from([(0, document)]);
        for stop in stops {
            if go(&graph, &mut here, &mut complement, names[at], names[stop]).is_none() {
                break;
            }
            at = stop;
            prop_assert_eq!(left.entry(at).or_insert_with(|| here.clone()), &here, "at {}", names[at]);
        }
    }

    /// A failing run changes nothing; no run panics.
    #[test]
    fn a_failed_run_changes_nothing(document in document(), lenses in lenses()) {
        let graph = graph(vec![lenses]);
        let (mut here, mut complement) = (document.clone(), Complement::empty());
        let plan = graph.plan(&v("1.0.0"), &v("1.1.0")).unwrap();
        if graph.run(&plan, &mut here, &mut complement).is_err() {
            prop_assert_eq!(here, document);
            prop_assert!(complement.is_empty());
        }
    }
}

#[test]
fn most_random_runs_are_real() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut changed, mut came_back) = (0, 0);
    for _ in 0..300 {
        let (document, lenses) = (document(), lenses())
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let graph = graph(vec![lenses]);
        let (mut here, mut complement) = (document.clone(), Complement::empty());
        let went = go(&graph, &mut here, &mut complement, "1.0.0", "1.1.0");
        changed += u32::from(here != document);
        came_back += u32::from(
            went.is_some() && go(&graph, &mut here, &mut complement, "1.1.0", "1.0.0").is_some(),
        );
    }
    assert!(
        changed > 60 && came_back > 200,
        "the laws are tried on too little: {changed} {came_back}"
    );
}
