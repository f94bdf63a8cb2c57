//! The proof that edits lose nothing: random edits of real documents, each compared with what was meant, by us and by Python, and with the text
//! that was there before.
//!
//! `PERSIST_CASES` is the number of edits per document (default 12), `PERSIST_DOCS` that of documents of each format taken from the machine (default none: fixtures only),
//! `PERSIST_CORPUS` a list of folders to take them from. `cargo xtask lossless` runs it in full.

mod batches;
mod corpus;
mod edits;
mod kept;
mod merges;
mod nasty;
mod oracle;
mod random;
mod storm;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Says something that the runner shows even of a test that passes.
fn say(text: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{text}").expect("there is a standard error");
}
