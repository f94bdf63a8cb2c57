//! What lies outside: files and folders that only the victim may read, with words in them that have to stay there.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::tree::{folder, write};

/// In every file of the tree, and nowhere else.
pub(crate) const WORD: &str = "SINGING-CANARY";

/// Places in the tree that are linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canary {
    Text,
    Toml,
    Json,
    Log,
    Packed,
    /// A folder with names of persist's in it.
    Names,
    Empty,
    Closed,
    /// Another config file's state folder, in order.
    State,
    /// The folder around that.
    Conf,
    /// The folder around that one.
    Home,
    /// Not there; the folder around it is.
    Absent,
}

impl Canary {
    pub(crate) fn path(self, tree: &Path) -> PathBuf {
        tree.join(match self {
            Self::Text => "text",
            Self::Toml => "doc.toml",
            Self::Json => "note.json",
            Self::Log => "lines.log",
            Self::Packed => "packed.lz4",
            Self::Names => "names",
            Self::Empty => "empty",
            Self::Closed => "closed",
            Self::State => "home/conf/.app.toml.persist",
            Self::Conf => "home/conf",
            Self::Home => "home",
            Self::Absent => "empty/absent",
        })
    }
}

/// A config file with the word in it.
pub(crate) fn toml() -> String {
    format!("schema_version = \"1.1.0\"\na = \"{WORD}\"\nb = 2 # {WORD}\n")
}

/// The tree, but for what persist itself has to make: the state folder beside `home/conf/app.toml`.
pub(crate) fn build(tree: &Path, owner: u32) {
    folder(tree, owner, 0o755);
    let file = |name: &str, content: &str| write(&tree.join(name), content, owner, 0o600);
    let text = format!("{WORD} one\n{WORD} two\n");
    file("text", &text);
    file("doc.toml", &toml());
    file(
        "note.json",
        &format!("{{\"created\":\"2026-01-01T00:00:00Z\",\"reason\":\"{WORD}\"}}\n"),
    );
    write(
        &tree.join("packed.lz4"),
        packed(text.as_bytes()),
        owner,
        0o600,
    );
    for (name, mode) in [("names", 0o755), ("empty", 0o755), ("closed", 0o700)] {
        folder(&tree.join(name), owner, mode);
    }
    file("closed/text", &text);
    let names = [
        ".new-x",
        "00000001-20260101T000000.000Z-0000000000000000000000000000000000000000000000000000000000000000.json",
        "lock",
        "mirror",
        "mirror.new",
        "stage",
        "old",
        "redo",
        "of",
        "00000001.log",
        "00000002.log",
        ".gitignore",
    ];
    for name in names {
        file(&format!("names/{name}"), &text);
    }
    for name in ["journal", "backups", "quarantine", "complements"] {
        folder(&tree.join("names").join(name), owner, 0o755);
        file(&format!("names/{name}/00000001.log"), &text);
    }
    folder(&tree.join("home"), owner, 0o755);
    folder(&tree.join("home/conf"), owner, 0o755);
    file("home/conf/app.toml", &toml());
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
    frame.write_all(bytes).unwrap();
    frame.finish().unwrap()
}
