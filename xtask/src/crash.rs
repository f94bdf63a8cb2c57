//! The proof against power cuts, full disks and kill -9, on the command as it is shipped.

pub(crate) mod cli;
mod disk;
mod model;
mod power;
mod replay;
mod scope;
mod storm;
mod sweep;
mod writer;

use std::time::Instant;

use crate::outcome::Outcome;
use cli::Cli;
use scope::Scope;

type Part = (&'static str, fn(&Cli, Scope) -> Outcome);

const PARTS: [Part; 5] = [
    ("model", model::run),
    ("sweep", sweep::run),
    ("power", power::run),
    ("replay", replay::run),
    ("storm", storm::run),
];

/// All parts, or the ones that are named.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let scope = if args.contains(&"--full") {
        Scope::Full
    } else {
        Scope::Bounded
    };
    let named: Vec<_> = args.iter().filter(|arg| **arg != "--full").collect();
    if let Some(unknown) = named
        .iter()
        .find(|name| !PARTS.iter().any(|(part, _)| part == **name))
    {
        return Outcome::Failed(format!("there is no part {unknown}"));
    }
    let cli = match Cli::build() {
        Ok(cli) => cli,
        Err(error) => return Outcome::Failed(error),
    };
    let mut outcomes = Vec::new();
    for (name, part) in PARTS
        .iter()
        .filter(|(name, _)| named.is_empty() || named.contains(&name))
    {
        let start = Instant::now();
        let outcome = part(&cli, scope);
        let shown = match &outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped(why) => format!("SKIPPED: {why}"),
            Outcome::Failed(why) => format!("FAILED: {why}"),
        };
        println!(
            "crash {name}: {shown} ({:.1} s)",
            start.elapsed().as_secs_f64()
        );
        outcomes.push(outcome);
    }
    Outcome::all(outcomes)
}
