//! Random documents of the shipped versions, random routes with edits at each stop: nothing is lost.

use std::collections::BTreeMap;

use persist_migrate::{Complement, Path, Tree};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::v;

const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "1.2.0"];

/// Each field of the sample, and the first version that has it.
const FIELDS: [(&str, usize); 13] = [
    ("/theme", 0),
    ("/language", 0),
    ("/window/width", 0),
    ("/window/height", 0),
    ("/editor/font_size", 0),
    ("/editor/recent", 0),
    ("/performance/monitoring", 1),
    ("/performance/sample_interval_ms", 1),
    ("/cache/max_size_mb", 1),
    ("/cache/of_a_plugin", 1),
    ("/security/api_key", 2),
    ("/security/session_timeout_minutes", 2),
    ("/encryption/algorithm", 2),
];

fn path(text: &str) -> Path {
    text.parse().expect("a path")
}

/// One stop: where to go, and what to set there. The numbers choose among what that version has.
#[derive(Clone, Debug)]
struct Stop {
    version: usize,
    edits: Vec<(usize, Option<u8>)>,
}

fn stops() -> impl Strategy<Value = Vec<Stop>> {
    let edits = prop::collection::vec(
        (0..FIELDS.len(), prop::option::weighted(0.9, any::<u8>())),
        0..4,
    );
    let stop = (0..VERSIONS.len(), edits).prop_map(|(version, edits)| Stop { version, edits });
    prop::collection::vec(stop, 1..7)
}

/// Sets or removes fields, in the document and in the record of what a person has last said of each.
fn edit(document: &mut Value, said: &mut BTreeMap<&'static str, Option<Value>>, stop: &Stop) {
    for &(field, value) in &stop.edits {
        let (name, since) = FIELDS[field];
        let section = path(name).parent().expect("no field is the root");
        if since > stop.version || !document.contains(&section) {
            continue;
        }
        let value = value.map(|n| json!(n));
        match &value {
            Some(value) => document
                .set(&path(name), value.clone())
                .expect("the section is there"),
            None => drop(document.remove(&path(name)).expect("no root")),
        }
        said.insert(name, value);
    }
}

proptest! {
    #![proptest_config(crate::cases(1_000))]

    #[test]
    fn nothing_is_lost(stops in stops()) {
        let graph = crate::sample::graph();
        let mut document = json!({ "window": {}, "editor": {}, "mine": { "k": 1 } });
        let mut said: BTreeMap<&'static str, Option<Value>> = BTreeMap::new();
        let (mut complement, mut at) = (Complement::empty(), 0);
        for stop in &stops {
            let plan = graph.plan(&v(VERSIONS[at]), &v(VERSIONS[stop.version])).unwrap();
            let report = graph.run(&plan, &mut document, &mut complement).unwrap();
            prop_assert!(report.reversible);
            at = stop.version;
            for (name, value) in &said {
                let since = FIELDS.iter().find(|(field, _)| field == name).map_or(0, |(_, since)| *since);
                let expected = value.clone().filter(|_| since <= at);
                prop_assert_eq!(Tree::get(&document, &path(name)), expected, "{} at {}", name, VERSIONS[at]);
            }
            edit(&mut document, &mut said, stop);
        }
        prop_assert_eq!(&document["mine"], &json!({ "k": 1 }));
    }
}
