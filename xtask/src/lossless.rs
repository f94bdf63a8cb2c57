//! Edits of real documents against independent oracles.

use crate::cargo::{cargo, run as command};
use crate::outcome::Outcome;

/// The storm is a test target of persist-format of its own, because it takes minutes unoptimised.
pub(crate) fn run() -> Outcome {
    if !std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../persist-format/tests/lossless")
        .is_dir()
    {
        return Outcome::Skipped("persist-format has no test target `lossless`".to_owned());
    }
    command(&mut cargo(&[
        "test",
        "--release",
        "--package",
        "persist-format",
        "--test",
        "lossless",
        "--",
        "--nocapture",
    ]))
}
