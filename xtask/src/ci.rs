//! Every check in turn, and a table of how long each took.

use std::time::Instant;

use crate::cargo::{OPTIONAL, cargo, run as command};
use crate::outcome::Outcome;
use crate::workspace::LAYERS;
use crate::{compile, crash, lossless, poor, tidy, versions, windows};

type Step = (&'static str, fn() -> Outcome);

/// Cheap and likely to fail first. Those after `tests` don't depend on one another.
const STEPS: [Step; 13] = [
    ("fmt", || command(&mut cargo(&["fmt", "--all", "--check"]))),
    ("tidy", tidy::run),
    ("versions", versions::run),
    ("clippy", || {
        command(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--features",
            OPTIONAL,
            "--",
            "-D",
            "warnings",
        ]))
    }),
    ("tests", || {
        let mut test = cargo(&["test", "--workspace", "--features", OPTIONAL]);
        drop(lossless::judged(&mut test)); // some tests have Python judge what was written
        command(&mut test)
    }),
    ("layers alone", layers_alone),
    ("docs", docs),
    ("msrv", msrv),
    ("lossless", || lossless::run(false)),
    ("crash", || crash::run(&[])),
    ("poor", poor::run),
    ("compile", compile::run),
    ("windows", windows::run),
];

pub(crate) fn run() -> Outcome {
    let mut table = Vec::new();
    for (name, step) in STEPS {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = step();
        if let Outcome::Failed(why) | Outcome::Skipped(why) = &outcome {
            println!("{name}: {why}");
        }
        table.push((name, start.elapsed().as_secs_f64(), outcome));
    }
    print_table(&table);
    let failed: Vec<_> = table
        .iter()
        .filter(|(_, _, outcome)| matches!(outcome, Outcome::Failed(_)))
        .map(|(name, ..)| *name)
        .collect();
    if failed.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(failed.join(", "))
    }
}

fn print_table(table: &[(&str, f64, Outcome)]) {
    println!("\n{:<14} {:>8}  outcome", "check", "seconds");
    for (name, seconds, outcome) in table {
        let shown = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped(why) => format!("SKIPPED: {why}"),
            Outcome::Failed(why) => format!("FAILED: {}", why.lines().next().unwrap_or_default()),
        };
        println!("{name:<14} {seconds:>8.1}  {shown}");
    }
    let total: f64 = table.iter().map(|(_, seconds, _)| seconds).sum();
    println!("{:<14} {total:>8.1}", "total");
}

/// Built alone, a crate gets only the features it asks for itself.
fn layers_alone() -> Outcome {
    Outcome::all(LAYERS.map(|layer| command(&mut cargo(&["test", "--quiet", "--package", layer]))))
}

fn docs() -> Outcome {
    let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--features", OPTIONAL]);
    command(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// The declared oldest compiler, where it is installed.
fn msrv() -> Outcome {
    let version = env!("CARGO_PKG_RUST_VERSION");
    let toolchain = format!("+{version}");
    let known = std::process::Command::new("cargo")
        .args([&toolchain, "--version"])
        .output();
    if !known.is_ok_and(|output| output.status.success()) {
        return Outcome::Skipped(format!(
            "no Rust {version} here (rustup toolchain install {version})"
        ));
    }
    let mut check = std::process::Command::new("cargo");
    command(check.args([
        &toolchain,
        "check",
        "--workspace",
        "--all-targets",
        "--target-dir",
        "target/msrv",
    ]))
}
