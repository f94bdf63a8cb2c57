//! Laws over types with all that serde offers: what was written reads back, or was refused; what was not changed stays.

mod rounds;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Debug;

use persist_format::{Defaults, Document, ErrorKind, Format, KeyPath, Value};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Trouble, Typed};

/// Enums in the four ways that serde writes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Plain {
    Unit,
    New(u8),
    Tuple(i32, String),
    Struct { a: Option<u8>, b: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Internal {
    Nothing,
    OneThing {
        x: u8,
        y: Option<String>,
    },
    /// With fields of the same names.
    Another {
        x: u8,
        #[serde(default)]
        y: Option<String>,
    },
    Inner(Item),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    New(Vec<u8>),
    Struct { a: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
    Pair { left: u8, right: Option<u8> },
    List(Vec<bool>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Side {
    Left,
    Right,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    name: String,
    #[serde(default)]
    port: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Wrapped(u16);

/// The kinds of fields. What is `other` in it is told by the field names alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fields {
    switch: bool,
    whole: i64,
    large: u64,
    ratio: f64,
    text: String,
    letter: char,
    maybe: Option<String>,
    maybe_list: Option<Vec<u8>>,
    numbers: Vec<i32>,
    items: Vec<Item>,
    pair: (u8, String),
    by_text: BTreeMap<String, u32>,
    by_number: BTreeMap<i32, String>,
    by_switch: BTreeMap<bool, u8>,
    by_side: BTreeMap<Side, Option<u8>>,
    by_wrapped: BTreeMap<Wrapped, Item>,
    set: BTreeSet<u8>,
    hashed: HashSet<String>,
    plain: Plain,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    item: Item,
}

/// The same with defaults of its own, aliases, and fields that are not always written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Defaulted {
    #[serde(alias = "colour")]
    color: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    maybe: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    list: Vec<Item>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", alias = "table")]
    map: BTreeMap<u8, bool>,
    #[serde(rename = "a.b")]
    dotted: Option<i8>,
    nested: Option<Box<Inner>>,
    plain: Plain,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Inner {
    on: bool,
    level: Option<u8>,
}

impl Default for Inner {
    fn default() -> Inner {
        Inner {
            on: true,
            level: Some(3),
        }
    }
}

impl Default for Defaulted {
    fn default() -> Defaulted {
        Defaulted {
            color: "red".into(),
            maybe: Some(1),
            list: vec![Item {
                name: "default".into(),
                port: Some(1),
                tags: Vec::new(),
            }],
            map: BTreeMap::from([(1, true)]),
            dotted: Some(-1),
            nested: Some(Box::default()),
            plain: Plain::New(1),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flattened {
    name: String,
    #[serde(flatten)]
    item: Within,
    #[serde(flatten)]
    rest: BTreeMap<String, u32>,
}

/// Serde leaves the fields of a flattened enum to a map beside it as well, so that there can be none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FlatEnum {
    #[serde(flatten)]
    kind: Internal,
    level: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Within {
    #[serde(default)]
    level: u8,
    within: Option<bool>,
}

/// Lists and sets whose items the type orders, respells or tells apart by their kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Arranged {
    kinds: BTreeSet<Kind>,
    hashed: HashSet<Kind>,
    ports: BTreeSet<Port>,
    list: Vec<Lowercase>,
    set: BTreeSet<Lowercase>,
    hashed_set: HashSet<Lowercase>,
    rows: Vec<Vec<f32>>,
    sets: Vec<HashSet<u8>>,
}

/// Sets that are there only now and then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NowAndThen {
    arranged: Option<Box<Arranged>>,
    mode: Mode,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Mode {
    Plain,
    Number(u8),
    New(HashSet<u8>),
    Tagged { tags: HashSet<Kind> },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
enum Kind {
    Unit,
    New(u8),
    Struct { a: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u8),
    Name(String),
}

/// Written as it is, read in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String")]
struct Lowercase(String);

impl From<String> for Lowercase {
    fn from(text: String) -> Lowercase {
        Lowercase(text.to_lowercase())
    }
}

fn words() -> BoxedStrategy<String> {
    prop_oneof![
        "[a-z]{0,6}",
        "[ -~]{0,8}",
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1.0".to_owned()),
        Just("2020-01-01".to_owned()),
        Just("# x\n y".to_owned()),
        "\\PC{0,4}",
    ]
    .boxed()
}

fn key() -> BoxedStrategy<String> {
    prop_oneof![
        "[a-z]{1,4}",
        "[a-z]\\.[a-z]",
        Just(String::new()),
        Just("1".to_owned())
    ]
    .boxed()
}

fn item() -> BoxedStrategy<Item> {
    let tags = prop::collection::vec("[a-z]{1,3}", 0..3);
    ("[a-d]{1,2}", any::<Option<u16>>(), tags)
        .prop_map(|(name, port, tags)| Item { name, port, tags })
        .boxed()
}

fn plain() -> BoxedStrategy<Plain> {
    prop_oneof![
        Just(Plain::Unit),
        any::<u8>().prop_map(Plain::New),
        (any::<i32>(), words()).prop_map(|(n, t)| Plain::Tuple(n, t)),
        (any::<Option<u8>>(), words()).prop_map(|(a, b)| Plain::Struct { a, b }),
    ]
    .boxed()
}

fn internal() -> BoxedStrategy<Internal> {
    prop_oneof![
        Just(Internal::Nothing),
        (any::<u8>(), prop::option::of(words())).prop_map(|(x, y)| Internal::OneThing { x, y }),
        (any::<u8>(), prop::option::of(words())).prop_map(|(x, y)| Internal::Another { x, y }),
        item().prop_map(Internal::Inner),
    ]
    .boxed()
}

fn adjacent() -> BoxedStrategy<Adjacent> {
    prop_oneof![
        Just(Adjacent::Unit),
        any::<Vec<u8>>().prop_map(|v| Adjacent::New(v.into_iter().take(3).collect())),
        any::<bool>().prop_map(|a| Adjacent::Struct { a }),
    ]
    .boxed()
}

fn untagged() -> BoxedStrategy<Untagged> {
    prop_oneof![
        any::<i64>().prop_map(Untagged::Number),
        words().prop_map(Untagged::Text),
        (any::<u8>(), any::<Option<u8>>()).prop_map(|(left, right)| Untagged::Pair { left, right }),
        prop::collection::vec(any::<bool>(), 0..3).prop_map(Untagged::List),
    ]
    .boxed()
}

prop_compose! {
    fn scalars()(
        switch: bool, whole: i64, large in 0..=(u64::MAX >> 1), ratio in -1e9..1e9, text in words(), letter: char, maybe in prop::option::of(words())
    ) -> (bool, i64, u64, f64, String, char, Option<String>) {
        (switch, whole, large, ratio, text, letter, maybe)
    }
}

prop_compose! {
    fn lists()(
        maybe_list in prop::option::of(prop::collection::vec(any::<u8>(), 0..3)),
        numbers in prop::collection::vec(any::<i32>(), 0..4),
        items in prop::collection::vec(item(), 0..4),
        pair in (any::<u8>(), words()),
        set in prop::collection::btree_set(any::<u8>(), 0..4),
        hashed in prop::collection::hash_set(words(), 0..4),
    ) -> (Option<Vec<u8>>, Vec<i32>, Vec<Item>, (u8, String), BTreeSet<u8>, HashSet<String>) {
        (maybe_list, numbers, items, pair, set, hashed)
    }
}

prop_compose! {
    fn maps()(
        by_text in prop::collection::btree_map(key(), any::<u32>(), 0..3),
        by_number in prop::collection::btree_map(any::<i32>(), words(), 0..3),
        by_switch in prop::collection::btree_map(any::<bool>(), any::<u8>(), 0..3),
        by_side in prop::collection::btree_map(prop_oneof![Just(Side::Left), Just(Side::Right)], any::<Option<u8>>(), 0..3),
        by_wrapped in prop::collection::btree_map(any::<u16>().prop_map(Wrapped), item(), 0..3),
    ) -> (BTreeMap<String, u32>, BTreeMap<i32, String>, BTreeMap<bool, u8>, BTreeMap<Side, Option<u8>>, BTreeMap<Wrapped, Item>) {
        (by_text, by_number, by_switch, by_side, by_wrapped)
    }
}

prop_compose! {
    fn fields()(
        (switch, whole, large, ratio, text, letter, maybe) in scalars(),
        (maybe_list, numbers, items, pair, set, hashed) in lists(),
        (by_text, by_number, by_switch, by_side, by_wrapped) in maps(),
        plain in plain(), internal in internal(), adjacent in adjacent(), untagged in untagged(), item in item(),
    ) -> Fields {
        Fields {
            switch, whole, large, ratio, text, letter, maybe, maybe_list, numbers, items, pair, by_text, by_number, by_switch,
            by_side, by_wrapped, set, hashed, plain, internal, adjacent, untagged, item,
        }
    }
}

prop_compose! {
    fn defaulted()(
        color in words(), maybe: Option<u8>, list in prop::collection::vec(item(), 0..3),
        map in prop::collection::btree_map(any::<u8>(), any::<bool>(), 0..3), dotted: Option<i8>,
        nested in prop::option::of((any::<bool>(), any::<Option<u8>>())), plain in plain(),
    ) -> Defaulted {
        let nested = nested.map(|(on, level)| Box::new(Inner { on, level }));
        Defaulted { color, maybe, list, map, dotted, nested, plain }
    }
}

prop_compose! {
    fn flattened()(
        name in words(), level: u8, within: Option<bool>,
        rest in prop::collection::btree_map("[u-v]{1,2}", any::<u32>(), 0..3),
    ) -> Flattened {
        Flattened { name, item: Within { level, within }, rest }
    }
}

prop_compose! {
    fn flat_enum()(kind in internal(), level: Option<u8>) -> FlatEnum {
        FlatEnum { kind, level }
    }
}

fn kind() -> BoxedStrategy<Kind> {
    prop_oneof![
        Just(Kind::Unit),
        (0_u8..3).prop_map(Kind::New),
        any::<bool>().prop_map(|a| Kind::Struct { a }),
    ]
    .boxed()
}

fn port() -> BoxedStrategy<Port> {
    let name = "[a1]{1,2}".prop_map(Port::Name);
    prop_oneof![(0_u8..13).prop_map(Port::Number), name].boxed()
}

/// Few, so that two are often read alike.
fn lowercase() -> BoxedStrategy<Lowercase> {
    "[aAbB]{1,2}".prop_map(Lowercase).boxed()
}

fn share() -> BoxedStrategy<f32> {
    prop_oneof![Just(0.1_f32), Just(0.5), Just(1.0), Just(1.0 / 3.0)].boxed()
}

prop_compose! {
    fn arranged()(
        kinds in prop::collection::btree_set(kind(), 0..4),
        hashed in prop::collection::hash_set(kind(), 0..4),
        ports in prop::collection::btree_set(port(), 0..4),
        list in prop::collection::vec(lowercase(), 0..5),
        set in prop::collection::btree_set(lowercase(), 0..4),
        hashed_set in prop::collection::hash_set(lowercase(), 0..4),
        rows in prop::collection::vec(prop::collection::vec(share(), 0..3), 0..3),
        sets in prop::collection::vec(prop::collection::hash_set(0_u8..5, 0..4), 0..3),
    ) -> Arranged {
        Arranged { kinds, hashed, ports, list, set, hashed_set, rows, sets }
    }
}

fn mode() -> BoxedStrategy<Mode> {
    prop_oneof![
        Just(Mode::Plain),
        (0_u8..3).prop_map(Mode::Number),
        prop::collection::hash_set(0_u8..5, 0..4).prop_map(Mode::New),
        prop::collection::hash_set(kind(), 0..4).prop_map(|tags| Mode::Tagged { tags }),
    ]
    .boxed()
}

prop_compose! {
    fn now_and_then()(arranged in prop::option::of(arranged()), mode in mode()) -> NowAndThen {
        NowAndThen { arranged: arranged.map(Box::new), mode }
    }
}

/// As a person might have written it: lists in another order, with an item twice, and floats with more digits than are kept.
fn by_a_person(tree: Value, mask: u32) -> Value {
    match tree {
        Value::Sequence(items) => {
            let items = items.into_iter().zip(1_u32..);
            let items = items.map(|(item, at)| by_a_person(item, mask.rotate_right(at)));
            let mut items: Vec<Value> = items.collect();
            if mask & 2 != 0 {
                items.reverse();
            }
            match items.first() {
                Some(first) if mask & 12 == 12 => items.push(first.clone()),
                _ => {}
            }
            items.into()
        }
        Value::Map(map) => {
            let entries = map.into_iter().zip(1_u32..);
            let entries =
                entries.map(|((key, value), at)| (key, by_a_person(value, mask.rotate_right(at))));
            entries.collect::<persist_format::Map>().into()
        }
        Value::Float(x) if mask & 2 != 0 => (x.get() + 1e-12).into(),
        other => other,
    }
}

/// A change from one value to another of only some of the fields: those of the second where the mask says so.
fn mixed(a: &Value, b: &Value, mask: u32) -> Value {
    let (Value::Map(a), Value::Map(b)) = (a, b) else {
        return b.clone();
    };
    let mut keys: Vec<&Value> = a.keys().chain(b.keys()).collect();
    keys.sort_by_key(ToString::to_string);
    keys.dedup();
    let takes_b = |at: usize| mask & (1 << (at % 32)) != 0;
    let entry = |(at, key): (usize, &Value)| {
        let side = if takes_b(at) { b } else { a };
        Some((key.clone(), side.get_key(key)?.clone()))
    };
    keys.into_iter()
        .enumerate()
        .filter_map(entry)
        .collect::<persist_format::Map>()
        .into()
}

/// A file that a person has been at: some fields left out, some that the type doesn't know, comments.
fn start(tree: &Value, mask: u32, format: Format) -> Option<Document> {
    let mut tree = tree.clone();
    if let Value::Map(map) = &mut tree {
        let leave_out = |at: &usize| mask & (1 << (at % 32)) != 0 && mask & 1 != 0;
        for at in (0..map.len()).rev().filter(leave_out) {
            map.remove_at(at);
        }
    }
    let (document, _) = Document::encode(&tree, format).ok()?;
    let (head, tail) = match format {
        Format::Json => return Some(document),
        Format::Jsonc => ("// by hand\n", ""),
        Format::Toml => ("# by hand\nunknown_1 = 0x10 # mine\n", "\n# end\n"),
        Format::Yaml => ("# by hand\nunknown_1: 0x10 # mine\n", ""),
    };
    let text = format!("{head}{}{tail}", document.text());
    Document::parse(text.as_bytes(), format).ok()
}

/// What became of the cases.
#[derive(Debug, Default)]
struct Tally {
    written: u32,
    refused: u32,
}

fn law<T>(
    defaults: &T,
    [written, b]: [&Value; 2],
    masks: [u32; 2],
    format: Format,
    tally: &mut Tally,
) where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let tree = |value: &T| persist_format::to_value(value).expect("a value");
    let defaults = Defaults::new(defaults).expect("defaults");
    let Some(mut document) = start(written, masks[0], format) else {
        return;
    };
    let Ok(loaded) = document.deserialize_with::<T>(&defaults) else {
        return; // without a default for what was left out
    };
    let before = tree(&loaded);
    let Ok(wanted) = persist_format::from_value::<T>(&mixed(&before, b, masks[1])) else {
        return;
    };
    let is_new = super::is_empty(document.value());
    let text = document.text().to_owned();
    let typed = Typed {
        defaults: &defaults,
        stamp: None,
        unchecked: &[],
        without_excluded: &|tree| tree,
    };
    let case = |document: &Document| {
        format!(
            "{format} from\n{text}to {wanted:?}\ngave\n{}",
            document.text()
        )
    };
    match typed.write::<T>(
        &mut document,
        &typed.asked::<T>(before.clone(), tree(&wanted)),
    ) {
        Ok(_) => {
            tally.written += 1;
            let read: T = document.deserialize_with(&defaults).expect("it reads back");
            let other = persist_format::diff::between(&tree(&wanted), &tree(&read));
            assert!(read == wanted, "{other}{}", case(&document));
            if tree(&wanted) == before && !is_new {
                assert_eq!(document.text(), text);
            }
            // A map of all other keys knows that one, and may let it go with its comment.
            let is_known = before.get(&KeyPath::root().child("unknown_1")).is_some();
            for kept in ["by hand\n", "unknown_1", "0x10 # mine\n", "# end\n"] {
                let there = (text.contains(kept), document.text().contains(kept));
                assert!(
                    there.0 == there.1 || is_known,
                    "{kept:?} of {}",
                    case(&document)
                );
            }
        }
        Err(trouble) => {
            tally.refused += 1;
            let may_be = match &trouble {
                Trouble::NotReadBack { path, wanted, .. } => {
                    format == Format::Toml && wanted.get(path).is_none_or(holds_null)
                }
                Trouble::Format(error) => {
                    format == Format::Toml && error.kind() == ErrorKind::Unrepresentable
                }
                Trouble::Version(_) => false,
            };
            assert!(may_be, "{} refused: {}", case(&document), said(&trouble));
            assert_eq!(document.text(), text);
        }
    }
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => map.values().any(holds_null),
        Value::Sequence(items) => items.iter().any(holds_null),
        _ => false,
    }
}

fn said(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Format(error) => error.to_string(),
        Trouble::NotReadBack {
            path,
            wanted,
            found,
        } => {
            format!("{path}: {:?}, not {:?}", found.get(path), wanted.get(path))
        }
        Trouble::Version(path) => path.to_string(),
    }
}

/// Of all laws and formats together.
const CASES: u32 = 10_000;

/// Runs a law on its share of the cases, in each format.
fn run<T, S>(values: fn() -> S, defaults: fn(T) -> T)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug + Clone,
    S: Strategy<Value = T>,
{
    run_on(values, defaults, |tree, _| tree);
}

/// The same on files that do not spell the settings as the type does.
fn run_on<T, S>(values: fn() -> S, defaults: fn(T) -> T, written: fn(Value, u32) -> Value)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug + Clone,
    S: Strategy<Value = T>,
{
    let cases = if cfg!(windows) { 500 } else { CASES };
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases / 16)
    };
    let tally = std::cell::RefCell::new(Tally::default());
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let inputs = (values(), values(), values(), any::<[u32; 2]>());
    let done = runner.run(&inputs, |(d, a, b, masks)| {
        let tree = |value: &T| persist_format::to_value(value).expect("a value");
        let written = written(tree(&a), masks[0]);
        for format in Format::ALL {
            law(
                &defaults(d.clone()),
                [&written, &tree(&b)],
                masks,
                format,
                &mut tally.borrow_mut(),
            );
        }
        Ok(())
    });
    done.unwrap_or_else(|e| panic!("{e}"));
    let tally = tally.into_inner();
    assert!(
        tally.written > cases / 16 && tally.refused < tally.written / 4,
        "{tally:?}"
    );
}

#[test]
fn fields_of_all_kinds_read_back() {
    run(|| fields().boxed(), |d| d);
}

#[test]
fn fields_with_defaults_of_their_own_read_back() {
    run(|| defaulted().boxed(), |d| d);
}

#[test]
fn flattened_fields_read_back() {
    run(|| flattened().boxed(), |d| d);
}

#[test]
fn flattened_enums_read_back() {
    run(|| flat_enum().boxed(), |d| d);
}

#[test]
fn the_types_own_defaults_do_as_well() {
    run(|| defaulted().boxed(), |_| Defaulted::default());
}

#[test]
fn lists_and_sets_read_back_however_they_are_arranged() {
    run_on(|| arranged().boxed(), |d| d, by_a_person);
}

#[test]
fn sets_read_back_that_come_where_there_was_no_map() {
    run_on(|| now_and_then().boxed(), |d| d, by_a_person);
}

#[test]
fn flattened_enums_are_not_filled_from_another_variant() {
    /// Without the fields that are filled in.
    #[derive(Debug, Deserialize)]
    struct Alone {
        #[serde(flatten)]
        kind: Internal,
    }
    let others = std::cell::Cell::new(0);
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(CASES / 16)
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let done = runner.run(&(flat_enum(), flat_enum(), any::<u32>()), |(d, a, mask)| {
        let tree = |value: &FlatEnum| persist_format::to_value(value).expect("a value");
        let mut written = tree(&a);
        if let Value::Map(map) = &mut written {
            let left_out = (1..map.len()).rev().filter(|at| mask & (1 << at) != 0);
            left_out.for_each(|at| drop(map.remove_at(at)));
        }
        let (document, _) = Document::encode(&written, Format::Yaml).expect("a document");
        let kind = |value: &Value| value.get(&KeyPath::root().child("kind")).cloned();
        if kind(document.value()).is_none_or(|said| Some(said) == kind(&tree(&d))) {
            return Ok(());
        }
        others.set(others.get() + 1);
        let defaults = Defaults::new(&d).expect("defaults");
        let loaded = document.deserialize_with::<FlatEnum>(&defaults);
        let alone = document.deserialize::<Alone>();
        assert_eq!(
            loaded.map(|loaded| loaded.kind).ok(),
            alone.map(|alone| alone.kind).ok(),
            "{d:?} behind\n{}",
            document.text()
        );
        Ok(())
    });
    done.unwrap_or_else(|e| panic!("{e}"));
    assert!(others.get() > CASES / 100, "{others:?}");
}

/// What was unset is not there by another name.
#[test]
fn paths_are_named_where_a_save_is_refused() {
    let defaults = Defaults::new(&Defaulted::default()).expect("defaults");
    let mut document = Document::parse(b"", Format::Toml).expect("a document");
    let before = persist_format::to_value(&Defaulted::default()).expect("a value");
    let wanted = Defaulted {
        maybe: None,
        ..Defaulted::default()
    };
    let typed = Typed {
        defaults: &defaults,
        stamp: None,
        unchecked: &[],
        without_excluded: &|tree| tree,
    };
    let after = persist_format::to_value(&wanted).expect("a value");
    match typed.write::<Defaulted>(&mut document, &typed.asked::<Defaulted>(before, after)) {
        Err(Trouble::NotReadBack { path, .. }) => assert_eq!(path, KeyPath::root().child("maybe")),
        other => panic!("{}", other.is_ok()),
    }
}
