//! Files that this project did not write: set, log, diff, undo, and every byte as it was.

use std::path::{Path, PathBuf};

use crate::support::Sandbox;

/// Sets one value, looks at what is told, and goes back.
fn round_trip(name: &str, content: &[u8]) {
    let sandbox = Sandbox::with(name, content);
    let ran = sandbox.run(&["set", name, "persist_was_here=1"]);
    if ran.code == 4 {
        return; // no map at the root, say: refused, and that is told
    }
    assert_eq!(ran.code, 0, "{name}\n{ran}");
    assert_ne!(sandbox.read(name), content, "{name}");
    let log = sandbox.json(0, &["log", name]);
    assert_eq!(log[0]["changes"][0]["path"], "/persist_was_here", "{name}");
    let diff = sandbox.json(0, &["diff", name]);
    assert_eq!(diff["changes"].as_array().unwrap().len(), 1, "{name}");
    sandbox.ok(&["undo", name]);
    assert_eq!(
        sandbox.read(name),
        content,
        "{name}: not byte for byte as it was"
    );
}

#[test]
fn fixtures_with_everything_that_editors_leave() {
    let files: [(&str, &[u8]); 6] = [
        (
            "bom.json",
            b"\xef\xbb\xbf{\r\n\t\"a\": 1.50,\r\n\t\"b\": [ ]\r\n}",
        ),
        (
            "comments.jsonc",
            b"// top\n{ \"a\": 1, /* in */ \"b\": {}, } // end\n",
        ),
        (
            "crlf.toml",
            b"a . b = 1\r\n[ x ]\r\n# c\r\ny = [ 1,\r\n  2 ] # d",
        ),
        (
            "anchors.yaml",
            b"%YAML 1.2\n---\nbase: &b {x: 1}\nc: *b\nt: |\n  two\n  lines\n...\n",
        ),
        ("no-newline.yml", b"a: 1\nb:\n- 1\n-   2"),
        (
            "quoted.toml",
            b"\"a b\".'c' = 0x1F\nd = 1979-05-27T07:32:00Z\n",
        ),
    ];
    for (name, content) in files {
        round_trip(name, content);
    }
}

#[test]
fn files_of_published_crates() {
    for extension in ["toml", "json", "yml"] {
        let files = published(extension);
        if files.is_empty() {
            println!("skipped: no .{extension} files of published crates on this machine");
        }
        for file in files.iter().take(crate::support::cases(4)) {
            let name = format!("file.{extension}");
            round_trip(&name, &std::fs::read(file).unwrap());
        }
    }
}

/// Files with the extension in the sources that cargo has downloaded.
fn published(extension: &str) -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|h| h.join(".cargo")));
    let mut found = Vec::new();
    if let Some(home) = home {
        walk(&home.join("registry/src"), extension, 4, &mut found);
    }
    found.sort();
    found
}

fn walk(dir: &Path, extension: &str, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        let Ok(kind) = kind else { continue };
        if kind.is_dir() && depth > 0 && found.len() < 500 {
            walk(&path, extension, depth - 1, found);
        } else if kind.is_file()
            && path.extension().is_some_and(|e| e == extension)
            && entry.metadata().is_ok_and(|m| m.len() < 100_000)
        {
            found.push(path);
        }
    }
}
