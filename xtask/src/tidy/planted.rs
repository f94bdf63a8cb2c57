//! Each rule goes red on a planted violation, and is green without it.

use std::fs;
use std::path::Path;

use super::{Rule, architecture, circles, dependencies, layers, modules, snapshots, sources};
use crate::workspace::Workspace;

/// A workspace in which everything is as it should be.
const SOUND: [(&str, &str); 13] = [
    (
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"persist-lock\", \"persist-format\", \"persist-cli\", \"xtask\"]\nexclude = [\"other\"]\n",
    ),
    (
        "persist-lock/Cargo.toml",
        "[package]\nname = \"persist-lock\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\n[dependencies]\nother = { path = \"../other\" }\n",
    ),
    (
        "persist-format/Cargo.toml",
        "[package]\nname = \"persist-format\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    ),
    (
        "persist-cli/Cargo.toml",
        "[package]\nname = \"persist-cli\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    ),
    (
        "xtask/Cargo.toml",
        "[package]\nname = \"xtask\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    ),
    (
        "other/Cargo.toml",
        "[package]\nname = \"other\"\nversion = \"1.0.0\"\nedition = \"2024\"\nlicense = \"MIT OR GPL-3.0-only\"\nrust-version = \"1.85\"\n",
    ),
    ("other/src/lib.rs", ""),
    (
        "persist-lock/src/lib.rs",
        "//! Docs with `unsafe`, `x.unwrap()` and `println!`.\nmod sys;\n/// \"unsafe\"\npub fn f() -> &'static str { \"println!() unsafe .unwrap()\" }\n#[cfg(test)]\nmod tests { fn t() { Some(1).unwrap(); println!(); } }\n",
    ),
    ("persist-lock/src/sys.rs", "mod windows;\n"),
    (
        "persist-lock/src/sys/windows.rs",
        "fn f() { unsafe { g() } }\n",
    ),
    ("persist-format/src/lib.rs", "\n"),
    (
        "persist-cli/src/main.rs",
        "fn main() { println!(\"{:?}\", std::env::args()); std::process::exit(0) }\n",
    ),
    ("xtask/src/main.rs", "fn main() {}\n"),
];

const DOCUMENTS: [(&str, &str); 5] = [
    (
        "ARCHITECTURE.md",
        "`persist-lock/src/sys/windows.rs`, persist-format, persist-cli, xtask; `journal/1.log`, `app.toml`\n",
    ),
    ("deny.toml", "[licenses]\nallow = [\"MIT\"]\n"),
    ("persist-lock/tests/suite/main.rs", "mod errors;\n"),
    (
        "persist-lock/tests/suite/errors.rs",
        "#[test] fn busy() { assert_snapshot!(x); }\n",
    ),
    (
        "persist-lock/tests/suite/snapshots/suite__errors__busy-2.snap",
        "---\nsource: persist-lock/tests/suite/errors.rs\n---\nbusy\n",
    ),
];

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// What `rule` says of the sound workspace with `planted` written over it.
fn findings(rule: Rule, planted: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().canonicalize().expect("a real path");
    write(&root, &SOUND);
    write(&root, &DOCUMENTS);
    write(&root, planted);
    rule(&Workspace::at(&root).expect("metadata"))
}

#[track_caller]
fn check(rule: Rule, planted: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(
        findings(rule, &[]),
        Vec::<String>::new(),
        "green without the violation"
    );
    let found = findings(rule, planted);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found} does not say {expected}");
    }
}

#[test]
fn a_layer_that_depends_on_another() {
    let manifest = "[package]\nname = \"persist-format\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dev-dependencies]\npersist-lock = { path = \"../persist-lock\" }\n";
    check(
        layers::independent,
        &[("persist-format/Cargo.toml", manifest)],
        &["persist-format depends on persist-lock (dev)"],
    );
}

#[test]
fn xtask_that_depends_on_a_crate() {
    let manifest = "[package]\nname = \"xtask\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[build-dependencies]\npersist-lock = { path = \"../persist-lock\" }\n";
    check(
        layers::xtask_outside,
        &[("xtask/Cargo.toml", manifest)],
        &["xtask depends on persist-lock (build)"],
    );
}

#[test]
fn unsafe_in_another_file() {
    let planted = [("persist-format/src/lib.rs", "\nfn f() { unsafe { g() } }\n")];
    check(
        sources::unsafe_code,
        &planted,
        &["persist-format/src/lib.rs:2: unsafe"],
    );
}

#[test]
fn unwrap_in_a_library() {
    let planted = [(
        "persist-format/src/lib.rs",
        "fn f() {\n    x\n        .unwrap();\n}\n",
    )];
    check(
        sources::unwraps,
        &planted,
        &["persist-format/src/lib.rs:3: .unwrap()"],
    );
}

#[test]
fn a_library_that_prints_exits_or_looks_around() {
    let text = "fn f() {\n eprintln!();\n std::process::exit(1);\n std::env::var(\"HOME\");\n std::env::temp_dir();\n}\n";
    let expected = [
        "lib.rs:2: eprintln!",
        "lib.rs:3: process::exit",
        "lib.rs:4: env::var",
        "lib.rs:5: env::temp_dir",
    ];
    check(
        sources::side_effects,
        &[("persist-format/src/lib.rs", text)],
        &expected,
    );
}

#[test]
fn an_ignored_test() {
    let planted = [(
        "persist-lock/tests/suite/errors.rs",
        "#[test]\n#[ignore = \"slow\"]\nfn busy() {}\n",
    )];
    check(
        sources::ignored_tests,
        &planted,
        &["persist-lock/tests/suite/errors.rs:2"],
    );
}

#[test]
fn a_file_that_no_module_declares() {
    let planted = [
        ("persist-lock/tests/suite/forgotten.rs", ""),
        ("persist-lock/src/sys/unix.rs", ""),
    ];
    check(
        modules::orphans,
        &planted,
        &[
            "src/sys/unix.rs: no module",
            "tests/suite/forgotten.rs: no module",
        ],
    );
}

#[test]
fn modules_in_a_circle() {
    let planted = [
        (
            "persist-format/src/lib.rs",
            "mod error;\nmod read;\nmod text;\npub use error::Error;\nuse read::read;\n",
        ),
        (
            "persist-format/src/error.rs",
            "pub enum Error { Text(crate::text::Text) }\n",
        ),
        (
            "persist-format/src/read.rs",
            "use crate::{Error, text};\npub fn read() -> text::Text { text::text() }\n#[cfg(test)] mod tests;\n",
        ),
        (
            "persist-format/src/read/tests.rs",
            "use super::read;\nuse crate::text;\n",
        ),
        (
            "persist-format/src/text.rs",
            "use crate::Error;\npub struct Text(Box<Error>);\npub fn text() -> Text { todo!() }\n",
        ),
    ];
    check(
        circles::circles,
        &planted,
        &["persist-format: error needs text needs error"],
    );
}

#[test]
fn a_snapshot_that_nothing_compares() {
    let header = "---\nsource: persist-lock/tests/suite/errors.rs\n---\n";
    let planted = [
        (
            "persist-lock/tests/suite/snapshots/suite__errors__gone.snap",
            header,
        ),
        (
            "persist-lock/tests/suite/snapshots/suite__errors__busy.snap.new",
            header,
        ),
    ];
    check(
        snapshots::unreferenced,
        &planted,
        &["busy.snap.new: not accepted", "is called gone"],
    );
}

#[test]
fn a_path_that_is_not_there() {
    let text = "`persist-lock/src/nowhere.rs` `persist-gone/` `docs/x.md` `gone.rs` `lib.rs` `Kind::absent` `Kind::{lock, fail}` persist-format, persist-cli, xtask\n";
    let expected = [
        "no persist-lock/src/nowhere.rs",
        "no persist-gone/",
        "no docs/x.md",
        "no gone.rs",
        "no Kind::absent",
        "no Kind::{lock, fail}",
    ];
    check(
        architecture::named_paths,
        &[("ARCHITECTURE.md", text)],
        &expected,
    );
}

/// A library that declares a name of each kind.
const NAMES: &str = "\
mod sys;
pub use sys::{Site as Place};
/// `mentioned`
pub struct Lock<T> where T: Sized { pub(crate) held: bool, #[serde(default)] until: std::time::Duration }
pub enum Kind { Plain, #[error(\"{within}\")] Deep { within: u8 }, Pair(u8, u8) }
impl<T> Lock<T> { pub fn take(self) { let local = Other { inner: 1 }; fn nested() {} local.used() } }
impl<'a, T: for<'b> Fn(&'b T) -> bool> std::fmt::Display for &'a Lock<T> { fn fmt(&self) {} }
pub trait Hold { const MOST: usize = { 1 }; type Held; fn hold(f: impl Fn(u8) -> u8) -> Self::Held; }
pub static ONE: fn(u8) -> u8 = one;
macro_rules! each { ($e:expr) => { fn made() {} } }
pub mod inner { pub fn deep() {} }
";

/// What a document that says so about a library with [`NAMES`] is blamed for.
#[track_caller]
fn check_names(said: &str, expected: &[&str]) {
    let text = format!("{said}\npersist-format, persist-cli, xtask\n");
    let planted = [
        ("persist-lock/src/lib.rs", NAMES),
        ("persist-lock/src/sys.rs", "mod windows; pub struct Site;"),
        ("ARCHITECTURE.md", &text),
    ];
    check(architecture::named_paths, &planted, expected);
}

#[test]
fn names_that_are_declared() {
    check_names(
        "`sys` `Site` `Place` `Lock` `Lock<T>` `held` `until` `Kind` `Plain` `within` `Pair` `take` `fmt` `Hold` `MOST` `Held` `hold` `ONE` `each` `inner` `deep`",
        &[],
    );
    check_names(
        "`persist_lock::Lock` `persist_lock::{sys, inner}` `persist_lock::inner::deep` `persist_lock::Place` `Lock::{take, fmt, held}` `Kind::Plain` `Kind::Pair` `Kind::within` `Hold::hold` `sys::windows::f` `Lock::take()` `other::anything`",
        &[],
    );
}

#[test]
fn a_name_that_nothing_declares() {
    check_names(
        "`mentioned` `local` `nested` `used` `made` `expr`\n`Nowhere<T>`",
        &[
            ":1: there is no mentioned",
            "no local",
            "no nested",
            "no used",
            "no made",
            "no expr",
            ":2: there is no Nowhere<T>",
        ],
    );
}

#[test]
fn a_name_that_another_type_has() {
    check_names(
        "`Nonsense::take` `Kind::take` `persist_lock::deep` `persist_lock::sys::Lock` `Lock::{take, hold}` `persist_gone::Lock`",
        &[
            "no Nonsense::take",
            "no Kind::take",
            "no persist_lock::deep",
            "no persist_lock::sys::Lock",
            "no Lock::{take, hold}",
            "no persist_gone::Lock",
        ],
    );
}

#[test]
fn names_that_are_not_ours() {
    check_names(
        "`chmod` `T` `other` `8080` `save.now`\n\n## Where each operation lives\n\n| operation | home |\n|---|---|\n| `asked_for`, `and_this(one)` | `Lock::take` |\n| `asked_for` | `Lock::gone` |\n",
        &[":8: there is no Lock::gone"],
    );
}

#[test]
fn a_crate_that_is_not_mentioned() {
    let planted = [("ARCHITECTURE.md", "persist-lock persist-format xtask\n")];
    check(
        architecture::crates_named,
        &planted,
        &["persist-cli is not in"],
    );
}

#[test]
fn a_dependency_for_a_newer_compiler() {
    let manifest = "[package]\nname = \"other\"\nversion = \"1.0.0\"\nedition = \"2024\"\nlicense = \"MIT\"\nrust-version = \"1.99\"\n";
    check(
        dependencies::rust_versions,
        &[("other/Cargo.toml", manifest)],
        &["other 1.0.0 needs Rust 1.99.0, we declare 1.88.0"],
    );
}

#[test]
fn a_licence_that_is_not_allowed() {
    for (licence, expected) in [
        (
            "license = \"MIT AND GPL-3.0-only\"",
            "MIT AND GPL-3.0-only is not allowed",
        ),
        ("license = \"Bogus\"", "other 1.0.0: Bogus"),
        ("", "declares no licence"),
    ] {
        let manifest = format!(
            "[package]\nname = \"other\"\nversion = \"1.0.0\"\nedition = \"2024\"\nrust-version = \"1.85\"\n{licence}\n"
        );
        check(
            dependencies::licences,
            &[("other/Cargo.toml", &manifest)],
            &[expected],
        );
    }
}
