//! The fuzz targets (`fuzz/`) over their committed inputs, without a fuzzer: what they found once stays found.

use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzz targets are another crate")]
#[path = "../../../fuzz/src/lib.rs"]
mod targets;

/// Runs a target over its folder of inputs. The last one named is the one that a failure is about.
#[expect(
    clippy::print_stdout,
    reason = "a test's output is shown only if it fails"
)]
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(name);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("the inputs") {
        let path = entry.expect("an input").path();
        println!("{}", path.display());
        target(&std::fs::read(&path).expect("an input"));
        inputs += 1;
    }
    assert!(inputs > 0, "no inputs in {}", folder.display());
}

#[test]
fn decode() {
    replay("decode", targets::decode);
}

#[test]
fn edit() {
    replay("edit", targets::edit);
}

#[test]
fn frame() {
    replay("frame", targets::frame);
}

#[test]
fn id() {
    replay("id", targets::id);
}

#[test]
fn journal() {
    replay("journal", |data| {
        targets::journal(data, targets::folder().path());
    });
}

#[test]
fn manifest() {
    replay("manifest", targets::manifest);
}

#[test]
fn path() {
    replay("path", targets::path);
}
