//! `persist migrate new`: a first draft of an edge, from two samples of what is to be migrated.

mod numbers;

use std::path::Path;

use persist_core::migrate::{self, Lens, Manifest, Step, Tree as _, propose_from_schemas};
use persist_core::{ConfigFile, Document, KeyPath, Sensitive};
use serde_json::Value;

use self::numbers::{Numbers, numbers};
use super::open::{options, versions};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::Out;

/// Compares two sample files, or two schemas, and drafts what leads from one to the other.
pub(super) fn propose(args: &Args, out: &mut Out, old: &Path, new: &Path) -> Outcome {
    let manifest = match versions(args, out, None) {
        Ok((_, manifest)) => Some(manifest),
        Err(none) if none.exit == Exit::Version => None,
        Err(failure) => return Err(failure),
    };
    let none = Manifest::new("");
    let manifest = manifest.as_ref().unwrap_or(&none);
    let sensitive = (manifest.sensitive.iter()).fold(Sensitive::new(), Sensitive::pattern);
    let document = |path| document(args, path, &sensitive);
    let (old_file, new_file) = (document(old)?, document(new)?);
    let (mut before, mut after) = (old_file.value().to_json(), new_file.value().to_json());
    let schemas = match (is_schema(&before), is_schema(&after)) {
        (true, true) => true,
        (false, false) => false,
        _ => {
            let message = "one is a JSON Schema, the other a document; compare two of a kind";
            return Err(Failure::usage(message.to_owned()));
        }
    };
    let place = manifest
        .version_path()
        .map_err(|e| Failure::usage(e.to_string()))?;
    // The version is no lens's to change.
    let said = [&mut before, &mut after].map(|json| match schemas {
        true => taken_out(json, &in_schema(&place)).and_then(|field| field.get("const").cloned()),
        false => taken_out(json, &place),
    });
    let numbers = numbers(manifest, &said)?;
    let mut proposal = if schemas {
        propose_from_schemas(&before, &after)
    } else {
        migrate::propose(&before, &after)
    };
    if proposal.is_refused() {
        let message =
            "one of the two has more than 2,000 values, too many to compare; compare parts of them";
        return Err(Failure::usage(message.to_owned()));
    }
    let beside = beside_version(&mut proposal.lenses, &place);
    let sensitive = followed(sensitive, [&old_file, &new_file]);
    let secret = leave_out_secrets(&mut proposal.lenses, &sensitive);
    let edge = json::Draft {
        from: numbers.from.to_string(),
        to: numbers.to.to_string(),
        description: "",
        lenses: &proposal.lenses,
    };
    let unexplained: Vec<String> = proposal
        .unexplained
        .iter()
        .chain(&beside)
        .map(ToString::to_string)
        .collect();
    out.json(&json::Proposal {
        edge: &edge,
        unlisted: &numbers.unlisted,
        unexplained: &unexplained,
    })?;
    out.line(serde_json::to_string_pretty(&edge)?)?;
    for path in &secret {
        out.aside(&format!("a secret value was left out: {path}"))?;
    }
    for path in &unexplained {
        out.aside(&format!("not explained: {path}"))?;
    }
    if schemas {
        out.aside("only properties and types were compared: what a schema allows of a value (`enum`, limits) may need a `map` or `convert`")?;
    }
    tell_numbers(out, &numbers)?;
    out.aside("a draft: read it, correct it, put it into `edges` of config_versions.json, then `persist migrate check`")?;
    Ok(Exit::Done)
}

fn tell_numbers(out: &mut Out, numbers: &Numbers) -> std::io::Result<()> {
    for note in &numbers.notes {
        out.aside(note)?;
    }
    for version in &numbers.unlisted {
        out.aside(&format!(
            "put {{\"version\": \"{version}\"}} into `versions` as well; it is not listed yet"
        ))?;
    }
    Ok(())
}

/// Where a schema describes what is at a path of its documents.
fn in_schema(place: &migrate::Path) -> migrate::Path {
    let steps = place.steps().iter();
    steps
        .flat_map(|step| [Step::from("properties"), step.clone()])
        .collect()
}

/// Takes out what is at a path, and the maps that this empties: a map around nothing but the version is no difference.
fn taken_out(json: &mut Value, place: &migrate::Path) -> Option<Value> {
    let taken = json.remove(place).ok().flatten()?;
    let mut around = place.parent();
    while let Some(path) = around.filter(|path| !path.is_root()) {
        let empty = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
        let is_empty = json.view(&path).is_some_and(|value| empty(&value));
        if is_empty {
            drop(json.remove(&path));
        }
        around = path.parent().filter(|_| is_empty);
    }
    Some(taken)
}

/// Leaves lenses out that would work on the version, or a map around it; what adds such a map adds its entries one by one instead. Gives
/// the places that no lens is about any more.
fn beside_version(lenses: &mut Vec<Lens>, version: &migrate::Path) -> Vec<migrate::Path> {
    let mut left_out = Vec::new();
    let mut todo: Vec<Lens> = std::mem::take(lenses);
    todo.reverse();
    while let Some(lens) = todo.pop() {
        if lens.leaves_alone(version).is_ok() {
            lenses.push(lens);
            continue;
        }
        match lens {
            Lens::Add {
                path,
                value: Some(Value::Object(map)),
            } => {
                let entries = map.into_iter().rev().map(|(key, value)| Lens::Add {
                    path: path.child(key),
                    value: Some(value),
                });
                todo.extend(entries);
            }
            Lens::Add { path, .. }
            | Lens::Remove { path, .. }
            | Lens::Rename { path, .. }
            | Lens::Move { from: path, .. }
            | Lens::Convert { path, .. } => left_out.push(path),
            _ => left_out.push(version.clone()),
        }
    }
    left_out
}

/// What repeats a secret of either document is one in both.
fn followed(sensitive: Sensitive, documents: [&Document; 2]) -> Sensitive {
    let [old, new] = documents.map(Document::value);
    let pairs = [(old, old), (old, new), (new, new), (new, old)].into_iter();
    pairs.fold(sensitive, |rules, (one, other)| rules.following(one, other))
}

/// A manifest is shown to everybody: values that look like secrets, or that it declares sensitive, stay in the samples.
fn leave_out_secrets(lenses: &mut [Lens], sensitive: &Sensitive) -> Vec<String> {
    let mut left_out = Vec::new();
    for lens in lenses {
        let (Lens::Add { path, value } | Lens::Remove { path, value }) = lens else {
            continue;
        };
        let key = path.to_string().parse().unwrap_or_else(|_| KeyPath::root());
        let secret = |json: &Value| {
            let value = persist_core::Value::from(json.clone());
            !sensitive.found(&key, &value).is_empty()
        };
        if value.as_ref().is_some_and(secret) {
            left_out.push(path.to_string());
            *value = None;
        }
    }
    left_out
}

fn document(args: &Args, path: &Path, sensitive: &Sensitive) -> Result<Document, Failure> {
    let mut options = options(args);
    options.sensitive = sensitive.clone();
    Ok(ConfigFile::open(path, options)?.document()?)
}

fn is_schema(document: &Value) -> bool {
    let schema = document["$schema"].as_str().unwrap_or_default();
    schema.contains("json-schema.org")
}
