//! Saves while the owner of the folder exchanges what is around and within it for links, as fast as the kernel lets it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::Scope;
use crate::judge;
use crate::report::{Report, Violation};
use crate::tree;
use crate::user::{ATTACKER, become_user};
use crate::world::{SETUPS, World};

/// Exchanged for a link to the same place in the tree of canaries.
pub(crate) const SPOTS: [(&str, &str); 7] = [
    ("state", "home/conf/.app.toml.persist"),
    ("state/journal", "home/conf/.app.toml.persist/journal"),
    ("state/backups", "home/conf/.app.toml.persist/backups"),
    (
        "state/complements",
        "home/conf/.app.toml.persist/complements",
    ),
    ("state/quarantine", "home/conf/.app.toml.persist/quarantine"),
    ("folder", "home/conf"),
    ("folder above", "home"),
];

/// Saves until everything is made afresh: what is exchanged half-way through a save may be no good for the next.
const BATCH: usize = 8;

/// Command lines in turn; most are plain saves.
const SAVES: [&str; 8] = [
    "set FILE a=N",
    "set FILE a=N b=N",
    "set FILE a=N --in-place",
    "migrate to FILE --versions VERSIONS",
    "set FILE a=N",
    "undo FILE",
    "set FILE a=N",
    "restore FILE 5",
];
/// What uses `complements`.
const MIGRATIONS: [&str; 2] = [
    "migrate to FILE --versions VERSIONS",
    "migrate down FILE --versions VERSIONS",
];
/// What uses `quarantine`, each time with a damaged file.
const RECOVERIES: [&str; 1] = ["recover FILE"];

/// Each spot in one setup, or in the full size in all.
pub(crate) fn run(scope: Scope) -> Report {
    let saves: usize = if scope == Scope::Full { 2000 } else { 280 };
    let mut report = Report::default();
    for (number, setup) in SETUPS.iter().enumerate() {
        let world = World::new(setup);
        for (index, spot) in SPOTS.iter().enumerate() {
            let share = match scope {
                Scope::Full => saves.div_ceil(SPOTS.len() * SETUPS.len()),
                Scope::Sample if index % SETUPS.len() == number => saves / SPOTS.len(),
                Scope::Sample => continue,
            };
            report.add(race(&world, spot, share, save));
        }
    }
    report
}

/// So many runs of the command lines that `args` makes.
pub(crate) fn race(
    world: &World,
    (name, path): &(&str, &str),
    saves: usize,
    args: fn(&World, &str, usize) -> Vec<OsString>,
) -> Report {
    let mut report = Report::default();
    let (mut done, mut swaps) = (0, 0);
    for start in (0..saves).step_by(BATCH) {
        world.reset();
        let swapper = Swapper::new(world, path);
        std::thread::scope(|threads| {
            threads.spawn(|| swapper.swap(start as u64));
            for number in start..saves.min(start + BATCH) {
                let args = args(world, name, number);
                let before = world.outside();
                let ran = world.runner.run(&args);
                let changes = before.changes(&world.outside(), None);
                if !changes.is_empty() {
                    world.restore();
                }
                let findings = judge::ran(&ran).into_iter();
                let findings = findings.chain(changes.into_iter().map(judge::outside));
                let violation = |finding| violation(world, name, &args, finding);
                report.violations.extend(findings.map(violation));
                report.runs += 1;
                done += usize::from(ran.code == Some(0));
            }
            swapper.stop.store(true, Ordering::Relaxed);
        });
        let findings = judge::inside(world, None).into_iter();
        let violation = |finding| violation(world, name, &[], finding);
        report.violations.extend(findings.map(violation));
        swaps += swapper.swaps.into_inner();
    }
    println!(
        "{name} ({}): {saves} runs, {done} succeeded, {swaps} swaps",
        world.setup.name
    );
    // What is kept about somebody else's file is taken from the attacker at the first save.
    let within = name.starts_with("state/");
    let taken = within && tree::owner(&world.conf().join(".app.toml.persist")) != ATTACKER;
    assert!(
        swaps > saves || taken,
        "{name}: the attacker hardly swapped anything"
    );
    report
}

/// The command line of that number in the turns of the spot.
fn save(world: &World, spot: &str, number: usize) -> Vec<OsString> {
    let live = world.conf().join("app.toml");
    let turns: &[&str] = match spot {
        "state/complements" => &MIGRATIONS,
        "state/quarantine" => {
            tree::write(&live, [0; 40], ATTACKER, 0o644);
            &RECOVERIES
        }
        _ => &SAVES,
    };
    let word = |word| match word {
        "FILE" => live.clone().into(),
        "VERSIONS" => world.path("versions.json").into(),
        other => OsString::from(other.replace('N', &number.to_string())),
    };
    let words = turns[number % turns.len()].split(' ').map(word);
    words.chain(["--wait".into(), "1".into()]).collect()
}

fn violation(world: &World, name: &str, args: &[OsString], finding: judge::Finding) -> Violation {
    let verb = args
        .first()
        .map_or("all".into(), |arg| arg.to_string_lossy());
    Violation {
        kind: "exchanged for a link".to_owned(),
        name: name.to_owned(),
        command: format!("{verb} ({})", world.setup.name),
        finding,
    }
}

/// The attacker at work.
struct Swapper {
    place: PathBuf,
    aside: PathBuf,
    stop: AtomicBool,
    swaps: AtomicUsize,
}

impl Swapper {
    fn new(world: &World, path: &str) -> Self {
        let place = world.attackers().join(path);
        // In the same folder: who moves a folder to another one needs the right to write in it.
        let aside = place.with_file_name("aside");
        let to = world.canaries().join(path);
        std::os::unix::fs::symlink(to, &aside).unwrap();
        tree::give(&aside, ATTACKER, 0).unwrap();
        Self {
            place,
            aside,
            stop: AtomicBool::new(false),
            swaps: AtomicUsize::new(0),
        }
    }

    /// There and back until it is told to stop, each for a time that is drawn anew.
    fn swap(&self, seed: u64) {
        become_user(ATTACKER);
        let mut draw = seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15);
        while !self.stop.load(Ordering::Relaxed) {
            exchange(&self.place, &self.aside, &self.swaps);
            pause(&mut draw, [0, 0, 20, 100, 500]);
            exchange(&self.place, &self.aside, &self.swaps);
            pause(&mut draw, [0, 50, 500, 2000, 5000]);
        }
    }
}

fn exchange(one: &Path, other: &Path, count: &AtomicUsize) {
    // A command may have removed or replaced what is exchanged; then the next save starts afresh.
    if renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok() {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// One of so many microseconds. Short times are spun: sleeping takes at least 50.
fn pause(draw: &mut u64, choices: [u64; 5]) {
    *draw ^= *draw << 13;
    *draw ^= *draw >> 7;
    *draw ^= *draw << 17;
    let choice = Duration::from_micros(choices[(*draw >> 33) as usize % choices.len()]);
    if choice > Duration::from_micros(50) {
        return std::thread::sleep(choice);
    }
    let start = std::time::Instant::now();
    while start.elapsed() < choice {
        std::hint::spin_loop();
    }
}
