//! The model run: every scenario of the real command.

use std::path::Path;
use std::time::Instant;

use crate::scenario::{Recording, Step, record, settings};
use crate::states::{self, Count};
use crate::worker::{Pool, Violation};

/// Judges the states of a recording, until `enough` violations are found.
pub(crate) fn explore(
    recording: &Recording,
    budget: u64,
    enough: usize,
) -> (Count, Vec<Violation>) {
    let pool = Pool::start(&recording.setting);
    let count = states::explore(&recording.log, budget, &mut |image| {
        let expect = recording.expect(&image);
        pool.judge(image, expect, enough)
    });
    (count, pool.finish())
}

/// Explores all scenarios with so many states in total and gives back their recordings.
pub(crate) fn run(cli: &Path, states: u64) -> Result<Vec<Recording>, String> {
    let start = Instant::now();
    let mut recordings = Vec::new();
    for (name, live, damaged, steps) in scenarios() {
        recordings.push(
            record(name, live, damaged, steps, cli).map_err(|error| format!("{name}: {error}"))?,
        );
    }
    let mut total = Count::default();
    let mut violations = 0;
    for (index, recording) in recordings.iter().enumerate() {
        // What one scenario doesn't have, the others may use.
        let share = (states - total.explored.min(states)) / (recordings.len() - index) as u64;
        let (count, found) = explore(recording, share, 5);
        let name = recording.name;
        println!(
            "model: {name:<12} {:>4} operations, {:>8} states, {:>7} distinct, {} violations",
            recording.log.ops.len(),
            count.explored,
            count.distinct,
            found.len()
        );
        report(recording, &found);
        total += count;
        violations += found.len();
    }
    let (explored, distinct, seconds) = (total.explored, total.distinct, start.elapsed().as_secs());
    println!(
        "model: {explored} states explored, {distinct} distinct, {violations} violations, {seconds} s"
    );
    if violations == 0 {
        Ok(recordings)
    } else {
        Err(format!("{violations} violations in the model"))
    }
}

fn report(recording: &Recording, violations: &[Violation]) {
    for violation in violations.iter().take(3) {
        let image = &violation.image;
        println!("  {}", violation.what);
        println!("  cut after {}", recording.log.describe(image.after));
        for (path, content) in &image.nodes {
            println!(
                "    {path} {}",
                content
                    .as_ref()
                    .map_or("/".to_owned(), |bytes| format!("{} bytes", bytes.len()))
            );
        }
    }
}

type Scenario = (&'static str, &'static str, bool, Vec<Step>);

fn scenarios() -> Vec<Scenario> {
    let file = |len| Step::File("app.toml", settings(len));
    vec![
        (
            "first save",
            "app.toml",
            false,
            vec![
                file(700),
                Step::Traced("set FILE width=2"),
                Step::Traced("set FILE width=3"),
            ],
        ),
        (
            "saves",
            "app.toml",
            false,
            vec![
                file(5000),
                Step::Before("set FILE width=2"),
                Step::Traced("set FILE width=3"),
                Step::Traced("set FILE width=4"),
            ],
        ),
    ]
}
