//! Batches of random edits: each against the same edits one after the other.

use std::collections::BTreeMap;

use persist_format::{Document, Edits, Error};

use crate::corpus::{Sample, samples};
use crate::edits::{self, Act};
use crate::oracle::Oracle;
use crate::random::Random;
use crate::setting;
use crate::storm::{ORIGINAL, of_readable};

/// Edits of one batch, at most.
const MOST: usize = 8;

#[derive(Debug, Default)]
struct Tally {
    batches: usize,
    edits: usize,
    /// Batches that left another text than their edits alone.
    other: Vec<String>,
    /// Those of them that have fewer comments.
    fewer: Vec<String>,
    wrong: Vec<String>,
}

fn collect(act: &Act, edits: &mut Edits) -> Result<(), Error> {
    match act {
        Act::Set(path, value) => edits.set(path, value.clone()),
        Act::Insert(path, value) => edits.insert(path, value.clone()),
        Act::Remove(path) => edits.remove(path),
        Act::Rename(path, key) => edits.rename(path, key),
        Act::Move(from, to) => edits.move_to(from, to),
        Act::Apply(value) => edits.set(&persist_format::KeyPath::root(), value.clone()),
    }
}

/// The document after edits one after the other, and those that could be made.
fn one_by_one(document: &Document, random: &mut Random) -> (Document, Vec<Act>) {
    let (mut alone, mut acts) = (document.clone(), Vec::new());
    for _ in 0..2 + random.below(MOST - 1) {
        let act = edits::act(random, &alone);
        if !matches!(act, Act::Apply(_)) && act.make(&mut alone).is_ok() {
            acts.push(act);
        }
    }
    (alone, acts)
}

fn batch(
    name: &str,
    document: &Document,
    random: &mut Random,
    tally: &mut Tally,
) -> Option<Document> {
    let (alone, acts) = one_by_one(document, random);
    let mut edits = Edits::new(document.clone());
    let told = |what: &str, text: &str| {
        let before = document.text();
        format!(
            "{what}: {name}: {acts:#?}\n{before}\nbecame\n{text}\nand alone\n{}",
            alone.text()
        )
    };
    for act in &acts {
        if let Err(error) = collect(act, &mut edits) {
            tally.wrong.push(told(&format!("{error} in {act:?}"), ""));
            return None;
        }
    }
    tally.batches += 1;
    tally.edits += acts.len();
    let together = match edits.finish() {
        Ok((together, _)) => together,
        Err(error) => {
            tally.wrong.push(told(&error.to_string(), ""));
            return None;
        }
    };
    let again = Document::parse(&together.bytes(), together.format());
    if !again.is_ok_and(|again| again.value() == alone.value() && together.value() == alone.value())
    {
        tally.wrong.push(told("another value", together.text()));
        return None;
    }
    if together.text() != alone.text() {
        tally.other.push(told("another text", together.text()));
        if together.comments().count() < alone.comments().count() {
            tally.fewer.push(told("fewer comments", together.text()));
        }
    }
    Some(together)
}

#[test]
fn batches_are_what_their_edits_are() {
    let cases = setting("PERSIST_CASES", 12).div_ceil(2);
    let mut oracle = Oracle::start();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (seed, Sample { name, document }) in
        samples(setting("PERSIST_DOCS", 0)).into_iter().enumerate()
    {
        let tally = tallies.entry(document.format().name()).or_default();
        let mut random = Random(setting("PERSIST_SEED", 1) as u64 * 2_000_003 + seed as u64);
        if let Some(oracle) = &mut oracle {
            let label = format!("{ORIGINAL}{name}");
            oracle.ask(document.format(), document.text(), document.value(), &label);
        }
        for _ in 0..cases {
            let made = batch(&name, &document, &mut random, tally);
            if let (Some(oracle), Some(made)) = (&mut oracle, made) {
                oracle.ask(
                    made.format(),
                    made.text(),
                    made.value(),
                    &format!("{name}: a batch"),
                );
            }
        }
    }
    for (format, tally) in &tallies {
        crate::say(&format!(
            "batches, {format}: {} of {} edits, {} wrong; {} left another text than alone, {} of them with fewer comments",
            tally.batches,
            tally.edits,
            tally.wrong.len(),
            tally.other.len(),
            tally.fewer.len()
        ));
        for list in [&tally.wrong, &tally.fewer, &tally.other] {
            for case in list.iter().take(setting("PERSIST_SHOW", 1)) {
                crate::say(&format!("--- {case}"));
            }
        }
    }
    let count = |of: fn(&Tally) -> usize| tallies.values().map(of).sum::<usize>();
    assert!(count(|t| t.edits) > 0, "there were documents to edit");
    assert_eq!(count(|t| t.wrong.len()), 0, "a batch went wrong");
    let (other, fewer) = (count(|t| t.other.len()), count(|t| t.fewer.len()));
    let all = count(|t| t.batches);
    assert!(
        other * 10 <= all,
        "{other} of {all} batches left another text"
    );
    assert!(fewer * 200 <= all, "{fewer} of {all} batches lost comments");
    if let Some((wrong, _)) = oracle.map(Oracle::finish) {
        let wrong = of_readable(wrong);
        for case in wrong.iter().take(setting("PERSIST_SHOW", 1)) {
            crate::say(&format!("--- Python: {case}"));
        }
        assert!(wrong.is_empty(), "Python reads something else");
    }
}
