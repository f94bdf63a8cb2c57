//! What hostile text costs: each bomb is read in a process of its own, which tells its peak of memory and its time. Every one has to be refused
//! (or, where it is within the limits for untrusted text, read) with less than 50 MB beyond the text and in less than 150 ms.
//!
//! Time is only judged in an optimised build, where `cargo xtask lossless` runs this; memory only on Linux, which tells it.

mod corpus;
mod large;
mod meter;

use std::process::Command;
use std::time::Duration;

use corpus::{Bomb, Wanted};
use meter::Cost;
use persist_format::{Document, ErrorKind};

/// Beyond the text itself.
const MOST_BYTES: usize = 50_000_000;
const MOST_TIME: Duration = Duration::from_millis(150);

/// Set in a child, to the bomb's name.
const CHILD: &str = "PERSIST_BOMB";

fn say(text: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{text}").expect("there is a standard error");
}

/// Runs this very test in a process of its own for one bomb, and reads what it cost.
fn in_a_process_of_its_own(name: &str) -> (String, Cost) {
    let binary = std::env::current_exe().expect("a test knows its binary");
    let output = Command::new(binary)
        .args([
            "--exact",
            "bombs_are_cheap",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(CHILD, name)
        .output()
        .expect("the test can be started again");
    assert!(
        output.status.success(),
        "{name}: the reader died: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find_map(|line| line.strip_prefix("BOMB "));
    let (cost, outcome) = line
        .and_then(|line| line.split_once(' '))
        .unwrap_or_else(|| panic!("{name}: the reader said nothing: {told}"));
    (
        outcome.to_owned(),
        cost.parse().expect("the reader tells its cost"),
    )
}

/// In the child: reads the bomb and tells what it cost.
fn read(name: &str) {
    let (outcome, cost) = if name == CONTROL {
        meter::measure(MOST_TIME, || {
            let held = std::hint::black_box(vec![1_u8; 60_000_000]);
            let start = std::time::Instant::now();
            let mut sum = 0_u64;
            while start.elapsed() < Duration::from_millis(40) {
                sum += held.iter().map(|byte| u64::from(*byte)).sum::<u64>();
            }
            format!("read {}", sum > 0)
        })
    } else {
        let bomb = corpus::all().into_iter().find(|bomb| bomb.name == name);
        let bomb = bomb.expect("the parent names a bomb");
        let text = (bomb.text)();
        let limits = (bomb.limits)();
        meter::measure(MOST_TIME, || {
            match Document::parse_with(&text, bomb.format, &limits) {
                Ok(document) => {
                    // What was read has to be dropped without harm too.
                    drop(document);
                    "read".to_owned()
                }
                Err(error) => {
                    assert!(error.render("bomb").len() < 2_000, "the message is short");
                    match error.kind() {
                        ErrorKind::Limit => "refused".to_owned(),
                        kind => format!("refused as {kind:?}"),
                    }
                }
            }
        })
    };
    say(&format!("BOMB {cost} {outcome}"));
}

const CONTROL: &str = "control";

#[test]
fn bombs_are_cheap() {
    if let Ok(name) = std::env::var(CHILD) {
        return read(&name);
    }
    the_meter_sees();
    let mut missed = Vec::new();
    // Every fourth where nothing is optimised: the rest is for the run that judges time too.
    let step = if cfg!(debug_assertions) { 4 } else { 1 };
    for bomb in corpus::all().into_iter().step_by(step) {
        let (outcome, cost) = in_a_process_of_its_own(bomb.name);
        say(&format!(
            "{:<42} {:<20} {:>6.1} MB, {:>6.1} ms",
            bomb.name,
            outcome,
            cost.bytes as f64 / 1e6,
            cost.time.as_secs_f64() * 1e3
        ));
        if let Some(why) = miss(&bomb, &outcome, &cost) {
            missed.push(format!("{}: {why}", bomb.name));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn miss(bomb: &Bomb, outcome: &str, cost: &Cost) -> Option<String> {
    let as_wanted = match bomb.wanted {
        Wanted::Limit => outcome == "refused",
        Wanted::Error => outcome.starts_with("refused"),
        Wanted::Read => outcome == "read",
    };
    if !as_wanted {
        return Some(format!("{outcome}, wanted {:?}", bomb.wanted));
    }
    if cost.bytes >= MOST_BYTES {
        return Some(format!("{} bytes beyond the text", cost.bytes));
    }
    let judged = !cfg!(debug_assertions);
    (judged && cost.time >= MOST_TIME).then(|| format!("{:?}", cost.time))
}

/// A meter that reads nothing would let everything pass.
fn the_meter_sees() {
    let (_, cost) = in_a_process_of_its_own(CONTROL);
    // The kernel counts in batches of some pages.
    let seen = cost.bytes >= 59_000_000 || !cfg!(target_os = "linux");
    assert!(
        seen && cost.time >= Duration::from_millis(2),
        "the meter tells {cost} for 60 MB gone through for 40 ms"
    );
}
