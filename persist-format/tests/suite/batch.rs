//! Several edits as one say what they say one after the other, and leave the same text.

use persist_format::{
    Document, Edits, Error, ErrorKind, Extent, Format, KeyPath, OnAlias, Segment, Value,
};
use proptest::prelude::*;

use crate::support::{document, path};

/// An edit of what is there when its turn comes.
#[derive(Clone, Debug)]
enum Step {
    Set(KeyPath, Value),
    Insert(KeyPath, Value),
    Remove(KeyPath),
    Rename(KeyPath, String),
    Move(KeyPath, KeyPath),
}

impl Step {
    fn on_document(&self, document: &mut Document) -> Result<(), Error> {
        match self {
            Self::Set(path, value) => document.set(path, value.clone()).map(drop),
            Self::Insert(path, value) => document.insert(path, value.clone()).map(drop),
            Self::Remove(path) => document.remove(path).map(drop),
            Self::Rename(path, key) => document.rename(path, key).map(drop),
            Self::Move(from, to) => document.move_to(from, to).map(drop),
        }
    }

    fn on_edits(&self, edits: &mut Edits) -> Result<(), Error> {
        match self {
            Self::Set(path, value) => edits.set(path, value.clone()),
            Self::Insert(path, value) => edits.insert(path, value.clone()),
            Self::Remove(path) => edits.remove(path),
            Self::Rename(path, key) => edits.rename(path, key),
            Self::Move(from, to) => edits.move_to(from, to),
        }
    }
}

const TEXTS: [(Format, &str); 4] = [
    (
        Format::Json,
        "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [1, 2, {\"x\": 1}],\n    \"d\": {\"e\": true}\n  },\n  \"f\": [\n    \"one\",\n    \"two\"\n  ],\n  \"g\": null\n}\n",
    ),
    (
        Format::Jsonc,
        "// top\n\n{\n  // about a\n  \"a\": 1, // beside a\n  // about b\n  \"b\": {\n    \"c\": [1, 2, {\"x\": 1}], // beside c\n    // about d\n    \"d\": {\"e\": true}\n  },\n\n  // apart\n\n  \"f\": [\n    // first\n    \"one\",\n    \"two\" // last\n  ],\n  \"g\": null\n}\n",
    ),
    (
        Format::Toml,
        "# top\n\n# about a\na = 1 # beside a\nf = [\n  # first\n  \"one\",\n  \"two\", # last\n]\ng = 'raw'\n\n# about b\n[b]\nc = [1, 2, {x = 1}] # beside c\n# about d\nd = {e = true}\n\n# about h\n[h.i]\nj = 1979-05-27 # day\n\n[[k]]\nl = 1 # in the first\n[[k]]\nl = 2\n",
    ),
    (
        Format::Yaml,
        "# top\n\n# about a\na: 1 # beside a\n# about b\nb:\n  c: # beside c\n    - 1\n    - 2 # second\n    - x: 1\n  # about d\n  d:\n    e: true\n\n# apart\n\nf:\n  - one # first\n  - two\ng: ~\nh: {i: 1, j: [2]} # flow\nt: |\n  some\n  text\n",
    ),
];

/// Numbers from which a step is made.
type Dice = (u8, u16, u16, u8);

fn dice() -> impl Strategy<Value = Vec<Dice>> {
    proptest::collection::vec((0..10u8, any::<u16>(), any::<u16>(), 0..6u8), 1..12)
}

fn all_paths(value: &Value, path: &KeyPath, found: &mut Vec<KeyPath>) {
    match value.untagged() {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let path = path.child(&key.as_key_text().unwrap_or_default());
                found.push(path.clone());
                all_paths(value, &path, found);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = path.item(index);
                found.push(path.clone());
                all_paths(item, &path, found);
            }
        }
        _ => {}
    }
}

fn pick(paths: &[KeyPath], dice: u16) -> Option<&KeyPath> {
    paths.get(usize::from(dice) % paths.len().max(1))
}

/// A container, the root included.
fn container(value: &Value, paths: &[KeyPath], dice: u16) -> KeyPath {
    let is_container = |path: &&KeyPath| value.get(path).is_some_and(Value::is_container);
    let all: Vec<&KeyPath> = paths.iter().filter(is_container).collect();
    let at = usize::from(dice) % (all.len() + 1);
    all.get(at)
        .map_or_else(KeyPath::root, |path| (*path).clone())
}

fn new_value(dice: u8) -> Value {
    Value::from_cli(["7", "text", "true", "{\"y\": 1}", "[1, 2]", "{}"][usize::from(dice) % 6])
}

fn step(value: &Value, (kind, one, two, new): Dice) -> Option<Step> {
    let mut paths = Vec::new();
    all_paths(value, &KeyPath::root(), &mut paths);
    let path = pick(&paths, one)?.clone();
    let key = format!("n{}", two % 4);
    let inside = container(value, &paths, two);
    let child = match value.get(&inside)?.untagged() {
        Value::Sequence(items) => Segment::Index(usize::from(one) % (items.len() + 1)),
        _ => Segment::Key(key.clone()),
    };
    Some(match kind {
        0..=2 => Step::Set(path, new_value(new)),
        3 => Step::Set(inside.join(child), new_value(new)),
        4 => Step::Insert(inside.join(child), new_value(new)),
        5 => Step::Remove(path),
        6 => Step::Rename(path, key),
        7 | 8 => Step::Move(path, inside.join(child)),
        _ => Step::Move(path, inside.join(child).child(&key)),
    })
}

/// The steps that could be made one after the other, and the document that they made.
fn one_by_one(document: &Document, dice: &[Dice]) -> (Document, Vec<Step>) {
    let mut document = document.clone();
    let mut made = Vec::new();
    for dice in dice {
        if let Some(step) = step(document.value(), *dice)
            && step.on_document(&mut document).is_ok()
        {
            made.push(step);
        }
    }
    (document, made)
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PERSIST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(96);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_batch_is_what_its_edits_are(dice in dice(), which in 0..TEXTS.len()) {
        let (format, text) = TEXTS[which];
        let old = document(format, text);
        let (alone, steps) = one_by_one(&old, &dice);
        let mut edits = Edits::new(old.clone());
        for step in &steps {
            step.on_edits(&mut edits).expect("it could be made alone");
        }
        prop_assert_eq!(edits.value(), alone.value(), "{:?}", &steps);
        let (together, _) = edits.finish().expect("each could be made alone");
        prop_assert_eq!(together.value(), alone.value());
        prop_assert!(together.check().is_ok());
        let again = document(format, together.text());
        prop_assert_eq!(again.value(), alone.value());
    }

    /// Edits that meet at one place may leave another layout than one after the other: a list that was emptied and filled again is written once. Those that
    /// don't meet leave the same text.
    #[test]
    fn edits_of_different_entries_leave_the_text_that_they_leave_alone(
        kinds in proptest::collection::vec(0..7u8, 12),
        format in proptest::sample::select(Format::ALL.to_vec()),
    ) {
        let old = document(format, &tables(format));
        let (mut alone, mut edits) = (old.clone(), Edits::new(old));
        for (at, kind) in kinds.iter().enumerate() {
            let entry = path(&format!("t{}.k{}", at / 4, at % 4));
            let step = match kind {
                0 => Step::Set(entry, 7.into()),
                1 => Step::Set(entry, "some text".into()),
                2 => Step::Rename(entry, format!("renamed{at}")),
                3 => Step::Remove(entry),
                4 => Step::Move(entry, path(&format!("u.moved{at}"))),
                5 => Step::Move(entry, path(&format!("u{at}.moved"))),
                _ => Step::Set(path(&format!("u.added{at}")), true.into()),
            };
            step.on_document(&mut alone).expect("it is there");
            step.on_edits(&mut edits).expect("it is there");
        }
        let (together, edit) = edits.finish().expect("each could be made alone");
        prop_assert_eq!(edit.extent, Extent::Splice);
        prop_assert_eq!(together.text(), alone.text());
    }
}

#[test]
fn tables_that_go_together_leave_what_they_leave_alone() {
    for format in Format::ALL {
        for chosen in 1..15 {
            let mut alone = document(format, &tables(format));
            let mut edits = Edits::new(alone.clone());
            let names = ["t0", "t1", "t2", "u"].iter().enumerate();
            for (_, name) in names.filter(|(at, _)| chosen >> at & 1 == 1) {
                let step = Step::Remove(path(name));
                step.on_document(&mut alone).expect("it is there");
                step.on_edits(&mut edits).expect("it is there");
            }
            let (together, _) = edits.finish().expect("each could go alone");
            assert_eq!(together.text(), alone.text(), "{format}");
            let mut applied = document(format, &tables(format));
            let edit = applied.apply(alone.value()).expect("each could go alone");
            assert_eq!(edit.extent, Extent::Splice);
            assert_eq!(applied.text(), alone.text(), "{format}");
        }
    }
}

/// Four tables of four entries, with comments where there are any. An entry comes first: what stands above a file's first table is about the
/// file, and one after the other each may be the first.
fn tables(format: Format) -> String {
    let mut text = match format {
        Format::Toml => "first = 0\n".to_owned(),
        Format::Yaml => "first: 0\n".to_owned(),
        _ => String::new(),
    };
    let json = matches!(format, Format::Json | Format::Jsonc);
    for table in ["t0", "t1", "t2", "u"] {
        let comment = |mark: &str, what: &str| match format {
            Format::Json => String::new(),
            _ => format!("{mark} {what} {table}"),
        };
        text += &match format {
            Format::Json => format!("  \"{table}\": {{\n"),
            Format::Jsonc => format!("  {}\n  \"{table}\": {{\n", comment("//", "about")),
            Format::Toml => format!("\n{}\n[{table}]\n", comment("#", "about")),
            Format::Yaml => format!("{}\n{table}:\n", comment("#", "about")),
        };
        for key in 0..4 {
            text += &match format {
                Format::Json | Format::Jsonc => format!(
                    "    \"k{key}\": {key}{} {}\n",
                    if key < 3 { "," } else { "" },
                    comment("//", "beside")
                ),
                Format::Toml => format!("k{key} = {key} {}\n", comment("#", "beside")),
                Format::Yaml => format!("  k{key}: {key} {}\n", comment("#", "beside")),
            };
        }
        text += match table {
            "u" if json => "  }\n",
            _ if json => "  },\n",
            _ => "",
        };
    }
    if json {
        format!("{{\n{text}}}\n")
    } else {
        text
    }
}

#[test]
fn what_fails_leaves_the_document_as_it_was() {
    let mut doc = document(Format::Toml, "a = 1 # one\n");
    let failed = doc.edit(|edits| {
        edits.set(&path("a"), 2)?;
        assert_eq!(edits.get(&path("a")), Some(&Value::from(2)));
        edits.remove(&path("b"))
    });
    assert_eq!(failed.map_err(|e| e.kind()), Err(ErrorKind::Path));
    assert_eq!(doc.text(), "a = 1 # one\n");
}

#[test]
fn paths_that_lead_nowhere_are_refused_as_alone() {
    for (format, text) in TEXTS {
        let mut doc = document(format, text);
        let steps = [
            Step::Set(path("a.b"), 1.into()),
            Step::Set(path("f[7]"), 1.into()),
            Step::Insert(path("b.d"), 1.into()),
            Step::Insert(path("f[7]"), 1.into()),
            Step::Remove(path("nothing")),
            Step::Remove(KeyPath::root()),
            Step::Rename(path("a"), "b".into()),
            Step::Rename(path("f[0]"), "b".into()),
            Step::Rename(path("nothing"), "b".into()),
            Step::Move(path("a"), path("b.d")),
            Step::Move(path("b"), path("b.d.x")),
            Step::Move(path("b"), KeyPath::root()),
            Step::Move(path("nothing"), path("b.x")),
            Step::Move(path("a"), path("f[7]")),
        ];
        let mut edits = Edits::new(doc.clone());
        for step in steps {
            let alone = step
                .on_document(&mut doc)
                .expect_err("there is no such place");
            let together = step
                .on_edits(&mut edits)
                .expect_err("there is no such place");
            assert_eq!(together.to_string(), alone.to_string(), "{format} {step:?}");
        }
        let (same, edit) = edits.finish().expect("there is nothing to do");
        assert!(!edit.changed());
        assert_eq!(same.text(), text);
    }
}

#[test]
fn one_edit_that_goes_wrong_with_others_is_made_alone() {
    // Writing an alias out is more than the edits together say.
    let text = "a: &x {b: 1} # one\nc: *x # two\nd: 1\n";
    let doc = document(Format::Yaml, text).on_alias(OnAlias::Expand);
    let mut edits = Edits::new(doc);
    edits.set(&path("d"), 2).expect("it is there");
    edits.set(&path("c.b"), 3).expect("it is there");
    edits.set(&path("e"), 4).expect("it is new");
    let (doc, edit) = edits.finish().expect("aliases are written out");
    assert_eq!(edit.extent, Extent::Splice);
    assert_eq!(
        doc.text(),
        "a: &x {b: 1} # one\nc: # two\n  b: 3\nd: 2\ne: 4\n"
    );
}

#[test]
fn aliases_that_are_followed_change_all_that_they_stand_for() {
    let text = "a: &x {b: 1} # one\nc: *x # two\n";
    let doc = document(Format::Yaml, text).on_alias(OnAlias::Follow);
    let mut edits = Edits::new(doc);
    edits.set(&path("c.b"), 3).expect("it is followed");
    assert_eq!(edits.get(&path("a.b")), Some(&Value::from(3)));
    edits.set(&path("d"), 2).expect("it is new");
    let (doc, _) = edits.finish().expect("both are made");
    assert_eq!(doc.text(), "a: &x {b: 3} # one\nc: *x # two\nd: 2\n");
}

#[test]
fn what_aliases_share_is_refused_with_its_place() {
    let doc = document(Format::Yaml, "a: &x {b: 1}\nc: *x\nd: 1\n");
    let mut edits = Edits::new(doc);
    edits.set(&path("d"), 2).expect("it is there");
    edits.set(&path("c.b"), 3).expect("it is there");
    let error = edits.finish().expect_err("it is an alias");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.key_path().map(ToString::to_string).as_deref(),
        Some("c.b")
    );
}

#[test]
fn what_the_format_has_not_is_told_as_alone() {
    let text = "a = 1\nb = 2\n";
    let steps = [
        Step::Set(path("a"), Value::Null),
        Step::Set(path("c.d.e"), Value::Null),
        Step::Set(path("b"), Value::from_cli("{\"x\": null, \"y\": 1}")),
    ];
    let mut doc = document(Format::Toml, text);
    let mut edits = Edits::new(doc.clone());
    let mut warnings = Vec::new();
    for step in &steps {
        if let Step::Set(path, value) = step {
            warnings.extend(doc.set(path, value.clone()).expect("it fits").warnings);
            edits.set(path, value.clone()).expect("it fits");
        }
        assert_eq!(edits.value(), doc.value());
    }
    let (together, edit) = edits.finish().expect("it fits");
    assert_eq!(edit.warnings, warnings);
    assert_eq!(together.value(), doc.value());
    let mut edits = Edits::new(document(Format::Toml, "a = [1]\n"));
    let error = edits.set(&path("a[0]"), Value::Null).expect_err("no null");
    assert_eq!(error.kind(), ErrorKind::Unrepresentable);
}

#[test]
fn numbers_that_others_read_otherwise_are_told_of_once() {
    let mut doc = document(Format::Json, "{\"a\": 1, \"b\": 2}");
    let large = Value::from_cli("123456789012345678901234567890");
    let edit = doc.edit(|edits| {
        edits.set(&path("a"), large)?;
        edits.set(&path("b"), 3)
    });
    assert_eq!(edit.expect("it fits").warnings.len(), 1);
}

/// The other parser reads `?foo` otherwise, so that nothing that is made of such a text can be believed.
#[test]
fn a_batch_of_which_nothing_is_left_changes_nothing() {
    let text = "{ ?foo: bar,\nbar: 42\n}\n";
    let mut doc = document(Format::Yaml, text);
    assert!(doc.check().is_err(), "the parsers agree: find another text");
    let edit = doc.edit(|edits| {
        assert!(edits.remove(&path("nowhere")).is_err());
        Ok(())
    });
    assert_eq!(
        edit.expect("nothing is asked for").extent,
        Extent::Unchanged
    );
    assert_eq!(doc.text(), text);
}
