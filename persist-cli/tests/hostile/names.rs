//! Where it is planted.

use std::fs;
use std::path::PathBuf;

use crate::world::World;

/// A place in the attacker's tree.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    /// The same in every run: numbers instead of times and digests.
    pub(crate) label: String,
    pub(crate) path: PathBuf,
    /// A folder around the live file.
    pub(crate) around: bool,
}

/// Below the folder of the live file.
const BESIDE: [&str; 11] = [
    "app.toml",
    ".app.toml.persist-stage",
    ".app.toml.persist-old",
    ".app.toml.persist-redo",
    "config_versions.json",
    "out.json",
    ".out.json.persist",
    ".out.json.persist/lock",
    ".out.json.persist/mirror",
    ".out.json.persist/journal",
    ".app.toml.persist",
];

/// Below the state folder: known names, names that another build might use, and unknown ones.
const STATE: [&str; 32] = [
    "lock",
    "lock.new",
    "journal",
    "journal/00000001.log",
    "journal/00000002.log",
    "journal/00000002.log.new",
    "journal/unknown",
    "backups",
    "backups/unknown",
    "mirror",
    "mirror.new",
    "complements",
    "complements/unknown",
    "quarantine",
    "quarantine/unknown",
    "redo",
    "found-1",
    "old",
    "stage",
    "stage-1",
    "stage-2",
    "stage.new",
    "format",
    "format.new",
    "of",
    "of.new",
    "elsewhere",
    "elsewhere.new",
    ".gitignore",
    ".new-x",
    "backup.new",
    "unknown",
];

/// Of the history: what there is of these numbers, and what could be.
const KEPT: [(&str, &[u64]); 3] = [
    ("backups", &[1, 2, 5]),
    ("complements", &[4, 5]),
    ("quarantine", &[6]),
];

pub(crate) fn all(world: &World) -> Vec<Name> {
    let state = world.conf().join(".app.toml.persist");
    let mut names = Vec::new();
    let mut add = |label: String, path: PathBuf, around| {
        names.push(Name {
            label,
            path,
            around,
        });
    };
    add("folder".into(), world.conf(), true);
    add("folder above".into(), world.path("attacker/home"), true);
    for name in BESIDE {
        add(name.into(), world.conf().join(name), false);
    }
    for name in STATE {
        add(format!("state/{name}"), state.join(name), false);
    }
    for (folder, numbers) in KEPT {
        for number in numbers {
            let folder_path = state.join(folder);
            let id = id(&folder_path, *number);
            for ending in ["", ".json", ".lz4", ".new"] {
                let path = folder_path.join(format!("{id}{ending}"));
                add(format!("state/{folder}/{number}{ending}"), path, false);
            }
        }
    }
    names
}

/// The name, without endings, of what is kept under that number.
fn id(folder: &std::path::Path, number: u64) -> String {
    let start = format!("{number:08}-");
    let names = fs::read_dir(folder).unwrap().map(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().into_owned()
    });
    let name = names.into_iter().find(|name| name.starts_with(&start));
    let name = name.expect("the history has that number");
    name.trim_end_matches(".json")
        .trim_end_matches(".lz4")
        .to_owned()
}
