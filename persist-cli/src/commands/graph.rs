//! `persist migrate check`, `graph` and `new`: about versions, not about one user's file.

use std::path::Path;

use persist_core::migrate::{Check, Lens, Manifest, MigrationGraph, propose_from_schemas};
use persist_core::{ConfigFile, Document, KeyPath, Sensitive, Version};
use serde::Serialize;
use serde_json::{Value, json};

use super::Outcome;
use super::judges::Judges;
use super::open::{options, versions};
use crate::args::{Args, Picture};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{BAD, BOLD, DIM, GOOD, Out, WARN, counted, paint, with_path};

/// Tries every edge, up and down, on documents made from the schemas.
pub(super) fn check(args: &Args, out: &mut Out, named: Option<&Path>, cases: u32) -> Outcome {
    let (path, manifest) = versions(args, out, named)?;
    let judges = Judges::new(&path, &manifest)?;
    let judge = |version: &Version, document: &Value| judges.valid(version, document);
    let check = Check::new().cases(cases).judge(judge);
    let checked = manifest.check(&check.stop_when(|| judges.are_done()));
    let report = checked.map_err(|source| persist_core::Error::Manifest {
        file: path.clone(),
        source,
    })?;
    judges.failure(&path)?;
    let findings = report.findings.iter().map(|finding| {
        json!({
            "error": finding.is_error(),
            "message": finding.to_string(),
            "document": finding.document(),
        })
    });
    let told = json!({
        "passed": report.is_ok(),
        "edges": report.edges,
        "documents": report.documents,
        "findings": findings.collect::<Vec<_>>(),
    });
    out.json(&with_path(told, "manifest", &path))?;
    for finding in &report.findings {
        let style = if finding.is_error() { BAD } else { WARN };
        out.line(paint(style, finding))?;
    }
    let tried = format!(
        "{}, tried with {}, in {}",
        counted(report.edges, "edge"),
        counted(report.documents, "document"),
        path.display()
    );
    if !report.is_ok() {
        out.line(paint(DIM, tried))?;
        return Ok(Exit::No);
    }
    if report.documents == 0 {
        out.line(paint(
            WARN,
            "no edge was tried: no version has a schema that documents could be made from",
        ))?;
    }
    out.line(format!(
        "{} {}",
        paint(GOOD, "all is well:"),
        paint(DIM, tried)
    ))?;
    Ok(Exit::Done)
}

pub(super) fn draw(args: &Args, out: &mut Out, named: Option<&Path>, kind: Picture) -> Outcome {
    let (path, manifest) = versions(args, out, named)?;
    let graph: MigrationGraph<Value> = manifest
        .graph()
        .map_err(|source| persist_core::Error::Manifest { file: path, source })?;
    let (name, picture) = match kind {
        Picture::Text => ("text", graph.to_text()),
        Picture::Dot => ("dot", graph.to_dot()),
        Picture::Mermaid => ("mermaid", graph.to_mermaid()),
        Picture::Svg => ("svg", graph.to_svg()),
    };
    out.json(&json!({ "as": name, "picture": picture }))?;
    out.content_line(picture.trim_end())?;
    Ok(Exit::Done)
}

const MANIFEST: &str = r#"config_versions.json lists versions, and edges with the lenses that lead from one to the next:

{
  "app": "my-app",
  "version_key": "schema_version",
  "versions": [{"version": "1.0.0"}, {"version": "1.1.0"}],
  "edges": [{"from": "1.0.0", "to": "1.1.0", "lenses": [{"rename": {"path": "/a", "to": "b"}}]}]
}

The way back is derived. Paths are JSON Pointers; `*` stands for every element of an array.
`persist migrate lenses --schema` prints the JSON Schema of the file, `persist migrate check` tries it.
"#;

/// Each lens at work, or the schema of the file that they are written in.
pub(super) fn lenses(out: &mut Out, schema: bool) -> Outcome {
    if schema {
        let schema: Value = serde_json::from_str(Manifest::SCHEMA)?;
        out.json(&schema)?;
        out.content(Manifest::SCHEMA)?;
        return Ok(Exit::Done);
    }
    let examples = Lens::examples();
    let rows = examples.iter().map(|example| {
        json!({
            "purpose": example.purpose,
            "lens": example.lens,
            "before": example.before,
            "after": example.after,
        })
    });
    out.json(&rows.collect::<Vec<_>>())?;
    out.line(MANIFEST)?;
    for example in &examples {
        let lens = serde_json::to_string(&example.lens)?;
        out.line(paint(BOLD, lens))?;
        out.line(format!("  {}", example.purpose))?;
        let work = format!("  {} -> {}", example.before, example.after);
        out.line(paint(DIM, work))?;
    }
    Ok(Exit::Done)
}

/// Compares two sample files, or two schemas, and drafts what leads from one to the other.
pub(super) fn propose(args: &Args, out: &mut Out, old: &Path, new: &Path) -> Outcome {
    let (old_file, new_file) = (document(args, old)?, document(args, new)?);
    let (mut before, mut after) = (old_file.value().to_json(), new_file.value().to_json());
    let schemas = match (is_schema(&before), is_schema(&after)) {
        (true, true) => true,
        (false, false) => false,
        _ => {
            let message = "one is a JSON Schema, the other a document; compare two of a kind";
            return Err(Failure::usage(message.to_owned()));
        }
    };
    // The version is no lens's to change.
    let key = match versions(args, out, None) {
        Ok((_, manifest)) => manifest.version_key,
        Err(none) if none.exit == Exit::Version => "schema_version".to_owned(),
        Err(failure) => return Err(failure),
    };
    let version = |json: &mut Value, example: &str| {
        let said = match schemas {
            true => &json["properties"][&key]["const"],
            false => &json[&key],
        };
        let said = said.as_str().map_or_else(|| example.into(), str::to_owned);
        let fields = if schemas {
            json.get_mut("properties")
        } else {
            Some(json)
        };
        if let Some(fields) = fields.and_then(Value::as_object_mut) {
            fields.remove(&key);
        }
        said
    };
    let (from, to) = (version(&mut before, "1.0.0"), version(&mut after, "1.1.0"));
    let mut proposal = if schemas {
        propose_from_schemas(&before, &after)
    } else {
        persist_core::migrate::propose(&before, &after)
    };
    if proposal.is_refused() {
        let message = "one of the two has more than 2,000 values, too many to be compared; compare parts of them";
        return Err(Failure::usage(message.to_owned()));
    }
    let secret = leave_out_secrets(&mut proposal.lenses);
    let edge = Draft {
        from,
        to,
        description: "",
        lenses: &proposal.lenses,
    };
    let unexplained: Vec<String> = proposal
        .unexplained
        .iter()
        .map(ToString::to_string)
        .collect();
    out.json(&json!({ "edge": edge, "unexplained": unexplained }))?;
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
    out.aside("a draft: read it, correct it, put it into `edges` of config_versions.json, then `persist migrate check`")?;
    Ok(Exit::Done)
}

/// A manifest is shown to everybody: values that look like secrets stay in the samples.
fn leave_out_secrets(lenses: &mut [Lens]) -> Vec<String> {
    let sensitive = Sensitive::new();
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

/// An edge as `config_versions.json` spells it, in the order that people write it.
#[derive(Debug, Serialize)]
struct Draft<'a> {
    from: String,
    to: String,
    description: &'a str,
    lenses: &'a [Lens],
}

fn document(args: &Args, path: &Path) -> Result<Document, Failure> {
    Ok(ConfigFile::open(path, options(args))?.document()?)
}

fn is_schema(document: &Value) -> bool {
    let schema = document["$schema"].as_str().unwrap_or_default();
    schema.contains("json-schema.org")
}
