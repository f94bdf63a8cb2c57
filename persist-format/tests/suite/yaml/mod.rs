//! YAML: reading, editing and writing.

mod edit;
mod suite;
