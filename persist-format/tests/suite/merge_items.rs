//! Which items of lists a merge takes for the same: never two that say who they are and are not the same one.

use std::collections::BTreeMap;

use persist_format::merge::{self, Conflict};
use persist_format::{Document, Format, Map, Value};
use proptest::prelude::*;

use crate::support::{document, value};

/// What the merge of three lists gives, and its conflicts: of the values, and of texts in each format that can say them.
fn merged(base: &Value, ours: &Value, theirs: &Value) -> (Value, Vec<Conflict>) {
    let sides =
        [base, ours, theirs].map(|items| Value::Map(Map::from_iter([("c", items.clone())])));
    let of_values = merge::values(&sides[0], &sides[1], &sides[2]);
    let all = [Format::Json, Format::Toml, Format::Yaml].map(|format| {
        let texts = sides.each_ref().map(|side| {
            let (document, _) = Document::encode(side, format).expect("all formats can say it");
            document
        });
        let [base, ours, theirs] = &texts;
        let merge = merge::three_way(base, ours, theirs).expect("all formats can say it");
        let items = merge.document.get(&"c".parse().expect("a key path"));
        let conflicts = merge.conflicts.into_iter();
        let bare = conflicts.map(|conflict| Conflict {
            places: merge::Places::default(),
            ..conflict
        });
        (
            items.cloned().expect("the list is there"),
            bare.collect::<Vec<_>>(),
        )
    });
    assert_eq!(all[0], all[1], "JSON and TOML");
    assert_eq!(all[0], all[2], "JSON and YAML");
    let [(items, conflicts), _, _] = all;
    match of_values {
        Ok(whole) => {
            assert_eq!(whole.as_map().and_then(|map| map.get("c")), Some(&items));
            assert_eq!(conflicts, []);
        }
        Err(of_values) => assert_eq!(of_values, conflicts),
    }
    (items, conflicts)
}

/// Conflicts, as path and the three values.
fn conflicts(base: &str, ours: &str, theirs: &str, expected: &[(&str, [&str; 3])]) {
    let (items, conflicts) = merged(&value(base), &value(ours), &value(theirs));
    let there = |side: &Option<Value>| side.as_ref().map_or("-".to_owned(), Value::to_string);
    let told: Vec<_> = conflicts
        .iter()
        .map(|c| (c.path.to_string(), [&c.base, &c.ours, &c.theirs].map(there)))
        .collect();
    let spaced = |text: &&str| match *text {
        "-" => "-".to_owned(),
        json => value(json).to_string(),
    };
    let expected: Vec<_> = expected
        .iter()
        .map(|(path, sides)| ((*path).to_owned(), sides.each_ref().map(spaced)))
        .collect();
    assert_eq!(told, expected, "{base} to {ours} and {theirs}");
    assert_eq!(
        items,
        value(ours),
        "ours stays: {base} to {ours} and {theirs}"
    );
}

fn merges(base: &str, ours: &str, theirs: &str, expected: &str) {
    let (items, conflicts) = merged(&value(base), &value(ours), &value(theirs));
    assert_eq!(conflicts, [], "{base} to {ours} and {theirs}");
    assert_eq!(items, value(expected), "{base} to {ours} and {theirs}");
}

#[test]
fn items_of_different_names_are_not_one() {
    let [a, secret] = [
        r#"{"name":"a","image":"x"}"#,
        r#"{"name":"a","image":"x","env":"SECRET_OF_A"}"#,
    ];
    conflicts(
        &format!("[{a}]"),
        r#"[{"name":"b","image":"y"}]"#,
        &format!("[{secret}]"),
        &[("c[0]", [a, "-", secret])],
    );
    let [user, admin] = [
        r#"{"id":1,"role":"user"}"#,
        r#"{"id":1,"role":"user","admin":true}"#,
    ];
    conflicts(
        &format!("[{user}]"),
        r#"[{"id":2,"role":"guest"}]"#,
        &format!("[{admin}]"),
        &[("c[0]", [user, "-", admin])],
    );
    // As names differ, nothing else tells that it is the same one.
    conflicts(
        &format!("[{user}, {{\"id\":7}}]"),
        r#"[{"id":2,"role":"user","tls":true}, {"id":7}]"#,
        &format!("[{admin}, {{\"id\":7}}]"),
        &[("c[0]", [user, "-", admin])],
    );
    // One that has lost its name may be another.
    conflicts(
        &format!("[{user}]"),
        r#"[{"role":"user","tls":true}]"#,
        &format!("[{admin}]"),
        &[("c[0]", [user, r#"{"role":"user","tls":true}"#, admin])],
    );
}

#[test]
fn a_new_name_and_nothing_else_is_a_rename() {
    let base = r#"[{"name":"a","x":1}, {"name":"z"}]"#;
    merges(
        base,
        r#"[{"name":"b","x":1}, {"name":"z"}]"#,
        r#"[{"name":"a","x":1}, {"name":"z","x":2}]"#,
        r#"[{"name":"b","x":1}, {"name":"z","x":2}]"#,
    );
    let [a, b, c] = ["a", "b", "c"].map(|name| format!("{{\"name\":\"{name}\",\"x\":1}}"));
    conflicts(
        &format!("[{a}]"),
        &format!("[{b}]"),
        &format!("[{c}]"),
        &[("c[0]", [&a, &b, &c])],
    );
    conflicts(
        &format!("[{a}]"),
        &format!("[{b}]"),
        r#"[{"name":"a","x":1,"env":"s"}]"#,
        &[("c[0]", [&a, &b, r#"{"name":"a","x":1,"env":"s"}"#])],
    );
    // The other has it as a new one, beside that of the old name.
    merges(
        &format!("[{a}]"),
        &format!("[{b}]"),
        &format!("[{a}, {b}]"),
        &format!("[{b}]"),
    );
}

#[test]
fn items_without_names_are_not_one_for_their_place() {
    conflicts(
        r#"[{"uses":"a"},{"run":"x"}]"#,
        r#"[{"run":"x","if":"c"}]"#,
        r#"[{"uses":"a","with":{"q":1}},{"run":"x"}]"#,
        &[(
            "c[0]",
            [r#"{"uses":"a"}"#, "-", r#"{"uses":"a","with":{"q":1}}"#],
        )],
    );
    conflicts(
        r#"[{"host":"a","port":1},{"host":"b","port":2}]"#,
        r#"[{"host":"b","port":3}]"#,
        r#"[{"host":"a","port":1,"tls":true},{"host":"b","port":2}]"#,
        &[(
            "c[0]",
            [
                r#"{"host":"a","port":1}"#,
                "-",
                r#"{"host":"a","port":1,"tls":true}"#,
            ],
        )],
    );
    // In lists as long as before.
    conflicts(
        r#"[{"host":"a"},{"host":"b"}]"#,
        r#"[{"host":"c"},{"host":"b"}]"#,
        r#"[{"host":"a","tls":true},{"host":"b"}]"#,
        &[(
            "c[0]",
            [
                r#"{"host":"a"}"#,
                r#"{"host":"c"}"#,
                r#"{"host":"a","tls":true}"#,
            ],
        )],
    );
    conflicts(
        r#"[{"host":"a","port":1},{"host":"b","port":1}]"#,
        r#"[{"host":"b","port":1,"x":2},{"host":"c","port":1}]"#,
        r#"[{"host":"a","port":1,"tls":true},{"host":"b","port":1}]"#,
        &[(
            "c[0]",
            [
                r#"{"host":"a","port":1}"#,
                "-",
                r#"{"host":"a","port":1,"tls":true}"#,
            ],
        )],
    );
    // A number that is kept by chance.
    conflicts(
        r#"[{"host":"a","port":1}]"#,
        r#"[{"host":"c","port":1}]"#,
        r#"[{"host":"a","port":1,"tls":true}]"#,
        &[(
            "c[0]",
            [
                r#"{"host":"a","port":1}"#,
                r#"{"host":"c","port":1}"#,
                r#"{"host":"a","port":1,"tls":true}"#,
            ],
        )],
    );
    // Two steps that have become one, and one that has become two.
    conflicts(
        r#"[{"run":"x"},{"uses":"a"}]"#,
        r#"[{"run":"x","uses":"a"}]"#,
        r#"[{"run":"x","if":"c"},{"uses":"a"}]"#,
        &[(
            "c[0]",
            [
                r#"{"run":"x"}"#,
                r#"{"run":"x","uses":"a"}"#,
                r#"{"run":"x","if":"c"}"#,
            ],
        )],
    );
    conflicts(
        r#"[["a","b"]]"#,
        r#"[["c"]]"#,
        r#"[["a","b","d"]]"#,
        &[("c[0]", [r#"["a","b"]"#, r#"["c"]"#, r#"["a","b","d"]"#])],
    );
}

#[test]
fn what_each_side_makes_of_items_of_its_own_is_merged() {
    // Names.
    merges(
        r#"[{"id":1,"v":1},{"id":2,"v":2}]"#,
        r#"[{"id":2,"v":3}]"#,
        r#"[{"id":1,"v":1},{"id":2,"v":2,"w":4}]"#,
        r#"[{"id":2,"v":3,"w":4}]"#,
    );
    // Each edits another item, known or not.
    merges(
        r#"["a","b"]"#,
        r#"["x","b"]"#,
        r#"["a","y"]"#,
        r#"["x","y"]"#,
    );
    merges(
        r#"[{"host":"a","port":1},{"host":"b","port":2}]"#,
        r#"[{"host":"a","port":3},{"host":"b","port":2}]"#,
        r#"[{"host":"a","port":1},{"host":"c","port":2}]"#,
        r#"[{"host":"a","port":3},{"host":"c","port":2}]"#,
    );
    merges(
        r#"[{"on":true},{"on":true},{"on":false}]"#,
        r#"[{"on":false},{"on":true},{"on":false}]"#,
        r#"[{"on":true},{"on":true},{"on":true}]"#,
        r#"[{"on":false},{"on":true},{"on":true}]"#,
    );
    // One adds, the other edits.
    merges(
        r#"[{"host":"a","port":1}]"#,
        r#"[{"host":"a","port":1},{"host":"b","port":1}]"#,
        r#"[{"host":"c","port":1}]"#,
        r#"[{"host":"c","port":1},{"host":"b","port":1}]"#,
    );
    merges(r#"["a"]"#, r#"["a","b"]"#, r#"["c"]"#, r#"["c","b"]"#);
    // One removes, the other edits another.
    merges(
        r#"[{"uses":"a"},{"run":"x"}]"#,
        r#"[{"run":"x","if":"c"}]"#,
        r#"[{"uses":"a"},{"run":"x","env":{"q":1}}]"#,
        r#"[{"run":"x","if":"c","env":{"q":1}}]"#,
    );
    // Both edit one that keeps what tells it from the others; one moves it.
    merges(
        r#"[{"path":"/a","level":"info","n":1},{"path":"/b","level":"info","n":1}]"#,
        r#"[{"path":"/b","level":"info","n":2},{"path":"/a","level":"debug","n":1}]"#,
        r#"[{"path":"/a","level":"info","n":5},{"path":"/b","level":"info","n":1,"m":0}]"#,
        r#"[{"path":"/b","level":"info","n":2,"m":0},{"path":"/a","level":"debug","n":5}]"#,
    );
    merges(
        r#"[{"port":1},{"port":2}]"#,
        r#"[{"port":1,"x":true},{"port":2}]"#,
        r#"[{"port":1,"y":true},{"port":2}]"#,
        r#"[{"port":1,"x":true,"y":true},{"port":2}]"#,
    );
    merges(
        r#"[{"meta":{"label":"a"}},{"meta":{"label":"b"}}]"#,
        r#"[{"meta":{"label":"b"},"x":1}]"#,
        r#"[{"meta":{"label":"a"}},{"meta":{"label":"b","y":2}}]"#,
        r#"[{"meta":{"label":"b","y":2},"x":1}]"#,
    );
    merges("[[1,2]]", "[[1,2,3]]", "[[0,1,2]]", "[[0,1,2,3]]");
    // Both do the same.
    merges(
        r#"[{"host":"a"},"z"]"#,
        r#"[{"host":"b"},"y"]"#,
        r#"[{"host":"b"},"z"]"#,
        r#"[{"host":"b"},"y"]"#,
    );
}

/// What a side does to a list: the kind of edit, which item, and which value.
type Edit = (u8, usize, usize);

fn text(which: usize) -> Value {
    Value::from(["a", "b", "c"][which % 3])
}

fn item([name, host, port, tls]: [usize; 4]) -> Value {
    let keys = ["name", "id", "key"];
    let mut map = Map::new();
    if let Some(key) = keys.get(name % 6) {
        map.insert(*key, text(name / 6));
    }
    if host % 4 < 3 {
        map.insert("host", text(host));
    }
    if port % 4 < 3 {
        map.insert("port", Value::from(i64::try_from(port % 4).expect("small")));
    }
    if tls % 2 == 0 {
        map.insert("tls", Value::from(tls % 4 == 0));
    }
    Value::Map(map)
}

/// The list after the edits; each value that is written is one that stands nowhere else.
fn edited(base: &[Value], edits: &[Edit], who: &str) -> Vec<Value> {
    let mut items = base.to_vec();
    for (number, (edit, at, which)) in edits.iter().enumerate() {
        let mark = Value::from(format!("{who}{number}"));
        let (len, at) = (items.len(), at % items.len().max(1));
        match edit % 8 {
            0 => {
                let Value::Map(mut new) = item([*which, which / 3, which / 5, which / 7]) else {
                    continue;
                };
                new.insert("mark", mark);
                items.insert(at, Value::Map(new));
            }
            1 if len > 0 => drop(items.remove(at)),
            2 if len > 1 => items.swap(at, which % len),
            edit if len > 0 => {
                let Value::Map(map) = &mut items[at] else {
                    continue;
                };
                let keys = ["env", "env", "host", "port", "name", "x"];
                let key = keys[which % keys.len()];
                match edit {
                    3 => drop(map.remove(key)),
                    _ => drop(map.insert(key, mark)),
                }
            }
            _ => {}
        }
    }
    items
}

fn entries(item: &Value) -> BTreeMap<String, &Value> {
    let map = item.as_map().expect("all items are maps");
    map.iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

fn name(item: &Value) -> Option<(&'static str, &Value)> {
    let map = item.as_map().expect("all items are maps");
    ["id", "name", "key"]
        .into_iter()
        .find_map(|key| Some((key, map.get(key)?)))
}

/// How many of the items have the entry.
fn bearers(items: &[Value], key: &str, value: &Value) -> usize {
    let has = |item: &&Value| item.as_map().and_then(|map| map.get(key)) == Some(value);
    items.iter().filter(has).count()
}

/// What is wrong with a merge without conflicts: what `side` has written stands in an item of its name, or, without one, in an item that has all that
/// the side's item has, but for what the other has written and what does not tell it from others.
fn misplaced(base: &[Value], side: &[Value], who: &str, there: &[Value]) -> Option<String> {
    let is_mark = |value: &Value| value.as_str().is_some_and(|text| text.starts_with(who));
    for item in side {
        let mine = entries(item);
        for (key, mark) in mine.iter().filter(|(_, value)| is_mark(value)) {
            let key = key.trim_matches('"');
            let found: Vec<&Value> = there
                .iter()
                .filter(|item| item.as_map().and_then(|map| map.get(key)) == Some(*mark))
                .collect();
            let [found] = found[..] else {
                return Some(format!("{mark} is there {} times", found.len()));
            };
            let has = entries(found);
            if let Some((key, name)) = name(item) {
                if found.as_map().and_then(|map| map.get(key)) != Some(name) {
                    return Some(format!("{mark} of {item} stands in {found}"));
                }
                continue;
            }
            let lost = mine.iter().find(|(key, value)| {
                let bare = key.trim_matches('"');
                let tells = bearers(base, bare, value) == 1 && bearers(side, bare, value) == 1;
                tells && value.as_str().is_some() && has.get(*key) != Some(*value)
            });
            if let Some((key, value)) = lost {
                return Some(format!(
                    "{mark} of {item} stands in {found}, without {key}: {value}"
                ));
            }
            let kept = |(key, value): (&String, &&Value)| has.get(key) == Some(value);
            if mine.len() > 1 && mine.iter().filter(|entry| kept(*entry)).count() < 2 {
                return Some(format!("{mark} of {item} stands in {found}"));
            }
        }
    }
    None
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PERSIST_CASES").ok();
    ProptestConfig {
        cases: cases.and_then(|text| text.parse().ok()).unwrap_or(512),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec((any::<u8>(), 0..8_usize, 0..96_usize), 1..4)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_a_side_has_written_stands_in_the_item_that_it_was_written_for(
        base in proptest::collection::vec([0..18_usize, 0..8_usize, 0..8_usize, 0..8_usize].prop_map(item), 0..4),
        ours in edits(),
        theirs in edits(),
    ) {
        let [ours, theirs] = [(ours, "ours"), (theirs, "theirs")].map(|(edits, who)| edited(&base, &edits, who));
        let lists = [&base, &ours, &theirs].map(|items| Value::from(items.clone()));
        if let Ok(merged) = merge::values(&lists[0], &lists[1], &lists[2]) {
            let there = merged.as_sequence().expect("a list");
            for (side, who) in [(&ours, "ours"), (&theirs, "theirs")] {
                let wrong = misplaced(&base, side, who, there);
                prop_assert_eq!(wrong, None, "{} to {} and {} gave {}", lists[0], lists[1], lists[2], merged);
            }
            // No name has come to be there twice.
            for name in there.iter().filter_map(name) {
                let count = |items: &[Value]| bearers(items, name.0, name.1);
                let most = count(&base).max(count(&ours)).max(count(&theirs));
                prop_assert!(count(there) <= most.max(1), "{name:?}: {} to {} and {} gave {merged}", lists[0], lists[1], lists[2]);
            }
        }
    }
}

/// Somebody has changed another document of the stream, which would be lost.
#[test]
fn other_documents_that_their_side_has_changed_are_an_error() {
    let read = |text: &str| {
        let document = document(Format::Yaml, text);
        document.select(0).expect("there is one")
    };
    let [base, ours, theirs] = [
        "a: 1\n---\nb: 1\n",
        "a: 2\n---\nb: 1\n",
        "a: 1\n---\nb: 2\n",
    ]
    .map(read);
    let error = merge::three_way(&base, &ours, &theirs).expect_err("`b: 2` would be gone");
    insta::assert_snapshot!(error, @"their side has changed other documents of the stream than the one that is merged");
    // Changed alike, or by our side alone, or by theirs alone, nothing is lost.
    let both = read("a: 2\n---\nb: 2\n");
    let text = |base, ours, theirs| {
        merge::three_way(base, ours, theirs)
            .expect("it merges")
            .document
            .text()
            .to_owned()
    };
    assert_eq!(text(&base, &both, &theirs), both.text());
    assert_eq!(text(&base, &theirs, &ours), both.text());
    assert_eq!(text(&base, &base, &theirs), theirs.text());
}
