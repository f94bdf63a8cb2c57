use persist_migrate::{Complement, Edge, MigrationGraph};
use serde_json::{Value, json};

use crate::v;

fn lenses(from: &str, to: &str, lenses: Value) -> Edge<Value> {
    Edge::lenses(
        v(from),
        v(to),
        serde_json::from_value(lenses).expect("lenses"),
    )
    .expect("valid")
}

#[test]
fn a_failing_step_leaves_document_and_complement_alone() {
    let mut graph = MigrationGraph::new();
    graph
        .add_edge(lenses(
            "1.0.0",
            "1.1.0",
            json!([{"rename": {"path": "/a", "to": "b"}}]),
        ))
        .unwrap();
    graph
        .add_edge(
            lenses(
                "1.1.0",
                "1.2.0",
                json!([{"convert": {"path": "/b", "from": "string", "to": "integer"}}]),
            )
            .describe("b as a number"),
        )
        .unwrap();
    let (mut document, mut complement) = (json!({"a": "many"}), Complement::empty());
    let plan = graph.plan(&v("1.0.0"), &v("1.2.0")).unwrap();
    let error = graph
        .run(&plan, &mut document, &mut complement)
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration step 2 (1.1.0 to 1.2.0: b as a number) failed: at `/b`: a string can't become an integer; give the lens an `otherwise` or correct the file");
    assert_eq!(document, json!({"a": "many"}));
    assert!(complement.is_empty());
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[test]
fn a_plan_of_another_graph_is_refused() {
    let mut one = MigrationGraph::new();
    one.add_edge(lenses("1.0.0", "1.1.0", json!([]))).unwrap();
    let mut other = MigrationGraph::new();
    other.add_edge(lenses("1.0.0", "2.0.0", json!([]))).unwrap();
    let plan = one.plan(&v("1.0.0"), &v("1.1.0")).unwrap();
    let error = other
        .run(&plan, &mut json!({}), &mut Complement::empty())
        .unwrap_err();
    insta::assert_snapshot!(error, @"the plan does not belong to this graph: there is no edge between 1.0.0 and 1.1.0");
}

#[test]
fn a_run_without_a_way_back_says_so() {
    let mut graph = MigrationGraph::new();
    graph
        .add_edge(
            Edge::new(v("1.0.0"), v("2.0.0")).up(|document: &mut Value| {
                document["a"] = json!(1);
                Ok(())
            }),
        )
        .unwrap();
    let (mut document, mut complement) = (json!({}), Complement::empty());
    let report = graph
        .run(
            &graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap(),
            &mut document,
            &mut complement,
        )
        .unwrap();
    assert!(!report.reversible);
    assert!(complement.is_empty());
}

#[test]
fn code_that_loses_something_gets_it_back_on_the_way_back() {
    let mut graph = MigrationGraph::new();
    let seconds = Edge::new(v("1.0.0"), v("2.0.0"))
        .up(|document: &mut Value| {
            document["timeout"] = json!(document["timeout"].as_u64().unwrap_or(0) / 1000);
            Ok(())
        })
        .down(|document: &mut Value| {
            document["timeout"] = json!(document["timeout"].as_u64().unwrap_or(0) * 1000);
            Ok(())
        })
        .lossy_up();
    graph.add_edge(seconds).unwrap();
    let (mut document, mut complement) = (json!({"timeout": 1234}), Complement::empty());
    graph
        .run(
            &graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap(),
            &mut document,
            &mut complement,
        )
        .unwrap();
    assert_eq!(document, json!({"timeout": 1}));
    graph
        .run(
            &graph.plan(&v("2.0.0"), &v("1.0.0")).unwrap(),
            &mut document,
            &mut complement,
        )
        .unwrap();
    assert_eq!(document, json!({"timeout": 1234}));
}
