//! `cargo run --release --manifest-path persist-format/bench/Cargo.toml`
//!
//! One edit of a large document: text in, text out. Prints the best of many rounds, in the time that this thread ran where the kernel tells it, so that what
//! else the machine does counts little.
//! Exits with 1 if a figure that the project promises is missed. Arguments: the names of formats, all if there are none.

mod documents;
mod peer;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use persist_format::{Document, Format, KeyPath};

/// The time that this thread ran (`/proc/thread-self/schedstat`), or else the time that passed since `start`.
fn now(start: Instant) -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The shortest of `rounds` calls.
fn best<R>(rounds: usize, mut work: impl FnMut() -> R) -> Duration {
    let start = Instant::now();
    let times = (0..rounds).map(|_| {
        let before = now(start);
        let result = work();
        let time = now(start) - before;
        drop(result);
        time
    });
    times.min().unwrap_or_default()
}

/// One edit, and how often it may take what the peer takes.
struct Race {
    format: Format,
    text: String,
    peer: fn(&str, u64) -> String,
    what: &'static str,
    most: f64,
}

fn races() -> [Race; 3] {
    [
        Race {
            format: Format::Json,
            text: documents::json(2_500),
            peer: peer::serde_json,
            what: "serde_json, parse and print",
            most: 8.0,
        },
        Race {
            format: Format::Toml,
            text: documents::toml(2_500),
            peer: peer::toml_edit,
            what: "toml_edit, the same edit",
            most: 4.5,
        },
        Race {
            format: Format::Yaml,
            text: documents::yaml(2_500),
            peer: peer::serde_yaml,
            what: "serde_yaml, parse and print",
            most: 4.0,
        },
    ]
}

/// The edit that all make: a number deep in the middle.
fn ours(text: &str, format: Format, path: &KeyPath, port: u64) -> String {
    let mut document = Document::parse(text.as_bytes(), format).expect("it is a document");
    let edit = document.set(path, port).expect("it can be set");
    assert!(edit.changed());
    document.text().to_owned()
}

fn run(race: &Race) -> bool {
    let Race {
        format,
        text,
        peer,
        what,
        most,
    } = race;
    let path: KeyPath = documents::PLACE.parse().expect("a path");
    let edited = ours(text, *format, &path, 4_321);
    assert_eq!(
        edited.len(),
        text.len(),
        "one number of four digits became another"
    );
    assert!(
        peer(text, 4_321).contains("4321"),
        "the peer makes the edit"
    );
    let read = best(15, || Document::parse(text.as_bytes(), *format));
    let document = Document::parse(text.as_bytes(), *format).expect("it is a document");
    let set = best(15, || {
        let mut document = document.clone();
        document.set(&path, 4_321)
    });
    let whole = best(15, || ours(text, *format, &path, 4_321));
    let theirs = best(15, || peer(text, 4_321));
    let ratio = whole.as_secs_f64() / theirs.as_secs_f64();
    let kept = ratio <= *most;
    println!(
        "{}  {format}, {} KB: text to text {whole:.2?} (read {read:.2?}, copy and set {set:.2?}); {what}: {theirs:.2?}; {ratio:.1} times, at most {most}",
        if kept { "ok  " } else { "MISS" },
        text.len() / 1000,
    );
    kept
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let chosen = |race: &Race| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|name| race.format.name().eq_ignore_ascii_case(name))
    };
    let kept: Vec<bool> = races()
        .iter()
        .filter(|race| chosen(race))
        .map(run)
        .collect();
    if kept.iter().all(|kept| *kept) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
