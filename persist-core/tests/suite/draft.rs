//! How often a migration reads texts: by the events that persist-format tells of its work.

use persist_core::migrate::{Complement, Edge, Lens, Path, Stamp, Type};
use persist_core::{Document, Draft, Format, MigrationGraph, StoredValue, Value, Version};

use crate::counts;

/// Readings by our parser and by the second one while `work` is done on this thread.
fn counted<T>(work: impl FnOnce() -> T) -> (T, [usize; 2]) {
    let (done, [parse, check, _]) = counts::counted(work);
    (done, [parse, check])
}

/// About 100 KB: 250 tables of ten entries, with comments where there are any.
fn large(format: Format) -> String {
    let value = |t: usize, e: usize| format!("\"{}\"", t * 1000 + e);
    match format {
        Format::Json | Format::Jsonc => {
            let table = |t: usize| {
                let entry = |e: usize| format!("    \"entry_{e}_of_{t}\": {}", value(t, e));
                let entries: Vec<String> = (0..10).map(entry).collect();
                format!("  \"t{t}\": {{\n{}\n  }}", entries.join(",\n"))
            };
            let tables: Vec<String> = (0..250).map(table).collect();
            format!(
                "{{\n  \"schema_version\": \"1.0.0\",\n{}\n}}\n",
                tables.join(",\n")
            )
        }
        Format::Toml => {
            let table = |t: usize| {
                let entry = |e: usize| format!("entry_{e}_of_{t} = {} # beside\n", value(t, e));
                let entries: String = (0..10).map(entry).collect();
                format!("# about {t}\n[t{t}]\n{entries}")
            };
            let tables: String = (0..250).map(table).collect();
            format!("schema_version = \"1.0.0\"\n{tables}")
        }
        Format::Yaml => {
            let table = |t: usize| {
                let entry = |e: usize| format!("  entry_{e}_of_{t}: {} # beside\n", value(t, e));
                let entries: String = (0..10).map(entry).collect();
                format!("# about {t}\nt{t}:\n{entries}")
            };
            let tables: String = (0..250).map(table).collect();
            format!("schema_version: \"1.0.0\"\n{tables}")
        }
    }
}

fn v(text: &str) -> Version {
    text.parse().expect("a version")
}

/// 1.0.0 to 2.0.0 by a hundred lenses of every kind.
fn graph() -> MigrationGraph<Draft> {
    let at = |text: String| text.parse::<Path>().expect("a path");
    let lenses = (0..20).flat_map(|t| {
        let entry = |e: usize| at(format!("/t{t}/entry_{e}_of_{t}"));
        [
            Lens::Rename {
                path: entry(0),
                to: "renamed".into(),
            },
            Lens::Add {
                path: at(format!("/t{t}/added")),
                value: Some(true.into()),
            },
            Lens::Remove {
                path: entry(4),
                value: Some("gone".into()),
            },
            Lens::Move {
                from: entry(6),
                to: at(format!("/t{}/moved", t + 100)),
            },
            Lens::Convert {
                path: entry(8),
                from: Type::String,
                to: Type::Integer,
                otherwise: None,
                otherwise_back: None,
            },
        ]
    });
    let mut graph = MigrationGraph::new();
    let edge = Edge::lenses(v("1.0.0"), v("2.0.0"), lenses.collect());
    let edge = edge.expect("lenses that make sense");
    graph.add_edge(edge).expect("a new edge");
    graph
}

#[test]
fn a_hundred_lenses_are_one_edit_and_the_way_back_one_more() {
    let graph = graph();
    let there = graph.plan(&v("1.0.0"), &v("2.0.0")).expect("a route");
    for format in Format::ALL {
        let text = large(format);
        let (old, counts) = counted(|| Document::parse(text.as_bytes(), format).expect("it reads"));
        assert_eq!(counts, [1, 0], "{format}");
        let mut complement = Complement::empty();
        let stamp = Stamp {
            path: "/schema_version".parse().expect("a path"),
            node: StoredValue(Value::from("2.0.0")),
        };
        let (new, counts) = counted(|| {
            let mut draft = Draft::new(old.clone());
            let ran = graph.run_stamped(&there, &mut draft, &mut complement, Some(&stamp));
            assert!(ran.expect("every lens has its field").reversible);
            draft.finish().expect("the text can be written")
        });
        assert_eq!(
            new.get(&"t119.moved".parse().expect("a path")),
            Some(&"19006".into())
        );
        assert_eq!(
            new.get(&"t19.entry_8_of_19".parse().expect("a path")),
            Some(&19008.into())
        );
        // The result, and what coming back alone would give, to keep how this one is written.
        assert_eq!(counts, [2, 1], "{format}");
    }
}
