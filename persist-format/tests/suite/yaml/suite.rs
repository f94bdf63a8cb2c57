//! The official YAML test suite (yaml/yaml-test-suite, the `data` branch).

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use persist_format::{Document, ErrorKind, Format, Limits};

const CORPUS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/corpora/yaml-test-suite"
);

/// Valid streams in which a mapping has a key twice: YAML calls that an error of loading, not of syntax. They are read when that is allowed; by default
/// they are refused.
const DUPLICATE_KEYS: [&str; 2] = ["2JQS", "X38W"];

fn cases(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.join("in.yaml").exists() {
            found.push(path);
        } else if path.is_dir()
            && !path.is_symlink()
            && !["name", "tags", "meta"].contains(&entry.file_name().to_str().unwrap_or(""))
        {
            cases(&path, found);
        }
    }
}

fn name(case: &Path) -> String {
    case.strip_prefix(CORPUS)
        .unwrap_or(case)
        .display()
        .to_string()
}

/// Equal, `2.0` and `2` being one number and base64 the same in any lines.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::String(a), Json::String(b)) if a.starts_with("R0lGOD") => *a == b.replace('\n', ""),
        _ => a == b,
    }
}

#[test]
fn official_suite() {
    let mut found = Vec::new();
    cases(Path::new(CORPUS), &mut found);
    if found.is_empty() {
        crate::support::print_line(&format!("SKIPPED: there is no {CORPUS}"));
        return;
    }
    found.sort();
    let (mut valid, mut invalid, mut json) = ([0; 2], [0; 2], [0; 2]);
    let mut misses = Vec::new();
    for case in &found {
        let text = std::fs::read(case.join("in.yaml")).unwrap();
        let mut limits = Limits::default();
        limits.allow_duplicate_keys = DUPLICATE_KEYS.contains(&name(case).as_str());
        let parsed = Document::parse_with(&text, Format::Yaml, &limits);
        if case.join("error").exists() {
            invalid[1] += 1;
            match parsed {
                Err(e) if e.kind() == ErrorKind::Syntax => invalid[0] += 1,
                other => misses.push(format!(
                    "{}: to be rejected, but {:?}",
                    name(case),
                    other.map(|d| d.value().clone())
                )),
            }
            continue;
        }
        valid[1] += 1;
        match &parsed {
            Ok(doc) => {
                valid[0] += 1;
                let mut same = doc.clone();
                let edit = same.apply(doc.value());
                assert!(edit.is_ok_and(|edit| !edit.changed()), "{}", name(case));
                assert_eq!(same.bytes(), text, "{}", name(case));
                let strictly = Document::parse(&text, Format::Yaml).map_err(|e| e.kind());
                assert_eq!(
                    strictly.err(),
                    limits
                        .allow_duplicate_keys
                        .then_some(ErrorKind::DuplicateKey)
                );
            }
            Err(e) => misses.push(format!("{}: {e}", name(case))),
        }
        let Ok(expected) = std::fs::read_to_string(case.join("in.json")) else {
            continue;
        };
        let expected: Vec<Json> = serde_json::Deserializer::from_str(&expected)
            .into_iter()
            .map(|v| v.expect("the suite's JSON"))
            .collect();
        let Ok(doc) = parsed else { continue };
        let documents = (0..doc.documents()).filter_map(|index| doc.clone().select(index));
        json[1] += 1;
        let mut seen: Vec<_> = documents.map(|doc| doc.value().to_json()).collect();
        // An empty stream is one document that is null.
        if expected.is_empty() && seen == [Json::Null] {
            seen.clear();
        }
        if seen.len() == expected.len() && seen.iter().zip(&expected).all(|(a, b)| same(a, b)) {
            json[0] += 1;
        } else {
            misses.push(format!("{}: {seen:?} is not {expected:?}", name(case)));
        }
    }
    crate::support::print_line(&format!(
        "yaml-test-suite: {}/{} accepted ({DUPLICATE_KEYS:?} only where a key may stand twice), {}/{} refused, JSON value equal {}/{}",
        valid[0], valid[1], invalid[0], invalid[1], json[0], json[1]
    ));
    assert_eq!(misses, Vec::<String>::new());
    assert_eq!((valid, invalid), ([308; 2], [94; 2]));
}
