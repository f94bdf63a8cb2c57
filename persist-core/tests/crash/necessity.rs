//! Each sync is needed, and so is the intent: with any one of them left out, the model must find a violation.

use std::collections::BTreeMap;

use crate::disk::{Data, Ino, Log, Op};
use crate::explore::{Budget, explore};
use crate::scenario::Recording;

/// States to look through before a removal counts as not noticed.
const BUDGET: Budget = Budget {
    states: 2_000,
    afterwards: 1,
    violations: 1,
};
/// How often a removal may go unnoticed before it counts as spare: the last command of a scenario has nothing after it
/// that would show what its syncs are for.
const TRIES: usize = 6;

/// A sync is judged by what it syncs, wherever it is in the scenarios.
pub(crate) fn run(recordings: &[Recording]) -> Result<(), String> {
    let mut noticed: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut tries: BTreeMap<String, usize> = BTreeMap::new();
    for recording in recordings {
        for (what, left_out) in removals(&recording.log) {
            let tried = tries.entry(what.clone()).or_default();
            let finding = noticed.entry(what).or_default();
            if finding.is_some() || *tried == TRIES {
                continue;
            }
            *tried += 1;
            let (_, found) = explore(&recording.without(left_out), BUDGET);
            let said = found.first().map(|violation| &violation.what);
            *finding = said.map(|said| format!("{}: {said}", recording.name));
        }
    }
    for (what, finding) in &noticed {
        let finding = finding.as_deref().unwrap_or("NOTHING NOTICED");
        println!("necessity: without {what}: {finding}");
    }
    let spare: Vec<_> = noticed
        .iter()
        .filter(|(_, found)| found.is_none())
        .collect();
    println!(
        "necessity: {} kinds of syncs and records, {} not noticed when left out",
        noticed.len(),
        spare.len()
    );
    match spare.first() {
        Some((what, _)) => Err(format!("nothing notices a save without the {what}")),
        None => Ok(()),
    }
}

/// What to leave out, by name.
fn removals(log: &Log) -> Vec<(String, usize)> {
    let named = |(index, op): (usize, &Op)| match op {
        Op::Sync(ino) => Some((format!("sync of {}", kind(log, *ino)), index)),
        Op::Data(ino, Data::Write { bytes, .. }) if is_intent(&kind(log, *ino), bytes) => {
            Some(("intent".to_owned(), index))
        }
        _ => None,
    };
    log.ops.iter().enumerate().filter_map(named).collect()
}

fn is_intent(kind: &str, bytes: &[u8]) -> bool {
    let announces = || String::from_utf8_lossy(bytes).contains(r#""event":"intent""#);
    kind.contains("journal/") && announces()
}

/// The name without what differs from file to file.
fn kind(log: &Log, ino: Ino) -> String {
    let name = log.names.get(&ino).map_or("the folder", String::as_str);
    match name.rsplit_once('/') {
        Some((folder, file)) if file.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{folder}/*")
        }
        Some((folder, file)) if file.starts_with(".new-") => format!("{folder}/.new-*"),
        Some((folder, file)) if file.starts_with("stage-") => format!("{folder}/stage"),
        _ => name.to_owned(),
    }
}
