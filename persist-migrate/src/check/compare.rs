//! Where two documents differ, field by field.

use serde_json::{Map, Value};

use crate::path::Path;

/// The places of all differing leaves. An empty map counts as absent: moving the only field out of a map removes it.
pub(super) fn differences(a: &Value, b: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    walk(Some(a), Some(b), &Path::root(), &mut paths);
    paths
}

fn walk(a: Option<&Value>, b: Option<&Value>, path: &Path, paths: &mut Vec<Path>) {
    let empty = Map::new();
    match (a, b) {
        (a, b) if a == b => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) => maps(a, b, path, paths),
        (Some(Value::Object(a)), None) => maps(a, &empty, path, paths),
        (None, Some(Value::Object(b))) => maps(&empty, b, path, paths),
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                walk(Some(a), Some(b), &path.child(index), paths);
            }
        }
        _ => paths.push(path.clone()),
    }
}

fn maps(a: &Map<String, Value>, b: &Map<String, Value>, path: &Path, paths: &mut Vec<Path>) {
    let only_b = b.keys().filter(|key| !a.contains_key(*key));
    for key in a.keys().chain(only_b) {
        walk(a.get(key), b.get(key), &path.child(key.as_str()), paths);
    }
}
