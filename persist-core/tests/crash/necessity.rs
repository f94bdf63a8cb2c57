//! Each sync is needed, and so is the intent: with any one of them left out, the model must find a violation.

use std::collections::BTreeMap;

use crate::disk::{Ino, Log, Op};
use crate::explore::explore;
use crate::scenario::Recording;

/// States to look through before a removal counts as not noticed.
const STATES: u64 = 2_000;
/// How often a removal may go unnoticed before it counts as spare.
const TRIES: usize = 3;

/// Without these the promise does not hold. The others make an interrupted save cheaper to finish, or are doubled because
/// two folders are named by one rename.
const NEEDED: [&str; 4] = [
    "sync of the folder",
    "sync of .app.toml.persist/stage",
    "sync of .app.toml.persist/journal/*",
    "what is written to the journal",
];

/// A sync is judged by what it syncs: where one command syncs the same folder twice in a row, either may be spared,
/// but not both.
pub(crate) fn run(recordings: &[Recording]) -> Result<(), String> {
    let mut noticed: BTreeMap<String, bool> = BTreeMap::new();
    let mut tries: BTreeMap<String, usize> = BTreeMap::new();
    for recording in recordings {
        for (what, left_out) in removals(&recording.log) {
            let tried = tries.entry(what.clone()).or_default();
            if noticed.get(&what) == Some(&true) || *tried == TRIES {
                continue;
            }
            *tried += 1;
            let (_, found) = explore(&recording.without(&left_out), STATES, 1);
            let said = found.first().map(|violation| violation.what.as_str());
            println!(
                "necessity: {} without {what}: {}",
                recording.name,
                said.unwrap_or("nothing noticed here")
            );
            *noticed.entry(what).or_default() |= said.is_some();
        }
    }
    let spare: Vec<_> = noticed
        .iter()
        .filter(|(_, noticed)| !**noticed)
        .map(|(what, _)| what.as_str())
        .collect();
    println!(
        "necessity: {} kinds noticed, spare: {}",
        noticed.len() - spare.len(),
        spare.join(", ")
    );
    match spare.iter().find(|what| NEEDED.contains(what)) {
        Some(what) => Err(format!("nothing notices a save without the {what}")),
        None => Ok(()),
    }
}

/// What to leave out, by name: one sync of each file or folder, or everything that is written to the journal.
fn removals(log: &Log) -> Vec<(String, Vec<usize>)> {
    let mut removals = Vec::new();
    let mut intents = Vec::new();
    for (index, op) in log.ops.iter().enumerate() {
        match op {
            Op::Sync(ino) => removals.push((format!("sync of {}", kind(log, *ino)), vec![index])),
            Op::Data(ino, _) if kind(log, *ino).contains("journal/") => intents.push(index),
            _ => {}
        }
    }
    removals.push(("what is written to the journal".to_owned(), intents));
    removals
}

/// The name without what differs from file to file.
fn kind(log: &Log, ino: Ino) -> String {
    let name = log.names.get(&ino).map_or("the folder", String::as_str);
    match name.rsplit_once('/') {
        Some((folder, file)) if file.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{folder}/*")
        }
        Some((folder, file)) if file.starts_with(".new-") => format!("{folder}/.new-*"),
        _ => name.to_owned(),
    }
}
