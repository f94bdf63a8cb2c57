//! One integration binary per crate; its modules mirror `src`.

mod json;
mod support;
mod toml;
mod yaml;
