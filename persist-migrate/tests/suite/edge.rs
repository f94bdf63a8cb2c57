use persist_migrate::{Complement, Edge, MigrationGraph};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::v;

#[derive(Serialize, Deserialize)]
struct Old {
    #[serde(default = "one")]
    zoom: u32,
    servers: Vec<OldServer>,
}
#[derive(Serialize, Deserialize)]
struct OldServer {
    addr: String,
}
#[derive(Serialize, Deserialize)]
struct New {
    #[serde(default = "one")]
    zoom: u32,
    servers: Vec<NewServer>,
}
#[derive(Serialize, Deserialize)]
struct NewServer {
    address: String,
    port: u16,
}

fn one() -> u32 {
    1
}

impl From<Old> for New {
    fn from(old: Old) -> Self {
        let server = |OldServer { addr }| NewServer {
            address: addr,
            port: 80,
        };
        Self {
            zoom: old.zoom,
            servers: old.servers.into_iter().map(server).collect(),
        }
    }
}
impl From<New> for Old {
    fn from(new: New) -> Self {
        let server = |NewServer { address, .. }| OldServer { addr: address };
        Self {
            zoom: new.zoom,
            servers: new.servers.into_iter().map(server).collect(),
        }
    }
}

#[test]
fn typed_edges_leave_alone_what_no_struct_knows() {
    let mut graph = MigrationGraph::new();
    graph
        .add_edge(Edge::typed::<Old, New>(v("1.0.0"), v("2.0.0")).typed_down::<New, Old>())
        .unwrap();
    let (up, down) = (
        graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap(),
        graph.plan(&v("2.0.0"), &v("1.0.0")).unwrap(),
    );
    let start = json!({"servers": [{"addr": "a", "note": "mine"}, {"addr": "b"}], "x": 1});
    let (mut document, mut complement) = (start.clone(), Complement::empty());
    graph.run(&up, &mut document, &mut complement).unwrap();
    // `zoom` was missing, so its default is not written.
    assert_eq!(
        document,
        json!({"servers": [{"address": "a", "port": 80, "note": "mine"}, {"address": "b", "port": 80}], "x": 1})
    );
    document["servers"][1]["port"] = json!(81);
    let at_two = document.clone();
    graph.run(&down, &mut document, &mut complement).unwrap();
    assert_eq!(document, start);
    graph.run(&up, &mut document, &mut complement).unwrap();
    assert_eq!(document, at_two);
}

#[test]
fn typed_edges_name_the_field_that_does_not_fit() {
    let mut graph = MigrationGraph::new();
    graph
        .add_edge(Edge::typed::<Old, New>(v("1.0.0"), v("2.0.0")).describe("ports"))
        .unwrap();
    let up = graph.plan(&v("1.0.0"), &v("2.0.0")).unwrap();
    let mut document = json!({"servers": [{"addr": 7}]});
    let error = graph
        .run(&up, &mut document, &mut Complement::empty())
        .unwrap_err();
    insta::assert_snapshot!(error, @"migration step 1 (1.0.0 to 2.0.0: ports) failed");
    insta::assert_snapshot!(std::error::Error::source(&error).unwrap(), @"servers[0].addr: invalid type: integer `7`, expected a string");
    assert_eq!(document, json!({"servers": [{"addr": 7}]}));
}

#[test]
fn documents_of_any_type_migrate_by_code() {
    let mut graph: MigrationGraph<Vec<u8>> = MigrationGraph::new();
    graph
        .add_edge(Edge::new(v("1.0.0"), v("2.0.0")).up(|bytes: &mut Vec<u8>| {
            bytes.push(2);
            Ok(())
        }))
        .unwrap();
    graph
        .add_edge(Edge::new(v("2.0.0"), v("3.0.0")).up(|bytes: &mut Vec<u8>| {
            bytes.push(3);
            Ok(())
        }))
        .unwrap();
    let plan = graph.plan(&v("1.0.0"), &v("3.0.0")).unwrap();
    let mut bytes = vec![1];
    assert_eq!(graph.apply(&plan, &mut bytes).unwrap().len(), 2);
    assert_eq!(bytes, [1, 2, 3]);
}
