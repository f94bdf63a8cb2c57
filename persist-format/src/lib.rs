//! JSON, TOML and YAML documents that keep what a person wrote.
