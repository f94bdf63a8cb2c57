//! What is asked of any bytes: one function for each fuzz target.
//!
//! Each must return, soon, and without a panic. They are compiled twice: here for the fuzzer, and into
//! persist-core's test suite, which runs them over the committed corpus.

mod decode;
mod edit;
mod frame;
mod id;
mod journal;
mod manifest;
mod path;

use std::path::Path;

pub use self::decode::decode;
pub use self::edit::edit;
pub use self::frame::frame;
pub use self::id::id;
pub use self::journal::journal;
pub use self::manifest::manifest;
pub use self::path::path;

/// A scratch folder, in memory where there is such a thing: a save syncs often.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a scratch folder")
}
