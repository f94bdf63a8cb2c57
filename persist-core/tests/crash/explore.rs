//! The model run: every scenario of the real command.

use std::path::Path;
use std::time::Instant;

use crate::check::{COMPLEMENT_KEY, COMPLEMENT_VALUE};
use crate::folder::Folder;
use crate::scenario::{Recording, Step, record, settings};
use crate::states::{self, Count, Image};
use crate::worker::{Pool, Violation};

/// How many states to go through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) states: u64,
    /// Life after the recovery is judged in each so many-th state, which takes twice as long as all the rest.
    pub(crate) afterwards: u64,
    /// So many violations end the search.
    pub(crate) violations: usize,
}

/// Judges the states of a recording.
pub(crate) fn explore(recording: &Recording, budget: Budget) -> (Count, Vec<Violation>) {
    let pool = Pool::start(&recording.setting);
    let mut judged = 0_u64;
    let count = states::explore(&recording.log, budget.states, &mut |image| {
        let mut expect = recording.expect(&image);
        expect.afterwards = judged.is_multiple_of(budget.afterwards);
        judged += 1;
        pool.judge(image, expect, budget.violations)
    });
    (count, pool.finish())
}

/// Runs every scenario once.
pub(crate) fn record_all(cli: &Path) -> Result<Vec<Recording>, String> {
    let record = |(name, live, damaged, steps): Scenario| {
        record(name, live, damaged, steps, cli).map_err(|error| format!("{name}: {error}"))
    };
    scenarios().into_iter().map(record).collect()
}

/// Explores all recordings with so many states in total.
pub(crate) fn run(recordings: &[Recording], states: u64, afterwards: u64) -> Result<(), String> {
    let start = Instant::now();
    let mut total = Count::default();
    let mut violations = 0;
    let all = |recording: &Recording| {
        let sizes = states::sizes(&recording.log).into_iter();
        sizes.fold(0, u64::saturating_add)
    };
    let sizes: Vec<_> = recordings.iter().map(all).collect();
    for (recording, share) in recordings.iter().zip(states::quotas(&sizes, states)) {
        let budget = Budget {
            states: share,
            afterwards,
            violations: 5,
        };
        let (count, found) = explore(recording, budget);
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
        Ok(())
    } else {
        Err(format!("{violations} violations in the model"))
    }
}

/// Prints the first violations with all that led to them, and lays the states out to be looked at.
fn report(recording: &Recording, violations: &[Violation]) {
    for (number, violation) in violations.iter().take(3).enumerate() {
        let image = &violation.image;
        println!("  {}", violation.what);
        for index in 0..=image.after {
            println!("    {}", recording.log.describe(index));
        }
        let name = format!(
            "persist-violation-{}-{number}",
            recording.name.replace(' ', "-")
        );
        let folder = std::env::temp_dir().join(name);
        match lay_out(&folder, image) {
            Ok(()) => println!("  the state is in {}", folder.display()),
            Err(error) => println!("  the state could not be kept: {error}"),
        }
    }
}

fn lay_out(folder: &Path, image: &Image) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let nodes: Vec<_> = image
        .nodes
        .iter()
        .map(|(path, content)| {
            let content = content.as_ref().map(|(bytes, hash)| (&**bytes, *hash));
            (path.as_str(), content)
        })
        .collect();
    Folder::new(folder.to_owned()).lay_out(&nodes)
}

type Scenario = (&'static str, &'static str, bool, Vec<Step>);

/// A state folder with a history, and what is done to it next.
fn scenarios() -> Vec<Scenario> {
    let file = |len| Step::File("app.toml", settings(len));
    let before = |words: &str| Step::Before(words.to_owned());
    let traced = |words: &str| Step::Traced(words.to_owned());
    let sets = |from, to| (from..to).map(|width| Step::Before(format!("set FILE width={width}")));
    let manifest = || Step::File("config_versions.json", MANIFEST.as_bytes().to_vec());
    let after = |mut steps: Vec<Step>, more: Vec<Step>| {
        steps.extend(more);
        steps
    };
    // Each record with a reason this long, so that the journal's next segment begins with the traced save.
    let reason = "r".repeat(30_000);
    let long = |width| Step::Before(format!("set FILE width={width} -m {reason}"));
    vec![
        (
            "first save",
            "app.toml",
            false,
            vec![
                file(700),
                traced("set FILE width=2"),
                traced("set FILE width=3"),
            ],
        ),
        (
            "creation",
            "app.toml",
            false,
            vec![traced("set FILE width=2"), traced("set FILE width=3")],
        ),
        (
            "saves",
            "app.toml",
            false,
            after(
                vec![file(5000), before("set FILE width=2")],
                vec![traced("set FILE width=3"), traced("set FILE width=4")],
            ),
        ),
        (
            "JSON",
            "app.json",
            false,
            vec![
                Step::File("app.json", json()),
                before("set FILE width=2"),
                traced("set FILE width=3"),
                traced("unset FILE width"),
            ],
        ),
        (
            "YAML",
            "app.yaml",
            false,
            vec![
                Step::File("app.yaml", yaml()),
                before("set FILE width=2"),
                traced("set FILE width=3"),
                traced("restore FILE 1"),
            ],
        ),
        (
            "undo",
            "app.toml",
            false,
            after(
                vec![file(2000)],
                vec![
                    before("set FILE width=2"),
                    before("set FILE width=3"),
                    traced("undo FILE"),
                    traced("undo FILE"),
                ],
            ),
        ),
        (
            "restore",
            "app.toml",
            false,
            vec![
                file(2000),
                before("set FILE width=2"),
                before("set FILE width=3"),
                traced("restore FILE 1"),
                traced("set FILE width=9"),
            ],
        ),
        (
            "purge",
            "app.toml",
            false,
            vec![
                file(2000),
                before("set FILE width=2"),
                before("set FILE width=3"),
                before("set FILE width=4"),
                traced("purge FILE --before 0d --number 3 --yes"),
                traced("set FILE width=9"),
            ],
        ),
        (
            "migrate",
            "app.toml",
            false,
            vec![
                manifest(),
                Step::File("app.toml", sample()),
                before("set FILE theme=dark"),
                traced("migrate to FILE 1.2.0"),
                traced("migrate down FILE 1.0.0"),
            ],
        ),
        (
            "complement",
            "app.toml",
            false,
            vec![
                manifest(),
                Step::File("app.toml", sample()),
                before("migrate to FILE 1.2.0"),
                before(&format!("set FILE {COMPLEMENT_KEY}={COMPLEMENT_VALUE}")),
                traced("migrate down FILE"),
                traced("set FILE theme=dark"),
            ],
        ),
        (
            "recover",
            "app.toml",
            true,
            vec![
                file(2000),
                before("set FILE width=2"),
                before("set FILE width=3"),
                Step::File("app.toml", vec![0; 700]),
                traced("recover FILE"),
                traced("set FILE width=4"),
            ],
        ),
        (
            "hand edit",
            "app.toml",
            false,
            vec![
                file(2000),
                before("set FILE width=2"),
                Step::File("app.toml", b"width = 5\nprobe = 0 # by hand\n".to_vec()),
                traced("set FILE width=3"),
            ],
        ),
        (
            "retention",
            "app.toml",
            false,
            after(
                std::iter::once(file(900)).chain(sets(2, 13)).collect(),
                vec![traced("set FILE width=20"), traced("set FILE width=21")],
            ),
        ),
        (
            "compression",
            "app.toml",
            false,
            vec![
                file(10_400),
                before("set FILE width=2"),
                before("set FILE width=3"),
                traced("set FILE width=4"),
                traced("set FILE width=5"),
            ],
        ),
        (
            "rotation",
            "app.toml",
            false,
            after(
                std::iter::once(file(900))
                    .chain((2..11).map(long))
                    .collect(),
                vec![traced("set FILE width=20"), traced("set FILE width=21")],
            ),
        ),
    ]
}

/// The schema history that the project ships.
const MANIFEST: &str = include_str!("../../../config_versions.json");

fn json() -> Vec<u8> {
    let keys: String = (0..90)
        .map(|key| format!("  \"key_{key}\": {key},\n"))
        .collect();
    format!("{{\n{keys}  \"probe\": 0,\n  \"width\": 1\n}}\n").into_bytes()
}

fn yaml() -> Vec<u8> {
    let keys: String = (0..90).map(|key| format!("  - {key} # {key}\n")).collect();
    format!("width: 1\nprobe: 0\nnumbers:\n{keys}").into_bytes()
}

fn sample() -> Vec<u8> {
    b"schema_version = \"1.0.0\"\n\n# looks\ntheme = \"light\"\nprobe = 0\n".to_vec()
}
