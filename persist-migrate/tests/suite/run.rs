use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};

use persist_migrate::{Complement, Edge, Laid, MigrationGraph, Path, Tree, TreeError, Version};
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
    insta::assert_snapshot!(chain(&error), @"migration step 2 (1.1.0 to 1.2.0: b as a number) failed: lens 1, `convert`: at `/b`: a string can't be converted to an integer; give the lens an `otherwise` or correct the file");
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

/// A document that counts how often all of it is copied.
#[derive(Debug)]
struct Counted(Value);

static COPIES: AtomicU32 = AtomicU32::new(0);

impl Clone for Counted {
    fn clone(&self) -> Self {
        COPIES.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl Laid for Counted {}

impl Tree for Counted {
    type Node = Value;
    fn get(&self, path: &Path) -> Option<Value> {
        if path.is_root() {
            COPIES.fetch_add(1, Ordering::Relaxed);
        }
        Tree::get(&self.0, path)
    }
    fn set(&mut self, path: &Path, node: Value) -> Result<(), TreeError> {
        self.0.set(path, node)
    }
    fn remove(&mut self, path: &Path) -> Result<Option<Value>, TreeError> {
        self.0.remove(path)
    }
    fn rename(&mut self, path: &Path, key: &str) -> Result<(), TreeError> {
        self.0.rename(path, key)
    }
    fn move_to(&mut self, from: &Path, to: &Path) -> Result<(), TreeError> {
        self.0.move_to(from, to)
    }
    fn keys(&self, path: &Path) -> Option<Vec<String>> {
        self.0.keys(path)
    }
    fn len(&self, path: &Path) -> Option<usize> {
        self.0.len(path)
    }
    fn to_json(node: &Value) -> Value {
        node.clone()
    }
    fn from_json(json: &Value) -> Value {
        json.clone()
    }
    fn view(&self, path: &Path) -> Option<Cow<'_, Value>> {
        self.0.view(path)
    }
}

#[test]
fn a_thousand_steps_copy_the_document_at_most_three_times() {
    let mut graph: MigrationGraph<Counted> = MigrationGraph::new();
    for n in 0..1000 {
        let lens = json!({"map": {"path": "/counter", "table": [[n, n + 1]]}});
        let lenses = vec![serde_json::from_value(lens).unwrap()];
        let (from, to) = (Version::new(1, n, 0), Version::new(1, n + 1, 0));
        graph
            .add_edge(Edge::lenses(from, to, lenses).unwrap())
            .unwrap();
    }
    let plan = graph.plan(&v("1.0.0"), &v("1.1000.0")).unwrap();
    let back = graph.plan(&v("1.1000.0"), &v("1.0.0")).unwrap();
    let mut document = Counted(json!({"counter": 0, "body": ["large"]}));
    let mut complement = Complement::empty();
    for (route, expected) in [(&plan, 1000), (&back, 0), (&plan, 1000)] {
        COPIES.store(0, Ordering::Relaxed);
        graph.run(route, &mut document, &mut complement).unwrap();
        assert_eq!(document.0["counter"], json!(expected));
        assert!(COPIES.load(Ordering::Relaxed) <= 3);
    }
}

#[test]
fn an_edge_that_nobody_has_described_is_named_by_its_versions_once() {
    let mut graph = MigrationGraph::new();
    let convert = json!([{"convert": {"path": "/b", "from": "string", "to": "integer"}}]);
    graph.add_edge(lenses("1.0.0", "1.1.0", convert)).unwrap();
    let up = graph.plan(&v("1.0.0"), &v("1.1.0")).unwrap();
    insta::assert_snapshot!(up, @r"
    1.0.0 to 1.1.0: 1 step
      1. 1.0.0 to 1.1.0 (dropped values are saved)
    ");
    let down = graph.plan(&v("1.1.0"), &v("1.0.0")).unwrap();
    insta::assert_snapshot!(down, @r"
    1.1.0 to 1.0.0: 1 step
      1. 1.1.0 to 1.0.0
    ");
    let error = graph
        .run(&up, &mut json!({"b": "many"}), &mut Complement::empty())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "migration step 1 (1.0.0 to 1.1.0) failed"
    );
}
