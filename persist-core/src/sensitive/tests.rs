//! Redaction of a difference held against its definition, which tries each secret on each text, and the steps that it takes.

use std::collections::HashSet;

use persist_format::diff::{self, Change, What};
use persist_format::{Document, Format, KeyPath, Map, Value};
use proptest::prelude::*;

use super::embedded::within;
use super::overlap::related;
use super::steps::STEPS;
use super::walk::{Walk, scalar_text};
use super::{REDACTED, Sensitive, Told};

fn is_related(secret: &str, text: &str) -> bool {
    let has = |text: &str, least| text.chars().count() >= least;
    has(secret, 3) && (text.contains(secret) || has(text, 4) && secret.contains(text))
}

/// What `following` promises, done as it is said: each secret of `one` is tried on each text of `other`.
fn tried(rules: &Sensitive, one: &Value, other: &Value) -> Sensitive {
    let (mut all, mut secrets) = (rules.clone(), Vec::new());
    Walk::at(rules, &KeyPath::root()).scalars(one, &mut |walk, value, is_secret| {
        if is_secret {
            all.paths.insert(walk.path().clone());
            secrets.extend(scalar_text(value));
        }
    });
    let nothing = Sensitive::new();
    Walk::at(&nothing, &KeyPath::root()).scalars(other, &mut |walk, value, _| {
        let text = scalar_text(value);
        if text.is_some_and(|text| secrets.iter().any(|secret| is_related(secret, &text))) {
            all.paths.insert(walk.path().clone());
        }
    });
    all
}

/// The same, without what only stands where a secret of `one` does.
fn related_places(rules: &Sensitive, one: &Value, other: &Value) -> Sensitive {
    let mut all = tried(rules, one, other);
    let of_one = tried(rules, one, &Value::Null).paths;
    all.paths.retain(|path| !of_one.contains(path));
    all
}

/// Whether `shown` hides all that `wanted` hides; both are redactions of one value.
fn hides_all(wanted: &Value, shown: &Value) -> bool {
    match (wanted, shown) {
        (_, Value::String(text)) if text == REDACTED => true,
        (Value::Map(wanted), Value::Map(shown)) => {
            let mut both = wanted.values().zip(shown.values());
            both.all(|(wanted, shown)| hides_all(wanted, shown))
        }
        (Value::Sequence(wanted), Value::Sequence(shown)) => {
            let mut both = wanted.iter().zip(shown);
            both.all(|(wanted, shown)| hides_all(wanted, shown))
        }
        _ => wanted == shown,
    }
}

fn sides(change: &Change) -> Vec<&Value> {
    match &change.what {
        What::Added(value) | What::Removed(value) => vec![value],
        What::Modified { old, new } => vec![old, new],
        _ => Vec::new(),
    }
}

fn map(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Map(entries.into_iter().collect::<Map>())
}

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        8 => "[ab]{0,7}".prop_map(Value::from),
        2 => "[abé]{3,12}".prop_map(Value::from),
        1 => Just(Value::from("--password")),
        1 => (100..130_i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ];
    let key = prop_oneof![
        3 => "[xyz]".prop_map(String::from),
        1 => Just("password".to_owned()),
        1 => Just("my_token".to_owned()),
        1 => Just("auth".to_owned()),
        1 => Just("name".to_owned()),
        1 => Just("value".to_owned()),
    ];
    let value = scalar.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Sequence),
            prop::collection::vec((key.clone(), inner), 0..5).prop_map(map),
        ]
    });
    prop::collection::vec(("password|x|y|z|auth", value), 0..6).prop_map(map)
}

/// Where two values differ, place by place.
fn places(old: &Value, new: &Value, at: &KeyPath) -> Vec<KeyPath> {
    match (old, new) {
        (old, new) if old == new => Vec::new(),
        (Value::Sequence(old), Value::Sequence(new)) if old.len() == new.len() => {
            let pairs = old.iter().zip(new).enumerate();
            let places = pairs.flat_map(|(i, (old, new))| places(old, new, &at.item(i)));
            places.collect()
        }
        (Value::Map(old), Value::Map(new)) if old.len() == new.len() => {
            let pairs = old.iter().zip(new.iter());
            let places = pairs.flat_map(|((key, old), (_, new))| {
                places(old, new, &at.child(&key.as_key_text().unwrap_or_default()))
            });
            places.collect()
        }
        _ => vec![at.clone()],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn finds_what_trying_each_finds(
        secrets in prop::collection::vec("[abé]{0,8}", 0..8),
        texts in prop::collection::vec("[abé]{0,8}", 0..8),
    ) {
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = related(&secrets, &texts);
        for (text, found) in texts.iter().zip(found) {
            let wanted = secrets.iter().any(|secret| is_related(secret, text));
            prop_assert_eq!(found, wanted, "{:?} in {:?}", text, secrets);
        }
    }

    #[test]
    fn a_difference_hides_what_trying_each_hides(old in document(), new in document()) {
        let rules = Sensitive::new();
        let after = tried(&rules, &old, &new);
        let wanted = tried(&after, &new, &old);
        let diff = diff::between(&old, &new);
        let told = Told::difference([&old, &new], &diff.changes);
        let shown = rules.of_told(&[told]).remove(0);
        for change in &diff.changes {
            for side in sides(change) {
                let wanted = wanted.redact(&change.path, side);
                let shown = shown.redact(&change.path, side);
                prop_assert!(hides_all(&wanted, &shown), "{}: {} shows {}", change.path, wanted, shown);
            }
        }
    }

    /// A drawn line is hidden if any line that looks like it comes after a sensitive key, as counting down from each says.
    #[test]
    fn lines_after_a_sensitive_key_are_hidden(lines in prop::collection::vec("a|bb|password: x|password:|token: \\||x = 1|", 0..90)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (mut open, mut hidden) = (0_usize, HashSet::new());
        for line in &lines {
            if open > 0 {
                open -= 1;
                hidden.insert(*line);
            }
            let value = line.split_once(':').map(|(_, value)| value.trim());
            match value {
                Some("" | "|") => open = 40,
                Some(_) => open = open.max(1),
                None => {}
            }
        }
        for drawn in ["a", "bb", "password: x", "x = 1"] {
            let hides = Sensitive::new().continues(&lines, |line| line == drawn);
            prop_assert_eq!(hides, hidden.contains(drawn), "{} in {:?}", drawn, lines);
        }
    }

    /// Who asks what there is to hide, and finds nothing, may show all.
    #[test]
    fn all_that_is_redacted_is_found(document in document()) {
        let rules = Sensitive::new();
        let root = KeyPath::root();
        let found = rules.found(&root, &document);
        let redacted = rules.redact(&root, &document);
        for path in places(&document, &redacted, &root) {
            prop_assert!(found.iter().any(|found| path.starts_with(found)), "{} in {}", path, document);
        }
    }

    #[test]
    fn texts_side_by_side_hide_what_trying_each_hides(old in document(), new in document()) {
        let rules = Sensitive::new();
        let both = [&old, &new];
        let [Ok((old, _)), Ok((new, _))] = both.map(|v| Document::encode(v, Format::Yaml)) else {
            return Ok(());
        };
        let shown = rules.redacted_texts(&old, &new).map(|text| text.expect("nothing is shared"));
        for (value, shown) in both.into_iter().zip(&shown) {
            let shown = Document::parse(shown.as_bytes(), Format::Yaml).expect("the same structure");
            for one in both {
                let wanted = related_places(&rules, one, value);
                let wanted = wanted.redact(&KeyPath::root(), value);
                prop_assert!(hides_all(&wanted, shown.value()), "{} shows {}", wanted, shown.value());
            }
        }
    }

    #[test]
    fn following_hides_what_trying_each_hides(one in document(), other in document()) {
        let root = KeyPath::root();
        let wanted = tried(&Sensitive::new(), &one, &other).redact(&root, &other);
        let shown = Sensitive::new().following(&one, &other).redact(&root, &other);
        prop_assert!(hides_all(&wanted, &shown), "{} shows {}", wanted, shown);
    }
}

/// An item of a list has another index in a note than in the document.
#[test]
fn a_secret_in_an_item_that_moved_up_is_hidden() {
    let value = |text: &str| Value::from_cli(text);
    let old = value(r#"{"password": "hunter2", "list": [0, "q", {"k": "hunter2"}]}"#);
    let new = value(r#"{"password": "hunter2", "list": ["q", {"k": "other"}]}"#);
    let notes = crate::note::ChangeNotes::of(&old, &new, &Sensitive::new()).notes;
    assert!(
        notes.iter().any(|note| note.path == "/list/1/k"),
        "{notes:?}"
    );
    assert!(!format!("{notes:?}").contains("hunter2"), "{notes:?}");
}

/// What was split from a secret is one in the texts before, too.
#[test]
fn a_part_of_a_secret_is_hidden_where_it_stood_before() {
    let old = Value::from_cli(r#"{"password": "user:hunter2", "note": "try hunter2!"}"#);
    let new = Value::from_cli(r#"{"password": "", "note": "gone", "kept": "hunter2"}"#);
    let notes = crate::note::ChangeNotes::of(&old, &new, &Sensitive::new()).notes;
    assert!(notes.iter().any(|note| note.path == "/note"), "{notes:?}");
    assert!(!format!("{notes:?}").contains("hunter2"), "{notes:?}");
}

/// And after a part was put together with others, which is what undoing a split does.
#[test]
fn a_part_of_a_secret_is_hidden_before_it_is_put_together() {
    let old = Value::from_cli(r#"{"password": "", "note": "gone", "kept": "hunter2"}"#);
    let new = Value::from_cli(r#"{"password": "user:hunter2", "note": "try hunter2!"}"#);
    for pair in [[&old, &new], [&new, &old]] {
        let notes = crate::note::ChangeNotes::of(pair[0], pair[1], &Sensitive::new()).notes;
        assert!(!format!("{notes:?}").contains("hunter2"), "{notes:?}");
        let pair = pair.map(|value| Document::encode(value, Format::Toml).expect("it is one").0);
        let shown = Sensitive::new().redacted_texts(&pair[0], &pair[1]);
        assert!(!format!("{shown:?}").contains("hunter2"), "{shown:?}");
        assert!(shown.iter().all(Option::is_some));
    }
}

/// Steps of redacting the difference of two documents.
fn steps(old: &Value, new: &Value) -> usize {
    let changes = diff::between(old, new).changes;
    STEPS.set(0);
    let told = Told::difference([old, new], &changes);
    drop(Sensitive::new().of_told(&[told]));
    STEPS.get()
}

#[test]
fn the_steps_are_in_proportion_to_the_texts() {
    let tokens = |n: usize, more: &str| {
        let entry = |i| {
            (
                format!("x{i}_token"),
                Value::from(format!("value-of-a-thing-{i}")),
            )
        };
        let label = |i| {
            (
                format!("label_{i}"),
                Value::from(format!("value-of-{i}{more}")),
            )
        };
        map((0..n).map(entry).chain((0..n).map(label)))
    };
    let alike = |n: usize, more: &str| {
        let text = |i| format!("{}{more}", "a".repeat(i % 100));
        let entry = |i| (format!("x{i}_token"), Value::from(text(i) + "b"));
        let label = |i| (format!("label_{i}"), Value::from(text(i)));
        map((0..n).map(entry).chain((0..n).map(label)))
    };
    let bytes = |value: &Value| value.to_string().len();
    for (old, new) in [
        (tokens(500, ""), tokens(500, "x")),
        (tokens(4_000, ""), tokens(4_000, "x")),
        (alike(500, ""), alike(500, "a")),
        (alike(4_000, ""), alike(4_000, "a")),
    ] {
        let all = bytes(&old) + bytes(&new);
        let taken = steps(&old, &new);
        assert!(
            taken > 0 && taken < 14 * all,
            "{taken} steps for {all} bytes"
        );
    }
    let mut new = tokens(4_000, "");
    let old = new.clone();
    let one = "label_7".parse::<KeyPath>().expect("a path");
    new.set(&one, Value::from("dark mode")).expect("a key");
    let taken = steps(&old, &new);
    assert!(taken < 4 * bytes(&new), "{taken} steps for one change");
}

/// Texts that are made to be read again and again.
#[test]
fn a_hostile_text_is_gone_through_once() {
    for piece in [
        "password=",
        "password: ",
        " --token ",
        "a:",
        "\"pwd\": \"",
        "x=",
        "://",
    ] {
        let text = piece.repeat(20_000);
        STEPS.set(0);
        let hidden = within(&text);
        let line = Sensitive::new().mask_line(&text);
        let taken = STEPS.get();
        assert!(line.len() == text.len() && hidden.len() <= 20_000);
        assert!(
            taken < 80 * text.len(),
            "{piece}: {taken} steps for {} bytes",
            text.len()
        );
    }
}

#[test]
fn a_text_is_shown_without_what_its_comments_tell() {
    let check = |format, text: &str, expected: &str| {
        let document = Document::parse(text.as_bytes(), format).expect("as the test set it up");
        let shown = Sensitive::new().redacted_text(&document);
        assert_eq!(shown.expect("as the test set it up"), expected, "{text}");
    };
    use Format::{Jsonc, Toml, Yaml};
    // Beside a redacted value anything may be what it was before.
    check(
        Toml,
        "password = \"hunter2\" # DB_PASSWORD=topsecret2\nb = 1 # in pixels\n",
        "password = \"[redacted]\" # **********************\nb = 1 # in pixels\n",
    );
    check(
        Toml,
        "db = { host = \"h\", password = \"x1\" } # ghp_0123456789abcdefghij\n",
        "db = { host = \"h\", password = \"[redacted]\" } # ************************\n",
    );
    // A live value is known wherever it is, as a whole word where it is short.
    check(
        Toml,
        "# the password was hunter2, or hunter2x\npassword = \"hunter2\"\nurl = \"pg://u:pä55w@h\"\n# was pä55w\n[a]\ntoken = \"ab\" \n# not ab but cab\nn = 1 # DB_PASSWORD=topsecret2\n",
        "# the password was *******, or *******x\npassword = \"[redacted]\"\nurl = \"pg://u:[redacted]@h\"\n# was *****\n[a]\ntoken = \"[redacted]\" \n# not ** but cab\nn = 1 # DB_PASSWORD=**********\n",
    );
    check(
        Jsonc,
        "{\n  \"password\": \"hunter2\", /* was\n  hunter1 */ \"a\": 1, // x\n  \"b\": 2 // hunter2?\n}\n",
        "{\n  \"password\": \"[redacted]\", /* ***\n  ******* */ \"a\": 1, // *\n  \"b\": 2 // *******?\n}\n",
    );
    // All documents of a stream, and a value of several lines.
    check(
        Yaml,
        "a: 1 # hunter2\n---\npassword: hunter2\nkey: |\n  -----BEGIN PRIVATE KEY-----\n  abcdef\n# abcdef\n",
        "a: 1 # *******\n---\npassword: \"[redacted]\"\nkey: \"[redacted]\"\n# ******\n",
    );
}

/// Texts with spaces in them, as many alike as are not told apart any more.
#[test]
fn of_many_secrets_that_begin_alike_each_is_hidden_whole() {
    for count in [1, 16, 17, 40] {
        let keys = (0..count).map(|n| format!("password{n} = \"same horse {n} battery\"\n"));
        let comments = (0..count).map(|n| format!("# was same horse {n} battery\nn{n} = 1\n"));
        let text: String = keys.chain(comments).collect();
        let document =
            Document::parse(text.as_bytes(), Format::Toml).expect("as the test set it up");
        let shown = Sensitive::new().redacted_text(&document);
        let shown = shown.expect("as the test set it up");
        assert!(!shown.contains("battery"), "{count}: {shown}");
        assert!(shown.contains("# was ****"), "{count}: {shown}");
    }
}

#[test]
fn finding_secrets_in_comments_is_in_proportion_to_the_text() {
    let steps = |count: usize| {
        let keys = (0..count).map(|n| format!("password{n} = [\"same{n}\", \"{n:04}x\"]\n"));
        let comments = (0..count).map(|n| format!("# same{n} {n:04}x samesame\n"));
        let text: String = keys.chain(comments).collect();
        let document =
            Document::parse(text.as_bytes(), Format::Toml).expect("as the test set it up");
        STEPS.set(0);
        let shown = Sensitive::new().redacted_text(&document);
        assert!(!shown.expect("as the test set it up").contains("same"));
        STEPS.get()
    };
    let (few, many) = (steps(20), steps(40));
    assert!(0 < few && many < 3 * few, "{few} {many}");
}
