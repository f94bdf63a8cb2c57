use std::collections::BTreeMap;

use persist_migrate::{Edge, MigrationGraph, Plan, PlanError, Version};
use proptest::prelude::*;

use crate::v;

type Graph = MigrationGraph<()>;

fn edge(from: &str, to: &str) -> Edge<()> {
    Edge::new(v(from), v(to)).describe(format!("step {from} {to}"))
}

fn graph(edges: impl IntoIterator<Item = Edge<()>>) -> Graph {
    let mut graph = Graph::new();
    for edge in edges {
        graph.add_edge(edge).expect("no edge twice");
    }
    graph
}

fn route(plan: &Plan) -> String {
    plan.steps()
        .iter()
        .fold(plan.from.to_string(), |text, step| {
            format!("{text} {}", step.to)
        })
}

fn up(graph: &Graph, from: &str, to: &str) -> String {
    route(&graph.plan(&v(from), &v(to)).expect("a route"))
}

#[test]
fn direct_goes_before_chain_unless_it_is_dearer_or_loses_more() {
    let chain = || vec![edge("1.0.0", "1.1.0"), edge("1.1.0", "1.2.0")];
    let with = |direct: Edge<()>| graph(chain().into_iter().chain([direct]));
    assert_eq!(
        up(&with(edge("1.0.0", "1.2.0")), "1.0.0", "1.2.0"),
        "1.0.0 1.2.0"
    );
    assert_eq!(
        up(&with(edge("1.0.0", "1.2.0").cost(2)), "1.0.0", "1.2.0"),
        "1.0.0 1.2.0"
    );
    assert_eq!(
        up(&with(edge("1.0.0", "1.2.0").cost(3)), "1.0.0", "1.2.0"),
        "1.0.0 1.1.0 1.2.0"
    );
    assert_eq!(
        up(&with(edge("1.0.0", "1.2.0").lossy_up()), "1.0.0", "1.2.0"),
        "1.0.0 1.1.0 1.2.0"
    );
}

#[test]
fn ties_go_to_smaller_versions_and_are_reported() {
    let diamond = [
        edge("1.0.0", "1.2.0"),
        edge("1.0.0", "1.1.0"),
        edge("1.2.0", "2.0.0"),
        edge("1.1.0", "2.0.0"),
    ];
    let graph = graph(diamond);
    let plan = graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap();
    insta::assert_snapshot!(plan, @r"
    1.0.0 to 2.0.0: 2 steps
      1. 1.0.0 to 1.1.0: step 1.0.0 1.1.0
      2. 1.1.0 to 2.0.0: step 1.1.0 2.0.0
      another route is equally good; this one was chosen because its versions are lower
    ");
    assert!(plan.ambiguous);
}

#[test]
fn nothing_to_do_is_a_plan() {
    let graph = graph([edge("1.0.0", "1.1.0")]);
    let plan = graph.plan(&v("1.1.0"), &v("1.1.0")).unwrap();
    assert!(plan.is_empty());
    insta::assert_snapshot!(plan, @"already at 1.1.0, nothing to do");
}

#[test]
fn missing_routes_are_told_apart() {
    let mut graph = graph([
        edge("1.0.0", "1.1.0"),
        edge("1.1.0", "1.2.0").down(|()| Ok(())),
    ]);
    graph.add_version(v("3.0.0"), Default::default());
    let fails = |from: &str, to: &str| graph.plan(&v(from), &v(to)).unwrap_err();
    insta::assert_snapshot!(fails("1.1.5", "1.2.0"), @"schema version 1.1.5 is unknown; the nearest known one is 1.1.0");
    insta::assert_snapshot!(fails("1.0.0", "0.1.0"), @"schema version 0.1.0 is unknown; the nearest known one is 1.0.0");
    insta::assert_snapshot!(fails("1.0.0", "3.0.0"), @"no migration leads from 1.0.0 to 3.0.0");
    insta::assert_snapshot!(fails("1.2.0", "1.0.0"), @"no migration leads from 1.2.0 to 1.0.0: the step from 1.0.0 to 1.1.0 has no way back; restore a snapshot instead");
    assert!(matches!(
        fails("1.2.0", "1.0.0"),
        PlanError::NoWayBack { .. }
    ));
    insta::assert_snapshot!(Graph::new().plan(&v("1.0.0"), &v("1.0.0")).unwrap_err(), @"schema version 1.0.0 is unknown");
}

/// What an edge costs in one direction: lossy steps, cost, steps.
type Weight = (u32, u64, u32);

#[derive(Clone, Debug)]
struct Arrow {
    from: u64,
    to: u64,
    cost: u32,
    lossy: bool,
    back: Option<bool>,
}

fn small(n: u64) -> Version {
    Version::new(1, n, 0)
}

fn arrows() -> impl Strategy<Value = Vec<Arrow>> {
    let arrow = (
        0..6u64,
        0..6u64,
        0..4u32,
        any::<bool>(),
        any::<Option<bool>>(),
    );
    let arrow = arrow.prop_map(|(from, to, cost, lossy, back)| Arrow {
        from,
        to,
        cost,
        lossy,
        back,
    });
    prop::collection::vec(arrow, 0..14)
}

/// Every route without a version twice, by its weight and its versions.
fn all_routes(
    arcs: &BTreeMap<u64, Vec<(u64, Weight)>>,
    from: u64,
    to: u64,
) -> Vec<(Weight, Vec<u64>)> {
    let mut found = Vec::new();
    let mut open = vec![((0, 0, 0), vec![from])];
    while let Some((weight, route)) = open.pop() {
        let here = *route.last().expect("starts with one version");
        if here == to {
            found.push((weight, route));
            continue;
        }
        for &(next, step) in arcs
            .get(&here)
            .into_iter()
            .flatten()
            .filter(|(next, _)| !route.contains(next))
        {
            let total = (weight.0 + step.0, weight.1 + step.1, weight.2 + step.2);
            open.push((total, [route.as_slice(), &[next]].concat()));
        }
    }
    found.sort();
    found
}

proptest! {
    #![proptest_config(crate::cases(1_000))]

    #[test]
    fn the_plan_is_the_best_of_all_routes(arrows in arrows(), from in 0..6u64, to in 0..6u64) {
        let mut graph = Graph::new();
        let mut arcs: BTreeMap<u64, Vec<(u64, Weight)>> = BTreeMap::new();
        (0..6).for_each(|n| { graph.add_version(small(n), Default::default()); });
        for arrow in arrows {
            let mut edge = Edge::new(small(arrow.from), small(arrow.to)).cost(arrow.cost);
            if arrow.lossy { edge = edge.lossy_up(); }
            if let Some(lossy) = arrow.back {
                edge = edge.down(|()| Ok(()));
                if lossy { edge = edge.lossy_down(); }
            }
            if graph.add_edge(edge).is_err() { continue; }
            let weight = |lossy| (u32::from(lossy), u64::from(arrow.cost), 1);
            arcs.entry(arrow.from).or_default().push((arrow.to, weight(arrow.lossy)));
            if let Some(lossy) = arrow.back {
                arcs.entry(arrow.to).or_default().push((arrow.from, weight(lossy)));
            }
        }
        let all = all_routes(&arcs, from, to);
        match (graph.plan(&small(from), &small(to)), all.first()) {
            (Ok(plan), Some((weight, route))) => {
                let planned: Vec<u64> = std::iter::once(from).chain(plan.steps().iter().map(|step| step.to.minor)).collect();
                prop_assert_eq!(&planned, route);
                let lossy = plan.steps().iter().filter(|step| step.lossy).count();
                prop_assert_eq!((lossy, plan.cost), (weight.0 as usize, weight.1));
                let as_good = all.iter().filter(|(other, _)| other == weight).count();
                prop_assert_eq!(plan.ambiguous, as_good > 1);
            }
            (Err(PlanError::Unreachable { .. } | PlanError::NoWayBack { .. }), None) => {}
            (plan, route) => prop_assert!(false, "planned {:?}, brute force {:?}", plan, route),
        }
    }
}
