//! Large and honest documents: the default limits let them be read and edited, in time that grows with their size.

use std::fmt::Write as _;
use std::time::Duration;

use persist_format::{Document, Format, KeyPath};

use crate::meter::Clock;

/// Bytes, `PERSIST_LARGE` or little.
fn size() -> usize {
    let given = std::env::var("PERSIST_LARGE").map(|given| given.parse());
    given.map_or(200_000, |given| given.expect("PERSIST_LARGE is a number"))
}

/// Like a lock file: packages with a few fields each, the number of one of them to be changed.
fn lock_file(format: Format, size: usize) -> String {
    let mut text = String::new();
    let (head, tail) = match format {
        Format::Json | Format::Jsonc => ("{\n\"packages\": {\n", "\"end\": {}\n}\n}\n"),
        Format::Toml => ("", ""),
        Format::Yaml => ("packages:\n", ""),
    };
    text.push_str(head);
    for n in 0.. {
        if text.len() > size {
            break;
        }
        // Writing to a string can't fail.
        let _ = match format {
            Format::Json | Format::Jsonc => writeln!(
                text,
                "\"p{n}\": {{ \"version\": \"1.0.{n}\", \"size\": {n}, \"needs\": [\"a\", \"b\"] }},"
            ),
            Format::Toml => writeln!(
                text,
                "[packages.p{n}]\nversion = \"1.0.{n}\" # of {n}\nsize = {n}\nneeds = [\"a\", \"b\"]"
            ),
            Format::Yaml => writeln!(
                text,
                "  p{n}:\n    version: 1.0.{n} # of {n}\n    size: {n}\n    needs: [a, b]"
            ),
        };
    }
    text + tail
}

/// The time to read and edit a document of that size, after looking at what the edit did.
fn edited(format: Format, size: usize) -> Duration {
    let text = lock_file(format, size);
    let path: KeyPath = "packages.p500.size".parse().expect("a key path");
    let start = Clock::start();
    let mut document = Document::parse(text.as_bytes(), format)
        .unwrap_or_else(|e| panic!("{format}, {} bytes: {e}", text.len()));
    let edit = document.set(&path, 4711);
    let time = start.elapsed();
    assert!(edit.is_ok_and(|edit| edit.changed()), "{format}");
    let differs = |(a, b): &(&str, &str)| a != b;
    let lines = text.lines().zip(document.text().lines()).filter(differs);
    let lines: Vec<_> = lines.collect();
    let [(old, new)] = lines[..] else {
        panic!("{format}: one line was to change: {lines:?}");
    };
    // The version of the package has the number too.
    let (version, size) = old.rsplit_once("500").expect("it is the package's line");
    assert_eq!(new, format!("{version}4711{size}"));
    time
}

#[test]
fn large_documents_are_edited_in_linear_time() {
    let size = size();
    for format in Format::ALL {
        let small = edited(format, size / 4);
        let large = edited(format, size);
        crate::say(&format!(
            "large documents, {format}: {size} bytes read and edited in {large:.1?}, a quarter of it in {small:.1?}"
        ));
        // Four times the size, with room for caches that it outgrows; quadratic time would be sixteen times.
        assert!(large < small * 10, "{format}: {small:?}, then {large:?}");
    }
}
