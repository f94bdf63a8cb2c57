//! The official suites of JSON and TOML, and of JSON Patch on all three formats.

use std::path::{Path, PathBuf};

use persist_format::{Document, ErrorKind, Format, KeyPath, Limits, OnLoss, Segment, Value};

use crate::support::print_line;

/// The folder of a suite, or a loud word.
fn suite(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora")).join(name);
    if !path.exists() {
        print_line(&format!("SKIPPED: there is no {}", path.display()));
    }
    path.exists().then_some(path)
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file of the suite can be read")
}

fn is_unchanged(bytes: &[u8], mut document: Document) -> bool {
    let value = document.value().clone();
    document.apply(&value).is_ok_and(|edit| !edit.changed()) && document.bytes() == bytes
}

/// The two cases with a key that stands twice are read when that is allowed; by default they are refused.
#[test]
fn json_test_suite() {
    let Some(folder) = suite("JSONTestSuite/test_parsing") else {
        return;
    };
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for entry in std::fs::read_dir(folder)
        .expect("the suite can be listed")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = read(&entry.path());
        let mut limits = Limits::default();
        limits.allow_duplicate_keys = name.starts_with("y_object_duplicated_key");
        match (
            &name[..2],
            Document::parse_with(&bytes, Format::Json, &limits),
        ) {
            ("y_", _)
                if limits.allow_duplicate_keys && Document::parse(&bytes, Format::Json).is_ok() =>
            {
                wrong.push(name);
            }
            ("y_", Ok(document)) if is_unchanged(&bytes, document.clone()) => accepted += 1,
            ("n_", Err(_)) => refused += 1,
            ("i_", _) => {}
            _ => wrong.push(name),
        }
    }
    print_line(&format!(
        "JSONTestSuite: {accepted}/95 accepted, {refused}/188 refused"
    ));
    assert_eq!((accepted, refused, wrong), (95, 188, Vec::new()));
}

/// The value that toml-test's tagged JSON stands for.
fn untagged(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Array(items) => items.iter().map(untagged).collect::<Vec<_>>().into(),
        serde_json::Value::Object(map) => match (map.get("type"), map.get("value"), map.len()) {
            (Some(serde_json::Value::String(kind)), Some(serde_json::Value::String(text)), 2) => {
                scalar(kind, text)
            }
            _ => Value::Map(
                map.iter()
                    .map(|(key, value)| (key, untagged(value)))
                    .collect(),
            ),
        },
        other => panic!("{other} is not of the suite"),
    }
}

fn scalar(kind: &str, text: &str) -> Value {
    match kind {
        "string" => text.into(),
        "bool" => (text == "true").into(),
        "integer" => text.parse::<i64>().expect("it is an integer").into(),
        "float" => text.parse::<f64>().expect("it is a float").into(),
        _ => Value::Datetime(text.parse().expect("it is a datetime")),
    }
}

#[test]
fn toml_test() {
    let Some(folder) = suite("toml-test/tests") else {
        return;
    };
    let list = String::from_utf8(read(&folder.join("files-toml-1.1.0"))).expect("it is text");
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for name in list.lines().filter(|name| name.ends_with(".toml")) {
        let bytes = read(&folder.join(name));
        let document = Document::parse(&bytes, Format::Toml);
        match (name.starts_with("valid"), document) {
            (true, Ok(document)) => {
                let json = read(&folder.join(name).with_extension("json"));
                let expected = untagged(&serde_json::from_slice(&json).expect("it is JSON"));
                if *document.value() == expected && is_unchanged(&bytes, document.clone()) {
                    accepted += 1;
                } else {
                    wrong.push(name);
                }
            }
            (false, Err(_)) => refused += 1,
            _ => wrong.push(name),
        }
    }
    print_line(&format!(
        "toml-test: {accepted}/220 accepted, {refused}/492 refused"
    ));
    assert_eq!((accepted, refused, wrong), (220, 492, Vec::new()));
}

/// Makes one operation of RFC 6902 on a document. The standard has no empty results: `Err` is a refused operation.
fn operate(document: &mut Document, op: &serde_json::Value) -> Result<(), String> {
    let member = |name: &str| op.get(name).ok_or(format!("no {name}"));
    let path = |name: &str| -> Result<KeyPath, String> {
        let text = member(name)?.as_str().ok_or("a path is a string")?;
        match text {
            "" => Ok(KeyPath::root()),
            text if text.starts_with('/') => text
                .parse()
                .map_err(|e: persist_format::Error| e.to_string()),
            _ => Err("a pointer begins with /".into()),
        }
    };
    let at = path("path")?;
    let value = || member("value").map(|json| Value::from(json.clone()));
    let there = |document: &Document, path: &KeyPath| {
        document
            .get(path)
            .cloned()
            .ok_or("nothing there".to_owned())
    };
    match member("op")?.as_str() {
        Some("add") => add(document, &at, value()?),
        Some("remove") => done(document.remove(&at)),
        Some("replace") => {
            there(document, &at)?;
            done(document.set(&at, value()?))
        }
        Some("test") => {
            let (found, meant) = (there(document, &at)?, value()?);
            if same(&found, &meant) {
                Ok(())
            } else {
                Err("another value".into())
            }
        }
        Some("copy") => {
            let value = there(document, &path("from")?)?;
            add(document, &at, value)
        }
        Some("move") => {
            let from = path("from")?;
            let value = there(document, &from)?;
            if at == from {
                return Ok(());
            }
            if at.starts_with(&from) {
                return Err("into itself".into());
            }
            if document.get(&at).is_some() && !is_item(document, &at) || at.is_root() {
                done(document.remove(&from))?;
                return add(document, &at, value);
            }
            done(document.move_to(&from, &at))
        }
        _ => Err("no such operation".into()),
    }
}

fn is_item(document: &Document, path: &KeyPath) -> bool {
    path.parent()
        .and_then(|parent| document.get(&parent))
        .is_some_and(Value::is_sequence)
}

/// RFC 6902 compares numbers by value.
fn same(a: &Value, b: &Value) -> bool {
    let number = |v: &Value| {
        v.as_integer()
            .map(persist_format::Integer::to_f64)
            .or(v.as_float().map(persist_format::Float::get))
    };
    match (a, b) {
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(k, v)| y.get_key(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b || number(a).is_some_and(|x| number(b) == Some(x)),
    }
}

fn add(document: &mut Document, at: &KeyPath, value: Value) -> Result<(), String> {
    let Some((parent, last)) = at.split_last() else {
        return done(document.set(at, value));
    };
    match document.get(&parent) {
        Some(Value::Sequence(_)) if !matches!(last, Segment::Key(key) if key == "-" || key.parse::<usize>().is_ok()) => {
            Err("no index".into())
        }
        Some(Value::Sequence(_)) => done(document.insert(at, value)),
        Some(Value::Map(_)) => done(document.set(at, value)),
        _ => Err("the parent is not there".into()),
    }
}

fn done(result: Result<persist_format::Edit, persist_format::Error>) -> Result<(), String> {
    match result {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::Unrepresentable => Err("CANNOT SAY".into()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn json_patch_tests() {
    let Some(folder) = suite("json-patch-tests") else {
        return;
    };
    for format in [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml] {
        let (mut passed, mut unsayable, mut wrong) = (0, Vec::new(), Vec::new());
        for file in ["tests.json", "spec_tests.json"] {
            let cases: Vec<serde_json::Value> =
                serde_json::from_slice(&read(&folder.join(file))).expect("it is JSON");
            for case in cases
                .iter()
                .filter(|case| case.get("disabled").is_none() && case.get("doc").is_some())
            {
                let what = case["comment"]
                    .as_str()
                    .map_or_else(|| case["patch"].to_string(), str::to_owned);
                let why = beyond(format, case);
                match (patched(format, case), why) {
                    // What can be said has to be patched, and what can't must not be passed over without a reason.
                    (Some(true), _) => passed += 1,
                    (Some(false), _) => wrong.push(case.to_string()),
                    (None, Some(why)) => unsayable.push(format!("{what}: {why}")),
                    (None, None) => wrong.push(format!("passed over without a reason: {case}")),
                }
            }
        }
        print_line(&format!(
            "json-patch-tests, {format}: {passed} passed, {} that the format cannot say",
            unsayable.len()
        ));
        for case in &unsayable {
            print_line(&format!("  {case}"));
        }
        assert!(wrong.is_empty(), "{format}: {}", wrong.join("\n"));
        let all = if format == Format::Toml { 65 } else { 108 };
        assert_eq!(passed, all, "{format}");
    }
}

/// Why a format has no words for a case, found from the case's own JSON alone: the document, what it is to become, or a value on the way.
fn beyond(format: Format, case: &serde_json::Value) -> Option<String> {
    use serde_json::Value as Json;
    fn has_null(json: &Json) -> bool {
        match json {
            Json::Null => true,
            Json::Array(items) => items.iter().any(has_null),
            Json::Object(map) => map.values().any(has_null),
            _ => false,
        }
    }
    if format != Format::Toml {
        return None;
    }
    let ops = case["patch"].as_array().cloned().unwrap_or_default();
    let values = ops.iter().filter(|op| op["op"] != "test");
    let values = values.filter_map(|op| op.get("value"));
    let roots = ops
        .iter()
        .filter(|op| op["path"] == "" && op["op"] != "test");
    let roots = roots.filter_map(|op| op.get("value"));
    for (name, json) in [
        ("the document", case.get("doc")),
        ("the result", case.get("expected")),
    ] {
        match json {
            Some(json) if !json.is_object() => return Some(format!("{name} is no table: {json}")),
            Some(json) if has_null(json) => return Some(format!("{name} has a null: {json}")),
            _ => {}
        }
    }
    if let Some(root) = roots.into_iter().find(|value| !value.is_object()) {
        return Some(format!("the document becomes no table: {root}"));
    }
    let null = values.into_iter().find(|value| has_null(value))?;
    Some(format!("a value has a null: {null}"))
}

/// Whether a case ends as it should; `None` if the format can't say its values.
fn patched(format: Format, case: &serde_json::Value) -> Option<bool> {
    let start = Value::from(case["doc"].clone());
    let (document, warnings) = Document::encode(&start, format).ok()?;
    if !warnings.is_empty() {
        return None;
    }
    let mut document = document.on_loss(OnLoss::Reemit);
    let ops = case["patch"].as_array().cloned().unwrap_or_default();
    let outcome = ops.iter().try_for_each(|op| operate(&mut document, op));
    match (outcome, case.get("expected")) {
        (Err(why), _) if why == "CANNOT SAY" => None,
        (Ok(()), Some(expected)) => {
            let expected = Value::from(expected.clone());
            let sayable = persist_format::convert::fit(&expected, format)
                .is_ok_and(|(_, warnings)| warnings.is_empty());
            if sayable {
                Some(same(document.value(), &expected))
            } else {
                None
            }
        }
        (Ok(()), None) => Some(case.get("error").is_none()),
        (Err(_), expected) => Some(expected.is_none()),
    }
}
