//! What was found, as lines and as a table.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::Finding;

/// Most lines that are shown.
const MOST: usize = 300;

#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) command: String,
    pub(crate) finding: Finding,
}

/// Of one part.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) runs: usize,
    pub(crate) violations: Vec<Violation>,
    /// What could not be tried here, and why.
    pub(crate) skipped: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.violations.extend(other.violations);
        self.skipped.extend(other.skipped);
    }
}

/// Prints it; panics if there is a violation, or if nothing ran.
pub(crate) fn settle(part: &str, report: &Report) {
    let mut skipped = report.skipped.clone();
    skipped.sort();
    skipped.dedup();
    for why in skipped {
        println!("skipped: {why}");
    }
    let mut lines: Vec<_> = report.violations.iter().map(Violation::line).collect();
    lines.sort();
    for line in lines.iter().take(MOST) {
        println!("{line}");
    }
    if lines.len() > MOST {
        println!("... and {} more", lines.len() - MOST);
    }
    table(&report.violations);
    println!("{part}: {} runs, {} violations", report.runs, lines.len());
    assert!(report.runs > 0, "{part}: nothing ran");
    assert!(lines.is_empty(), "{part}: {} violations", lines.len());
}

/// By kind and by name, in how many commands.
fn table(violations: &[Violation]) {
    let mut rows: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for violation in violations {
        let key = (violation.finding.what, &violation.kind, &violation.name);
        rows.entry(key).or_default().insert(&violation.command);
    }
    for ((what, kind, name), commands) in rows {
        let first = commands.iter().next().unwrap_or(&"");
        let count = commands.len();
        println!("{count:>4}  {what:<32} {kind:<32} {name:<30} {first} ...");
    }
}

impl Violation {
    fn line(&self) -> String {
        let Finding { what, detail } = &self.finding;
        let (kind, name, command) = (&self.kind, &self.name, &self.command);
        format!("{kind}; {name}; {command}; {what}: {detail}")
    }
}
