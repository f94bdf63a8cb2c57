//! One integration binary per crate; its modules mirror `src`.

mod batch;
mod convert;
mod corpora;
mod counts;
mod flattened;
mod format;
mod hostile;
mod json;
mod kind;
mod laws;
mod merge;
mod merge_comments;
mod merge_items;
mod reference;
mod refusal;
#[cfg(feature = "schema")]
mod schema;
mod support;
mod toml;
mod typed;
mod yaml;
