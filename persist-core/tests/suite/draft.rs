//! How often a migration reads texts: by the events that persist-format tells of its work.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Once;

use persist_core::migrate::{Complement, Edge, Lens, Path, Stamp, Type};
use persist_core::{Detached, Document, Draft, Format, MigrationGraph, Value, Version};
use tracing::{Event, Metadata, Subscriber, span};

thread_local! {
    static COUNTS: RefCell<BTreeMap<&'static str, usize>> = RefCell::default();
}

/// Counts the events of each thread by name. There is one for all threads: whether anybody listens to an event is remembered by whichever
/// thread comes to it first.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("persist_format")
    }

    fn event(&self, event: &Event<'_>) {
        COUNTS.with_borrow_mut(|counts| *counts.entry(event.metadata().name()).or_default() += 1);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Readings by our parser and by the second one while `work` is done on this thread.
fn counted<T>(work: impl FnOnce() -> T) -> (T, [usize; 2]) {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        tracing::subscriber::set_global_default(Counter).expect("nothing else listens");
        tracing::callsite::rebuild_interest_cache();
    });
    COUNTS.take();
    let done = work();
    let counts = COUNTS.take();
    let count = |name| counts.get(name).copied().unwrap_or_default();
    (done, [count("parse"), count("check")])
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
            node: Detached(Value::from("2.0.0")),
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
