//! The time travel law on text: random documents of each shipped version, random routes up and down with edits at each stop.
//! Nothing is lost, neither values nor comments, and lines that nobody touched stay byte for byte and in their order.
//!
//! `PERSIST_CASES=10000 cargo test --release --package persist-core --test suite travel` runs all of it; with
//! `PERSIST_SEED` the journeys are numbered from there, and a failure names the numbers of those that went wrong.

mod journey;
mod seen;
mod written;

use std::time::SystemTime;

use persist_core::Format;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use journey::{Edit, Journey};

const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "1.2.0"];

/// One stop: where to go, and what a person does there. Numbers choose among what is there.
type Stop = (usize, Vec<Edit>);

fn edit() -> impl Strategy<Value = Edit> {
    let n = any::<u16>;
    prop_oneof![
        4 => (n(), n()).prop_map(|(which, value)| Edit::Set(which, value)),
        1 => n().prop_map(Edit::Remove),
        1 => n().prop_map(Edit::Add),
        2 => n().prop_map(Edit::Note),
        1 => n().prop_map(Edit::Reword),
    ]
}

fn stops() -> impl Strategy<Value = Vec<Stop>> {
    let edits = prop_oneof![1 => Just(Vec::new()), 2 => prop::collection::vec(edit(), 1..4)];
    prop::collection::vec((0..VERSIONS.len(), edits), 1..7)
}

fn travel(draft: &written::Draft, stops: &[Stop], format: Format) -> Result<(), String> {
    let mut journey = Journey::begin(&draft.write(format), format, draft.version)?;
    for (version, edits) in stops {
        journey.go(*version)?;
        for edit in edits {
            journey.edit(edit)?;
        }
    }
    Ok(())
}

/// One case by its number.
pub(crate) fn seeded(seed: u64) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 500,
        ..ProptestConfig::with_cases(1)
    }
}

/// One journey, or what goes wrong on the shortest one that goes wrong like it.
fn journey(seed: u64, format: Format) -> Result<(), String> {
    let mut runner = TestRunner::new(seeded(seed));
    let outcome = runner.run(&(written::draft(), stops()), |(draft, stops)| {
        travel(&draft, &stops, format).map_err(TestCaseError::fail)
    });
    outcome.map_err(|error| format!("seed {seed}: {error}"))
}

/// A number that no earlier run had.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs()) << 20
}

/// Number `PERSIST_SEED` and those after it, else those that every run has: a few, and those that have found a fault.
pub(crate) fn law(found_faults: &[u64], journey: impl Fn(u64) -> Result<(), String>) {
    let told = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let seeds: Vec<u64> = match told("PERSIST_CASES") {
        Some(cases) => {
            let first = told("PERSIST_SEED").unwrap_or_else(now);
            (first..first + cases).collect()
        }
        None => found_faults.iter().copied().chain(0..24).collect(),
    };
    let wrong: Vec<String> = seeds
        .iter()
        .filter_map(|&seed| journey(seed).err())
        .collect();
    let count = wrong.len();
    assert!(
        wrong.is_empty(),
        "{count} of {} journeys go wrong\n{}",
        seeds.len(),
        wrong.join("\n")
    );
}

#[test]
fn nothing_is_lost_in_json() {
    law(&[1882896645234266, 1882897121280642], |seed| {
        journey(seed, Format::Json)
    });
}

#[test]
fn nothing_is_lost_in_jsonc() {
    law(
        &[
            917,
            2878,
            3130,
            1882896645234921,
            2574528444,
            1882914666080242,
        ],
        |seed| journey(seed, Format::Jsonc),
    );
}

#[test]
fn nothing_is_lost_in_toml() {
    law(
        &[
            325,
            737,
            1173,
            2361,
            2622,
            2677,
            1882896678781804,
            1882913785254821,
            1882914127095095,
        ],
        |seed| journey(seed, Format::Toml),
    );
}

#[test]
fn nothing_is_lost_in_yaml() {
    law(
        &[
            188,
            1316,
            1861,
            4598,
            1882897166373427,
            1882897166377120,
            1882914127087968,
            2574523083,
            1882914666055824,
            1882914666057829,
        ],
        |seed| journey(seed, Format::Yaml),
    );
}
