//! `persist migrate graph` and `lenses`: about versions, not about one user's file.

use std::path::Path;

use persist_core::migrate::{Lens, Manifest, MigrationGraph};
use serde_json::Value;

use super::open::versions;
use crate::args::{Args, Picture};
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::json;
use crate::out::{BOLD, DIM, Out, paint};

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
    out.json(&json::Picture {
        r#as: name,
        picture: &picture,
    })?;
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
    let rows = examples.iter().map(|example| json::Example {
        purpose: example.purpose,
        lens: &example.lens,
        before: &example.before,
        after: &example.after,
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
