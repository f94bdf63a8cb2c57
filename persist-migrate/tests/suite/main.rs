//! One integration binary per crate; its modules mirror `src`.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests may panic as tests may"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "tables read better with values"
)]

mod check;
mod complement;
mod edge;
mod laws;
mod lens;
mod manifest;
mod path;
mod picture;
mod plan;
mod propose;
mod run;
mod sample;
mod tree;

use persist_migrate::Version;

/// A version from its text.
fn v(text: &str) -> Version {
    text.parse().expect("a version")
}

/// How many cases a law is tried with: `PERSIST_CASES`, else `cases`.
fn cases(cases: u32) -> proptest::prelude::ProptestConfig {
    let wanted = std::env::var("PERSIST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::with_cases(wanted.unwrap_or(cases))
    }
}
