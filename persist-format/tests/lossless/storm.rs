//! Storms of edits.

use std::collections::BTreeMap;

use persist_format::{Document, Error, ErrorKind, Extent, Format, Value};

use crate::corpus::{Sample, samples};
use crate::edits::{self, Act};
use crate::kept::{Touched, lines_kept, lost_comments};
use crate::oracle::Oracle;
use crate::random::Random;
use crate::setting;

#[derive(Debug, Default)]
struct Tally {
    documents: usize,
    /// Those in which not so many edits made sense as were wanted.
    short: usize,
    edits: usize,
    spliced: usize,
    collections: Vec<String>,
    aliased: usize,
    refused: Vec<String>,
    wrong: Vec<String>,
    comments_lost: Vec<String>,
    lines: [(usize, usize); 2],
    changed_lines: Vec<String>,
}

impl Tally {
    fn print(&self, name: &str) {
        let share = |(kept, all): (usize, usize)| 100.0 * kept as f64 / all.max(1) as f64;
        crate::say(&format!(
            "{name}: {} documents ({} too small for all edits), {} edits: {} in place, {} by collection, {} refused and {} more because of aliases; {} wrong; {} lost comments; lines kept {:.3} % of {} on set and insert, {:.3} % of {} on remove and move",
            self.documents,
            self.short,
            self.edits,
            self.spliced,
            self.collections.len(),
            self.refused.len(),
            self.aliased,
            self.wrong.len(),
            self.comments_lost.len(),
            share(self.lines[0]),
            self.lines[0].1,
            share(self.lines[1]),
            self.lines[1].1
        ));
        for (what, list) in [
            ("refused", &self.refused),
            ("written as a collection", &self.collections),
            ("wrong", &self.wrong),
            ("lost a comment", &self.comments_lost),
            ("changed a line", &self.changed_lines),
        ] {
            for case in list.iter().take(setting("PERSIST_SHOW", 3)) {
                crate::say(&format!("--- {what}: {case}"));
            }
        }
    }
}

/// One edit and all that is asked of it.
fn edit(
    document: &mut Document,
    act: &Act,
    name: &str,
    tally: &mut Tally,
    oracle: Option<&mut Oracle>,
) {
    let Some(wanted) = act.meant(document.value()) else {
        return;
    };
    if wanted == *document.value() {
        let bytes = document.bytes();
        let done = act.make(document);
        if done.is_ok_and(|edit| !edit.changed()) && document.bytes() != bytes {
            tally.wrong.push(format!(
                "{name}: {act:?}: the value was there and the bytes changed"
            ));
        }
        return;
    }
    let before = document.clone();
    let label = || format!("{name}: {act:?}\n{}", before.text());
    tally.edits += 1;
    let extent = match act.make(document) {
        Ok(edit) => edit.extent,
        // What several places share is not changed through one of them.
        Err(error) if is_shared(&error, before.text()) => {
            tally.aliased += 1;
            assert_eq!(
                document.bytes(),
                before.bytes(),
                "a refused edit changes nothing"
            );
            return;
        }
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::Refused | ErrorKind::Unrepresentable
            ) =>
        {
            tally.refused.push(format!("{error}: {}", label()));
            assert_eq!(
                document.bytes(),
                before.bytes(),
                "a refused edit changes nothing"
            );
            return;
        }
        Err(error) => {
            tally.wrong.push(format!("{error}: {}", label()));
            return;
        }
    };
    let again = Document::parse(&document.bytes(), document.format());
    if !again.is_ok_and(|again| again.value() == &wanted && document.value() == &wanted) {
        tally.wrong.push(format!(
            "another value: {}\nbecame\n{}",
            label(),
            document.text()
        ));
    }
    // A block scalar at the end may need its line break, or lose it.
    let ends = |document: &Document| document.text().ends_with('\n');
    if document.format() == Format::Yaml
        && ends(document) != ends(&before)
        && !before.text().contains(['|', '>'])
    {
        tally.wrong.push(format!(
            "the last line break: {}\nbecame\n{}",
            label(),
            document.text()
        ));
    }
    if let Some(oracle) = oracle {
        oracle.ask(
            document.format(),
            document.text(),
            &wanted,
            &format!("{name}: {act:?}"),
        );
    }
    match extent {
        Extent::Splice => tally.spliced += 1,
        _ => {
            let text = format!("{}\nbecame\n{}", label(), document.text());
            tally.collections.push(text);
            return;
        }
    }
    let touched = Touched::by(act, &before);
    let lost = lost_comments(&before, document, touched.as_ref());
    if !lost.is_empty() {
        tally
            .comments_lost
            .push(format!("{lost:?} {}\nbecame\n{}", label(), document.text()));
    }
    if let Some(touched) = touched {
        let (kept, all) = lines_kept(act, &before, document, &touched);
        let sum = &mut tally.lines[usize::from(act.removes())];
        *sum = (sum.0 + kept, sum.1 + all);
        if kept < all && !act.removes() {
            tally
                .changed_lines
                .push(format!("{}\nbecame\n{}", label(), document.text()));
        }
    }
}

pub(crate) const ORIGINAL: &str = "as it was: ";

/// The disagreements about documents that Python reads as we do before any edit: `PyYAML` refuses some of YAML 1.2.
pub(crate) fn of_readable(wrong: Vec<String>) -> Vec<String> {
    let unread: Vec<String> = wrong
        .iter()
        .filter_map(|case| {
            case.strip_prefix(ORIGINAL)?
                .lines()
                .next()
                .map(|name| format!("{name}:"))
        })
        .collect();
    let is_edit = |case: &String| {
        !case.starts_with(ORIGINAL) && !unread.iter().any(|name| case.starts_with(name))
    };
    wrong.into_iter().filter(is_edit).collect()
}

/// True if the edit would change what an anchor shares with other places.
fn is_shared(error: &Error, text: &str) -> bool {
    let message = error.to_string();
    error.kind() == ErrorKind::Refused
        && (message.contains("alias") || message.contains("merge key") || text.contains("<<:"))
}

fn storm(name: &str, chain: bool) {
    let cases = setting("PERSIST_CASES", 12);
    let mut oracle = Oracle::start();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (seed, Sample { name, document }) in
        samples(setting("PERSIST_DOCS", 0)).into_iter().enumerate()
    {
        let tally = tallies.entry(document.format().name()).or_default();
        tally.documents += 1;
        let mut random = Random(setting("PERSIST_SEED", 1) as u64 * 1_000_003 + seed as u64);
        if let Some(oracle) = &mut oracle {
            oracle.ask(
                document.format(),
                document.text(),
                document.value(),
                &format!("{ORIGINAL}{name}"),
            );
        }
        let mut edited = document.clone();
        // Some of what is thrown at a document makes no sense there, and in a small one most.
        let (before, mut thrown) = (tally.edits, 0);
        while tally.edits < before + cases && thrown < 10 * cases {
            thrown += 1;
            if !chain || !edited.value().is_container() {
                edited = document.clone();
            }
            let act = edits::act(&mut random, &edited);
            edit(&mut edited, &act, &name, tally, oracle.as_mut());
        }
        tally.short += usize::from(tally.edits < before + cases);
    }
    let disagreements = oracle
        .map(Oracle::finish)
        .map(|(wrong, skipped)| (of_readable(wrong), skipped));
    for (format, tally) in &tallies {
        tally.print(&format!("{name}, {format}"));
    }
    if let Some((wrong, skipped)) = &disagreements {
        crate::say(&format!(
            "{name}: Python disagrees {} times ({skipped} passed over)",
            wrong.len()
        ));
        wrong
            .iter()
            .take(setting("PERSIST_SHOW", 3))
            .for_each(|case| crate::say(&format!("--- Python: {case}")));
    }
    enough(&tallies);
    let edits: usize = tallies.values().map(|tally| tally.edits).sum();
    let refused: usize = tallies.values().map(|tally| tally.refused.len()).sum();
    assert!(edits > 0, "there were documents to edit");
    assert!(
        tallies.values().all(|tally| tally.wrong.is_empty()),
        "an edit went wrong"
    );
    assert!(
        tallies.values().all(|tally| tally.comments_lost.is_empty()),
        "a comment was lost"
    );
    assert!(
        tallies.values().all(|tally| tally.changed_lines.is_empty()),
        "a line changed that was not edited"
    );
    // `- a: 1` and `b: 2` below it: when `a` goes, `b` takes its place on the line.
    assert!(
        tallies
            .values()
            .all(|tally| (tally.lines[1].1 - tally.lines[1].0) * 200 <= tally.lines[1].1),
        "more than 0.5 % of the lines near removed values changed"
    );
    assert!(
        disagreements.is_none_or(|(wrong, _)| wrong.is_empty()),
        "Python reads something else"
    );
    assert!(
        refused * 500 <= edits,
        "{refused} of {edits} edits could not be made in place"
    );
}

/// So many documents of each format make the full run.
const FULL: usize = 200;

fn enough(tallies: &BTreeMap<&str, Tally>) {
    if setting("PERSIST_DOCS", 0) < FULL {
        return;
    }
    for format in [Format::Json, Format::Toml, Format::Yaml] {
        let count = tallies.get(format.name()).map(|tally| tally.documents);
        let chosen = std::env::var("PERSIST_FORMAT")
            .is_ok_and(|only| !format.name().eq_ignore_ascii_case(&only));
        assert!(
            chosen || count.is_some_and(|count| count >= FULL),
            "{format}: {count:?} documents, fewer than {FULL}"
        );
    }
}

#[test]
fn single_edits() {
    storm("single edits", false);
}

/// Each document is edited again and again.
#[test]
fn chains_of_edits() {
    storm("chains of edits", true);
}

#[test]
fn nothing_to_do_is_byte_identical() {
    for Sample { name, mut document } in samples(setting("PERSIST_DOCS", 0) * 10) {
        let bytes = document.bytes();
        let value: Value = document.value().clone();
        let edit = document
            .apply(&value)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(edit.extent, Extent::Unchanged, "{name}");
        assert_eq!(document.bytes(), bytes, "{name}");
    }
}
