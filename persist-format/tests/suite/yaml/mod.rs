//! YAML: reading, editing and writing.

#![allow(
    clippy::print_stdout,
    reason = "tests of many cases say how many, and what they skipped"
)]

mod edit;
mod edits;
mod hostile;
mod laws;
mod moves;
mod oracle;
mod quoting;
mod random;
mod read;
mod stream;
mod suite;

/// How many cases a test of many runs: `PERSIST_CASES`, or so many.
fn cases(usual: usize) -> usize {
    std::env::var("PERSIST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}
