//! The sample application's files, as they were before version 1.1.0.

/// The schema history that the scenarios migrate along.
pub(super) const MANIFEST: &str = include_str!("../../../config_versions.json");

/// The manifest's name in messages.
pub(super) const MANIFEST_NAME: &str = "config_versions.json";

/// A value that must show up nowhere but in the file itself and its backups.
pub(super) const SECRET: &str = "correct-horse-battery-staple";

pub(super) const TOML: &str = r#"# Settings of the sample application.
schema_version = "1.0.0"
theme = "dark"          # "dark", "light" or "system"

[window]
width  = 1024           # pixels
height = 768

[editor]
recent = [
    "notes.md",         # newest first
]
"#;

pub(super) const YAML: &str = r#"# Settings of the sample application.
schema_version: "1.0.0"
theme: dark             # dark, light or system

window:
  width: 1024           # pixels
  height: 768

editor:
  recent:
    - notes.md          # newest first
"#;

pub(super) const JSON: &str = r#"{
  "schema_version": "1.0.0",
  "theme": "dark",
  "window": { "width": 1024, "height": 768 },
  "editor": {
    "recent": ["notes.md"]
  }
}
"#;

/// The same settings in three formats.
pub(super) const FILES: [(&str, &str); 3] =
    [("app.toml", TOML), ("app.yaml", YAML), ("app.json", JSON)];
