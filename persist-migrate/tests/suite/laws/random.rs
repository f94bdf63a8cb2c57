//! Random documents, lenses and edits over a few names, so that they meet.

use persist_migrate::{Lens, Path, Step, Tree, Type};
use proptest::prelude::*;
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["a", "b", "c"];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..4).prop_map(Value::from),
        Just(json!(0.5)),
        prop::sample::select(vec!["", "x", "y", "x:y", "1", "1:2:3", "true", "0x"])
            .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

pub(super) fn document() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(name(), value(), 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![6 => name().prop_map(Step::from), 1 => Just(Step::Each), 1 => (0usize..2).prop_map(Step::from)]
}

fn path() -> impl Strategy<Value = Path> {
    prop::collection::vec(step(), 1..3).prop_map(Path::from)
}

fn kind() -> impl Strategy<Value = Type> {
    prop::sample::select(vec![
        Type::Boolean,
        Type::Integer,
        Type::Number,
        Type::String,
    ])
}

fn lens() -> impl Strategy<Value = Lens> {
    let key = || prop::option::of(name());
    let table = prop::collection::vec((scalar(), scalar()), 0..4);
    let parts = || prop::collection::vec(path(), 0..3);
    let separator = || ":".to_owned();
    prop_oneof![
        (path(), prop::option::of(value())).prop_map(|(path, value)| Lens::Add { path, value }),
        (path(), prop::option::of(value())).prop_map(|(path, value)| Lens::Remove { path, value }),
        (path(), name()).prop_map(|(path, to)| Lens::Rename { path, to }),
        (path(), path()).prop_map(|(from, to)| Lens::Move { from, to }),
        (path(), key()).prop_map(|(path, key)| Lens::Wrap { path, key }),
        (path(), key()).prop_map(|(path, key)| Lens::Unwrap { path, key }),
        (path(), name()).prop_map(|(path, key)| Lens::Hoist { path, key }),
        (path(), name()).prop_map(|(path, key)| Lens::Plunge { path, key }),
        (path(), table).prop_map(|(path, table)| Lens::Map { path, table }),
        (
            path(),
            kind(),
            kind(),
            prop::option::of(scalar()),
            prop::option::of(scalar())
        )
            .prop_map(
                |(path, from, to, otherwise, otherwise_back)| Lens::Convert {
                    path,
                    from,
                    to,
                    otherwise,
                    otherwise_back
                }
            ),
        (path(), parts()).prop_map(move |(path, into)| Lens::Split {
            path,
            separator: separator(),
            into
        }),
        (path(), parts()).prop_map(move |(path, from)| Lens::Join {
            path,
            separator: separator(),
            from
        }),
        (path(), scalar()).prop_map(|(path, value)| Lens::Default { path, value }),
    ]
}

/// One to four lenses that are valid, as their inverses are.
pub(super) fn lenses() -> impl Strategy<Value = Vec<Lens>> {
    let valid = lens().prop_filter("valid", |lens| {
        lens.validate().is_ok() && lens.inverse().validate().is_ok()
    });
    prop::collection::vec(valid, 1..5)
}

/// A change that a person makes.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    path: Path,
    value: Option<Value>,
}

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let concrete = path().prop_filter("no pattern", |path| !path.is_pattern());
    (concrete, prop::option::of(value())).prop_map(|(path, value)| Edit { path, value })
}

impl Edit {
    /// Makes the change where the document has a place for it.
    pub(super) fn apply(&self, document: &mut Value) {
        let _made = match &self.value {
            Some(value) => document.set(&self.path, value.clone()).is_ok(),
            None => document.remove(&self.path).is_ok(),
        };
    }
}
