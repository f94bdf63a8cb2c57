//! `config_versions.json`.

use std::fmt::Debug;

use persist_core::format::schema;
use persist_core::migrate::{Complement, Laid, MigrationGraph};
use persist_core::{Document, Draft, Format, Manifest};

/// A graph or an error; its schemas judge a document, and its migrations run, there and back, or are refused.
pub fn manifest(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(manifest) = Manifest::parse(text) else {
        return;
    };
    assert_eq!(
        Manifest::parse(&manifest.to_json()).expect("its own text"),
        manifest
    );
    let text =
        b"schema_version = \"1.0.0\"\ntheme = \"dark\" # mine\n[window]\nsize = [1, \"2\"]\n";
    let document = Document::parse(text, Format::Toml).expect("a document");
    for version in &manifest.versions {
        if let Some(schema) = manifest.schema_for(&version.version) {
            let _violations = schema::check(&document, schema);
        }
    }
    let json: serde_json::Value = document.value().to_json();
    there_and_back(&manifest.graph().expect("as parsed"), &json, Clone::clone);
    there_and_back(
        &manifest.graph().expect("as parsed"),
        &Draft::new(document),
        |draft| draft.value().clone(),
    );
}

/// Along the routes between the first versions.
fn there_and_back<D: Laid, V: PartialEq + Debug>(
    graph: &MigrationGraph<D>,
    document: &D,
    value: impl Fn(&D) -> V,
) {
    let versions: Vec<_> = graph
        .versions()
        .map(|(version, _)| version)
        .take(4)
        .collect();
    for (from, to) in versions
        .iter()
        .flat_map(|from| versions.iter().map(move |to| (from, to)))
    {
        let (Ok(there), Ok(back)) = (graph.plan(from, to), graph.plan(to, from)) else {
            continue;
        };
        let (mut migrated, mut complement) = (document.clone(), Complement::empty());
        let Ok(report) = graph.run(&there, &mut migrated, &mut complement) else {
            continue;
        };
        if graph.run(&back, &mut migrated, &mut complement).is_ok() && report.reversible {
            assert_eq!(value(&migrated), value(document), "{from} to {to} and back");
        }
    }
}
