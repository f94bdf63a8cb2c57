//! Random histories of all kinds of lenses, and random routes through them with an edit on the way.
//!
//! Nobody edits: each version comes back byte for byte. Somebody does: the values are those that JSON would have, and no comment is
//! lost but those that were changed. `PERSIST_CASES` and `PERSIST_SEED` work as for [`crate::travel`].

use std::collections::{BTreeMap, BTreeSet};

use persist_core::migrate::{Complement, Edge, Lens, Tree};
use persist_core::{Document, Draft, Format, KeyPath, MigrationGraph, Version};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

use crate::travel::{law, seeded};

/// Steps to choose from; those that find nothing to do are left out of a history.
const LENSES: [&str; 30] = [
    r#"{"remove": {"path": "/a"}}"#,
    r#"{"remove": {"path": "/b", "value": 0}}"#,
    r#"{"remove": {"path": "/m/x"}}"#,
    r#"{"remove": {"path": "/m"}}"#,
    r#"{"remove": {"path": "/s/*/p"}}"#,
    r#"{"remove": {"path": "/s/*/n", "value": "?"}}"#,
    r#"{"rename": {"path": "/a", "to": "a2"}}"#,
    r#"{"rename": {"path": "/m", "to": "mm"}}"#,
    r#"{"rename": {"path": "/m/y", "to": "yy"}}"#,
    r#"{"rename": {"path": "/s/*/n", "to": "id"}}"#,
    r#"{"rename": {"path": "/s", "to": "list"}}"#,
    r#"{"move": {"from": "/b", "to": "/m/b"}}"#,
    r#"{"move": {"from": "/m/x", "to": "/x"}}"#,
    r#"{"move": {"from": "/c", "to": "/o/c"}}"#,
    r#"{"move": {"from": "/a", "to": "/o/a"}}"#,
    r#"{"move": {"from": "/m", "to": "/o/m"}}"#,
    r#"{"move": {"from": "/s", "to": "/o/s"}}"#,
    r#"{"hoist": {"path": "/m", "key": "z"}}"#,
    r#"{"plunge": {"path": "/m", "key": "c"}}"#,
    r#"{"wrap": {"path": "/a"}}"#,
    r#"{"wrap": {"path": "/c", "key": "v"}}"#,
    r#"{"map": {"path": "/t", "table": [["h:80", "host"]]}}"#,
    r#"{"convert": {"path": "/c", "from": "integer", "to": "string"}}"#,
    r#"{"split": {"path": "/t", "separator": ":"}}"#,
    r#"{"split": {"path": "/t", "separator": ":", "into": ["/th", "/tp"]}}"#,
    r#"{"join": {"path": "/m/xy", "separator": ":", "from": ["/m/x", "/m/y"]}}"#,
    r#"{"add": {"path": "/new", "value": 1}}"#,
    r#"{"add": {"path": "/m/new", "value": {"k": true}}}"#,
    r#"{"add": {"path": "/s/*/on", "value": true}}"#,
    r#"{"default": {"path": "/d", "value": 5}}"#,
];

/// What stands above and beside a line.
type Around = (u8, bool);

#[derive(Clone, Debug)]
struct Plan {
    /// Which of the scalars, in which order, with what around them.
    scalars: Vec<(usize, Around)>,
    map: Vec<(usize, Around)>,
    list: Vec<Vec<Around>>,
    edges: Vec<Vec<usize>>,
    route: Vec<usize>,
    /// At which stop somebody edits what.
    edit: Option<(usize, u16)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let around = || (0..3u8, any::<bool>());
    let some = move |count: usize| {
        let all = prop::sample::subsequence((0..count).collect::<Vec<_>>(), 1..=count);
        all.prop_shuffle().prop_flat_map(move |keys| {
            keys.into_iter()
                .map(|k| (Just(k), around()))
                .collect::<Vec<_>>()
        })
    };
    let list = prop::collection::vec(prop::collection::vec(around(), 3), 0..3);
    let edges = prop::collection::vec(prop::collection::vec(0..LENSES.len(), 1..4), 2..4);
    let route = prop::collection::vec(0..4usize, 2..7);
    let edit = prop::option::of((0..6usize, any::<u16>()));
    (some(4), some(3), list, edges, route, edit).prop_map(
        |(scalars, map, list, edges, route, edit)| Plan {
            scalars,
            map,
            list,
            edges,
            route,
            edit,
        },
    )
}

struct Writer {
    format: Format,
    out: String,
    notes: usize,
}

impl Writer {
    fn mark(&self) -> &'static str {
        if self.format == Format::Jsonc {
            "//"
        } else {
            "#"
        }
    }

    /// Comments have what would be marks of the format elsewhere.
    fn line(&mut self, indent: &str, text: &str, around: Around) {
        let words = ["", ", and so on", " [x]", " {y}: z = 1"];
        for _ in 0..around.0 {
            self.notes += 1;
            let (mark, n) = (self.mark(), self.notes);
            self.out += &format!("{indent}{mark} note {n}{}\n", words[n % 4]);
        }
        self.out += &format!("{indent}{text}");
        if around.1 {
            self.notes += 1;
            let (mark, n) = (self.mark(), self.notes);
            self.out += &format!("  {mark} note {n}{}", words[n % 4]);
        }
        self.out.push('\n');
    }

    fn entry(&self, key: &str, value: &str, more: bool) -> String {
        match self.format {
            Format::Toml => format!("{key} = {value}"),
            Format::Yaml => format!("{key}: {value}"),
            _ => format!("\"{key}\": {value}{}", if more { "," } else { "" }),
        }
    }

    fn document(mut self, plan: &Plan) -> String {
        let scalars = [("a", "\"one\""), ("b", "2"), ("c", "3"), ("t", "\"h:80\"")];
        let map = [("x", "\"l\""), ("y", "\"r\""), ("z", "7")];
        let element = [("n", "\"e\""), ("p", "80"), ("w", "1")];
        let json = self.format == Format::Jsonc;
        if json {
            self.out += "{\n";
        }
        let outer = if json { "  " } else { "" };
        for (key, around) in &plan.scalars {
            let (key, value) = scalars[*key];
            let text = self.entry(key, value, true);
            self.line(outer, &text, *around);
        }
        let (open, inner) = match self.format {
            Format::Toml => ("\n[m]", ""),
            Format::Yaml => ("m:", "  "),
            _ => ("  \"m\": {", "    "),
        };
        self.out += &format!("{open}\n");
        for (index, (key, around)) in plan.map.iter().enumerate() {
            let (key, value) = map[*key];
            let text = self.entry(key, value, index + 1 < plan.map.len());
            self.line(inner, &text, *around);
        }
        if json {
            self.out += if plan.list.is_empty() {
                "  }\n"
            } else {
                "  },\n  \"s\": [\n"
            };
        } else if self.format == Format::Yaml && !plan.list.is_empty() {
            self.out += "s:\n";
        }
        for (number, arounds) in plan.list.iter().enumerate() {
            self.out += match self.format {
                Format::Toml => "\n[[s]]\n",
                Format::Yaml => "",
                _ => "    {\n",
            };
            for (index, (around, (key, value))) in arounds.iter().zip(element).enumerate() {
                let value = if key == "n" {
                    format!("\"e{number}\"")
                } else {
                    value.into()
                };
                let text = self.entry(key, &value, index + 1 < arounds.len());
                match (self.format, index) {
                    (Format::Yaml, 0) => self.line("  ", &format!("- {text}"), *around),
                    (Format::Yaml, _) => self.line("    ", &text, *around),
                    (Format::Toml, _) => self.line("", &text, *around),
                    _ => self.line("      ", &text, *around),
                }
            }
            if json {
                self.out += if number + 1 < plan.list.len() {
                    "    },\n"
                } else {
                    "    }\n  ]\n"
                };
            }
        }
        if json {
            self.out += "}\n";
        }
        self.out
    }
}

fn version(index: usize) -> Version {
    Version::new(1, index as u64, 0)
}

fn graph<D: Tree + 'static>(edges: &[Vec<Lens>]) -> MigrationGraph<D> {
    let mut graph = MigrationGraph::new();
    for (index, lenses) in edges.iter().enumerate() {
        let edge = Edge::lenses(version(index), version(index + 1), lenses.clone());
        graph
            .add_edge(edge.unwrap_or_else(|(n, e)| panic!("{n}: {e}")))
            .expect("a chain");
    }
    graph
}

/// The lenses that have something to do, where the ones before them have been.
fn history(plan: &Plan, document: &Document) -> Vec<Vec<Lens>> {
    let mut json = document.value().to_json();
    let mut lenses = |chosen: &Vec<usize>| -> Vec<Lens> {
        let parsed = chosen
            .iter()
            .map(|n| serde_json::from_str(LENSES[*n]).expect("a lens"));
        let works = |lens: &Lens| {
            let mut after = json.clone();
            let works = lens.apply(&mut after).is_ok() && after != json;
            if works {
                json = after;
            }
            works
        };
        parsed.filter(works).collect()
    };
    plan.edges.iter().map(&mut lenses).collect()
}

fn comments(document: &Document) -> BTreeSet<String> {
    document.comments().map(str::to_owned).collect()
}

/// A value set or a comment put otherwise; the comments that are not there any more.
fn edited(document: &mut Document, twin: &mut Json, n: u16) -> Option<BTreeSet<String>> {
    let before = comments(document);
    let notes: Vec<String> = document.comments().map(str::to_owned).collect();
    if n.is_multiple_of(2) && !notes.is_empty() {
        let note = &notes[usize::from(n / 2) % notes.len()];
        let text = document
            .text()
            .replacen(&format!("{note}\n"), &format!("{note} again\n"), 1);
        *document = document.with_text(&text).ok()?;
    } else {
        let keys: Vec<String> = twin
            .as_object()?
            .iter()
            .filter(|(_, value)| value.is_number() || value.is_string())
            .map(|(key, _)| key.clone())
            .collect();
        let key = keys.get(usize::from(n / 2) % keys.len().max(1))?;
        let path: KeyPath = key.parse().ok()?;
        drop(document.set(&path, i64::from(n)).ok()?);
        twin[key.as_str()] = n.into();
    }
    Some(before.difference(&comments(document)).cloned().collect())
}

fn journey(plan: &Plan, format: Format) -> Result<(), String> {
    let start = Writer {
        format,
        out: String::new(),
        notes: 0,
    }
    .document(plan);
    let mut document =
        Document::parse(start.as_bytes(), format).map_err(|e| format!("{e}\n{start}"))?;
    let mut twin = document.value().to_json();
    let lenses = history(plan, &document);
    let (texts, values) = (graph::<Draft>(&lenses), graph::<Json>(&lenses));
    let (mut kept, mut twin_kept) = (Complement::empty(), Complement::empty());
    let (mut at, mut left) = (0, BTreeMap::new());
    let (mut is_edited, mut gone) = (false, BTreeSet::new());
    let mut story = String::new();
    for (stop, to) in plan.route.iter().enumerate() {
        let to = to % (lenses.len() + 1);
        if let Some((_, n)) = plan.edit.filter(|(when, _)| *when == stop)
            && let Some(changed) = edited(&mut document, &mut twin, n)
        {
            is_edited = true;
            gone.extend(changed);
        }
        story += &format!(
            "--- {} to {}\n{}",
            version(at),
            version(to),
            document.text()
        );
        left.insert(at, document.clone());
        let wrong =
            |what: &str, now: &str| Err(format!("{what}\n{lenses:?}\n{story}--- now\n{now}"));
        let route = texts
            .plan(&version(at), &version(to))
            .map_err(|e| e.to_string())?;
        let mut draft = Draft::new(document);
        let run = texts.run(&route, &mut draft, &mut kept);
        document = draft.finish().map_err(|e| e.to_string())?;
        let route = values
            .plan(&version(at), &version(to))
            .map_err(|e| e.to_string())?;
        let twin_run = values.run(&route, &mut twin, &mut twin_kept);
        match (run, twin_run) {
            (Ok(_), Ok(_)) => {}
            // An edit may have made a step impossible.
            (Err(_), Err(_)) if is_edited => return Ok(()),
            (run, twin) => return wrong(&format!("{run:?}, for values {twin:?}"), document.text()),
        }
        at = to;
        if document.value().to_json() != twin {
            return wrong(&format!("the values are not {twin}"), document.text());
        }
        let Some(before) = left.get(&at) else {
            continue;
        };
        if !is_edited && document.text() != before.text() {
            return wrong("it does not come back as it was left", document.text());
        }
        let there = comments(&document);
        let lost = comments(before);
        if let Some(lost) = lost
            .iter()
            .find(|c| !there.contains(*c) && !gone.contains(*c))
        {
            return wrong(&format!("lost: {lost}"), document.text());
        }
        if let Some(twice) = there
            .iter()
            .find(|c| document.comments().filter(|d| d == c).count() > 1)
        {
            return wrong(&format!("twice: {twice}"), document.text());
        }
    }
    Ok(())
}

fn chain(seed: u64, format: Format) -> Result<(), String> {
    let mut runner = TestRunner::new(seeded(seed));
    let outcome = runner.run(&plan(), |plan| {
        journey(&plan, format).map_err(TestCaseError::fail)
    });
    outcome.map_err(|error| format!("seed {seed}: {error}"))
}

#[test]
fn histories_come_back_in_jsonc() {
    law(&[1000023, 1882921812106444], |seed| {
        chain(seed, Format::Jsonc)
    });
}

#[test]
fn histories_come_back_in_toml() {
    law(
        &[
            1000023,
            1882919723337000,
            1882919723335953,
            1882919723335961,
            1882920357726430,
            1882920357728143,
            1882921314043327,
        ],
        |seed| chain(seed, Format::Toml),
    );
}

#[test]
fn histories_come_back_in_yaml() {
    law(
        &[
            1000023,
            1882919723335695,
            1882920357725162,
            1882920357725819,
            1882920357726422,
            1882920357728506,
            1882921314027436,
            1882921314042645,
        ],
        |seed| chain(seed, Format::Yaml),
    );
}
