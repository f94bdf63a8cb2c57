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

/// A conflict whichever side is ours. Of the one that is, all stays in the first turn.
fn is_undecided(base: &str, ours: &str, theirs: &str) {
    let (items, told) = merged(&value(base), &value(ours), &value(theirs));
    assert!(
        !told.is_empty(),
        "{base} to {ours} and {theirs} gave {items}"
    );
    assert_eq!(
        items,
        value(ours),
        "ours stays: {base} to {ours} and {theirs}"
    );
    let (items, told) = merged(&value(base), &value(theirs), &value(ours));
    assert!(
        !told.is_empty(),
        "{base} to {theirs} and {ours} gave {items}"
    );
}

/// Either side is ours once.
fn merges_both_ways(base: &str, ours: &str, theirs: &str, expected: &str) {
    merges(base, ours, theirs, expected);
    merges(base, theirs, ours, expected);
}

/// That a number or a word stands in the list says nothing of which one it is.
#[test]
fn an_equal_scalar_is_the_same_item_only_in_its_place() {
    conflicts(
        r#"["redis-server","--save","60","1","--maxclients","60"]"#,
        r#"["redis","--save","30","1","--maxclients","60","-v"]"#,
        r#"["redis-server","--save","90","1","--maxclients","60"]"#,
        &[("c[2]", [r#""60""#, r#""30""#, r#""90""#])],
    );
    conflicts(
        r#"["-p","80","-q","80","-r"]"#,
        r#"["-P","81","-q","80","-R"]"#,
        r#"["-p","82","-q","80","-r"]"#,
        &[("c[1]", [r#""80""#, r#""81""#, r#""82""#])],
    );
    conflicts(
        "[0,0,0]",
        "[1,0,2]",
        "[7,0,0]",
        &[("c[0]", ["0", "1", "7"])],
    );
    // Nobody can say which item it is: the list is in conflict.
    let lists = ["[10,20,30]", "[20,30,40]", "[10,25,30]"];
    conflicts(lists[0], lists[1], lists[2], &[("c", lists)]);
    for [base, ours, theirs] in [
        // Another place: one that has moved, or all that have changed.
        ["[0,100]", "[100,200]", "[0,150]"],
        ["[10,20,30]", "[20,30,40]", "[10,25,30]"],
        ["[255,0,255]", "[0,255,0]", "[255,9,255]"],
        ["[1,2]", "[2,1]", "[1,3]"],
        ["[[0,0],[1,1]]", "[[1,1],[2,2]]", "[[0,0],[1,5]]"],
        ["[[1,2],[1,3]]", "[[1,3,5],[1,2]]", "[[1,2],[1,3,4]]"],
        [
            r#"[{"x":0},{"x":100}]"#,
            r#"[{"x":100},{"x":200}]"#,
            r#"[{"x":0},{"x":150}]"#,
        ],
        // The same place, where what it belongs to has gone elsewhere.
        [
            r#"["-p","80","-q","80"]"#,
            r#"["-q","80","-p","80"]"#,
            r#"["-p","81","-q","80"]"#,
        ],
        [
            r#"["-p","80","-q","80"]"#,
            r#"["-q","80","-p","80"]"#,
            r#"["-p","80","-q","81"]"#,
        ],
        [
            r#"["-s","60","1","-t","60","1"]"#,
            r#"["-t","60","1","-s","60","1"]"#,
            r#"["-s","60","1","-t","60","9"]"#,
        ],
        [r#"["-a","1"]"#, r#"["-b","1","-a","2"]"#, r#"["-a","3"]"#],
        ["[1,2,2,3]", "[2,2,3,4]", "[1,9,2,3]"],
        // One of several that are equal has come or gone.
        ["[0,0]", "[0,0,0]", "[7,0]"],
        ["[0,0,0]", "[0,0]", "[7,0,0]"],
        ["[0,0,0]", "[0,0]", "[0,7,0]"],
        ["[1,0,0]", "[1,0]", "[1,7,0]"],
        ["[1,0,0]", "[0]", "[1,0,7]"],
        ["[2,1,1,0]", "[1,0]", "[2,1,7,0]"],
        ["[1,0]", "[1,0,0]", "[1,7]"],
        [
            r#"[{"x":1},{"x":1}]"#,
            r#"[{"x":1}]"#,
            r#"[{"x":1,"t":1},{"x":1}]"#,
        ],
    ] {
        is_undecided(base, ours, theirs);
    }
}

#[test]
fn a_scalar_that_stays_in_its_place_takes_the_other_sides_change() {
    for [base, ours, theirs, expected] in [
        // Each edits another one.
        ["[0,0,0]", "[1,0,0]", "[0,0,7]", "[1,0,7]"],
        ["[0,0,0]", "[1,0,2]", "[0,7,0]", "[1,7,2]"],
        [
            r#"["redis-server","--save","60","1","--maxclients","60"]"#,
            r#"["redis","--save","30","1","--maxclients","60","-v"]"#,
            r#"["redis-server","--save","60","1","--maxclients","90"]"#,
            r#"["redis","--save","30","1","--maxclients","90","-v"]"#,
        ],
        [
            r#"["80:80","443:443"]"#,
            r#"["8080:80","443:443","9000:9000"]"#,
            r#"["80:80","8443:443"]"#,
            r#"["8080:80","8443:443","9000:9000"]"#,
        ],
        // One adds or removes, the other edits.
        ["[10,20,30]", "[10,20,30,40]", "[10,25,30]", "[10,25,30,40]"],
        ["[10,20,30]", "[5,10,20,30]", "[10,25,30]", "[5,10,25,30]"],
        ["[10,20,30]", "[20,30]", "[10,25,30]", "[25,30]"],
        ["[10,20,30]", "[10,20]", "[10,25,30]", "[10,25]"],
        [
            r#"["-p","80","-q","80"]"#,
            r#"["-q","80"]"#,
            r#"["-p","80","-q","81"]"#,
            r#"["-q","81"]"#,
        ],
        [
            r#"["-p","80","-q","80"]"#,
            r#"["-p","80","-q","80","-r","80"]"#,
            r#"["-p","81","-q","80"]"#,
            r#"["-p","81","-q","80","-r","80"]"#,
        ],
        [
            r#"["-p","80","-q","80"]"#,
            r#"["-p","80","-z","1","-q","80"]"#,
            r#"["-p","80","-q","81"]"#,
            r#"["-p","80","-z","1","-q","81"]"#,
        ],
    ] {
        merges_both_ways(base, ours, theirs, expected);
    }
    // Nobody edits any: what is added and removed is no change of another.
    merges("[1,2,3]", "[2,3,4]", "[1,2,3,5]", "[2,3,4,5]");
    merges("[1,2,3]", "[2,3,4]", "[1,3]", "[3,4]");
    merges("[0,0,0]", "[0,0]", "[0,0,0,5]", "[0,0,5]");
    merges("[1,2,3]", "[3,2,1]", "[1,2,3,4]", "[3,4,2,1]");
}

/// Numbers, each with what tells which one it is: the merge doesn't see that.
type Known = Vec<(usize, i64)>;

fn numbers(items: &Known) -> Value {
    let numbers = items.iter().map(|(_, number)| Value::from(*number));
    Value::Sequence(numbers.collect())
}

/// The list with one number added, with one taken away, and with one changed or two exchanged.
fn edited_once(items: &Known, id: usize) -> [Vec<Known>; 3] {
    let with = |edit: &dyn Fn(&mut Known)| {
        let mut items = items.clone();
        edit(&mut items);
        items
    };
    let all = 0..items.len();
    let added =
        (0..=items.len()).flat_map(|at| [0, 1, 5].map(|n| with(&|to| to.insert(at, (id, n)))));
    let removed = (all.clone()).map(|at| with(&|from| from.retain(|item| *item != items[at])));
    let changed = all
        .clone()
        .flat_map(|at| [0, 1, 5].map(|n| with(&|of| of[at].1 = n)));
    let exchanged = all
        .clone()
        .flat_map(|at| all.clone().map(move |to| (at, to)));
    let exchanged = exchanged.map(|(at, to)| with(&|of| of.swap(at, to)));
    [
        added.collect(),
        removed.collect(),
        changed.chain(exchanged).collect(),
    ]
}

/// Shown on every short list: one side adds, removes, changes or exchanges, or adds two, or removes two; the other changes one number.
#[test]
fn a_changed_number_is_the_one_that_was_changed_or_a_conflict() {
    let (mut merges, mut conflicts) = (0, 0);
    for length in 1..=4_u32 {
        for number in 0..3_i64.pow(length) {
            let base: Known = (0..length)
                .map(|at| number / 3_i64.pow(at) % 3)
                .enumerate()
                .collect();
            let [added, removed, changed] = edited_once(&base, 100);
            let twice = |once: &[Known], kind: usize| {
                let all = once
                    .iter()
                    .flat_map(move |items| edited_once(items, 101)[kind].clone());
                all.collect::<Vec<_>>()
            };
            let all = [
                twice(&added, 0),
                twice(&removed, 1),
                added,
                removed,
                changed,
            ]
            .concat();
            let all = all.iter().filter(|ours| numbers(ours) != numbers(&base));
            for (ours, at) in all.flat_map(|ours| (0..base.len()).map(move |at| (ours, at))) {
                let mut theirs = base.clone();
                theirs[at].1 = 99;
                let lists = [&base, ours, &theirs].map(numbers);
                let Ok(merged) = merge::values(&lists[0], &lists[1], &lists[2]) else {
                    conflicts += 1;
                    continue;
                };
                merges += 1;
                let mut wanted = ours.clone();
                let there = wanted.iter_mut().find(|item| **item == base[at]);
                there.expect("it is neither gone nor changed").1 = 99;
                assert_eq!(
                    merged,
                    numbers(&wanted),
                    "{} to {} and {}",
                    lists[0],
                    lists[1],
                    lists[2]
                );
            }
        }
    }
    assert!(
        merges > conflicts / 2,
        "{merges} merges, {conflicts} conflicts"
    );
}

/// Whichever of the two it is that tells the items apart: a word, or a number.
#[test]
fn an_item_that_has_taken_over_what_told_another_apart_may_be_that_one() {
    for [base, ours, theirs] in [
        // They have exchanged something.
        [
            r#"[{"platform":"gpio","pin":4,"mode":"ON"},{"platform":"gpio","pin":5,"mode":"OFF"}]"#,
            r#"[{"platform":"gpio","pin":4,"mode":"OFF"},{"platform":"gpio","pin":5,"mode":"ON"}]"#,
            r#"[{"platform":"gpio","pin":4,"mode":"ON","inverted":true},{"platform":"gpio","pin":5,"mode":"OFF"}]"#,
        ],
        [
            r#"[{"mode":"in","gpio":4},{"mode":"out","gpio":5}]"#,
            r#"[{"mode":"out","gpio":4},{"mode":"in","gpio":5}]"#,
            r#"[{"mode":"in","gpio":4,"label":"bed"},{"mode":"out","gpio":5}]"#,
        ],
        [
            r#"[{"host":"on","at":1.5},{"host":"off","at":2.5}]"#,
            r#"[{"host":"off","at":1.5},{"host":"on","at":2.5}]"#,
            r#"[{"host":"on","at":1.5,"password":"1"},{"host":"off","at":2.5}]"#,
        ],
        [
            r#"[{"host":"on","main":true},{"host":"off","main":false}]"#,
            r#"[{"host":"off","main":true},{"host":"on","main":false}]"#,
            r#"[{"host":"on","main":true,"password":"1"},{"host":"off","main":false}]"#,
        ],
        // One has what one that is gone had.
        [
            r#"[{"user":"u1","ip":1},{"user":"u2","ip":2}]"#,
            r#"[{"user":"u2","ip":1}]"#,
            r#"[{"user":"u1","ip":1},{"user":"u2","ip":2,"pw":"p2"}]"#,
        ],
        [
            r#"[{"port":1,"token":"aaa"},{"port":2,"token":"bbb"}]"#,
            r#"[{"port":2,"token":"aaa"}]"#,
            r#"[{"port":1,"token":"aaa","password":"p1"},{"port":2,"token":"bbb"}]"#,
        ],
        [
            r#"[{"ports":[80],"token":"aaa"},{"ports":[443],"token":"bbb"}]"#,
            r#"[{"ports":[443],"token":"aaa"},{"ports":[80],"token":"bbb"}]"#,
            r#"[{"ports":[80],"token":"aaa","password":"p80"},{"ports":[443],"token":"bbb"}]"#,
        ],
        // Of two it could be either: one with what tells it apart elsewhere, or the one that stood there.
        [
            r#"[{"on":true},{"run":"y","on":true},{"run":"x"}]"#,
            r#"[{"run":"x","on":true},{"run":"y","on":true},{}]"#,
            r#"[{"on":true},{"run":"y","on":true},{"run":"x","if":"c"}]"#,
        ],
        [
            r#"[{"t":"b","n":2},{"t":"b","n":3,"f":true},{"t":"b","f":true}]"#,
            r#"[{"t":"b","n":3},{"t":"b","n":2,"f":true},{"t":"b","f":true}]"#,
            r#"[{"t":"b","n":2,"pw":"2"},{"t":"b","n":3,"f":true},{"t":"b","f":true}]"#,
        ],
        // One that is new has it.
        [
            r#"[{"user":"u1","ip":1}]"#,
            r#"[{"user":"u1","ip":9},{"user":"u2","ip":1}]"#,
            r#"[{"user":"u1","ip":1,"pw":"p1"}]"#,
        ],
    ] {
        is_undecided(base, ours, theirs);
    }
    // What it had is nowhere else, or where it was as well.
    merges_both_ways(
        r#"[{"path":"/a","n":1},{"path":"/b","n":2}]"#,
        r#"[{"path":"/a","n":2},{"path":"/b","n":2}]"#,
        r#"[{"path":"/a","n":1,"x":1},{"path":"/b","n":2,"x":2}]"#,
        r#"[{"path":"/a","n":2,"x":1},{"path":"/b","n":2,"x":2}]"#,
    );
    // An equal one has that as well, wherever it is.
    merges_both_ways(
        r#"[{"platform":"gpio","pin":4},{"platform":"gpio","pin":5}]"#,
        r#"[{"platform":"gpio","pin":5},{"platform":"gpio","pin":4}]"#,
        r#"[{"platform":"gpio","pin":4,"inverted":true},{"platform":"gpio","pin":5}]"#,
        r#"[{"platform":"gpio","pin":5},{"platform":"gpio","pin":4,"inverted":true}]"#,
    );
    merges_both_ways(
        r#"[{"uses":"a@1"},{"run":"x"},{"run":"y"}]"#,
        r#"[{"run":"0"},{"uses":"a@1"},{"run":"x"},{"run":"1"},{"run":"y"},{"run":"2"}]"#,
        r#"[{"uses":"a@2"},{"run":"x"},{"run":"z"}]"#,
        r#"[{"run":"0"},{"uses":"a@2"},{"run":"x"},{"run":"1"},{"run":"z"},{"run":"2"}]"#,
    );
    // Members come and go; who has them tells the items apart.
    merges_both_ways(
        r#"[{"group":"a","members":["u","v"]},{"group":"b","members":["w"]}]"#,
        r#"[{"group":"a","members":["u"]},{"group":"b","members":["w","v"]}]"#,
        r#"[{"group":"a","members":["u","v"],"x":1},{"group":"b","members":["w"]}]"#,
        r#"[{"group":"a","members":["u"],"x":1},{"group":"b","members":["w","v"]}]"#,
    );
}

#[test]
fn a_name_is_one_that_no_other_item_of_the_list_bears() {
    is_undecided(
        r#"[{"name":"a","v":1},{"name":"a","v":2}]"#,
        r#"[{"name":"a","v":2},{"name":"a","v":3}]"#,
        r#"[{"name":"a","v":1,"pw":"of1"},{"name":"a","v":2}]"#,
    );
    // A float may be one.
    merges_both_ways(
        r#"[{"id":1.5,"t":"a"},{"id":2.5,"t":"b"}]"#,
        r#"[{"id":1.5,"t":"b"},{"id":2.5,"t":"a"}]"#,
        r#"[{"id":1.5,"t":"a","pw":"of1.5"},{"id":2.5,"t":"b"}]"#,
        r#"[{"id":1.5,"t":"b","pw":"of1.5"},{"id":2.5,"t":"a"}]"#,
    );
}

/// An item that nobody has written is none.
#[test]
fn two_new_items_of_one_name_are_one_if_one_says_all_of_the_other() {
    let [value, from] = [
        r#"{"name":"B","value":"x"}"#,
        r#"{"name":"B","valueFrom":{"key":"k"}}"#,
    ];
    conflicts(
        r#"[{"name":"A"}]"#,
        &format!(r#"[{{"name":"A"}},{value}]"#),
        &format!(r#"[{{"name":"A"}},{from}]"#),
        &[("c[1]", ["-", value, from])],
    );
    let [one, other] = [
        r#"{"name":"B","from":{"secret":"s"}}"#,
        r#"{"name":"B","from":{"file":"f"}}"#,
    ];
    conflicts(
        "[]",
        &format!("[{one}]"),
        &format!("[{other}]"),
        &[("c[0]", ["-", one, other])],
    );
    let [less, more] = [
        r#"[{"name":"B","from":{"file":"f"}}]"#,
        r#"[{"name":"B","from":{"file":"f","mode":1},"tls":true}]"#,
    ];
    merges_both_ways("[]", less, more, more);
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
