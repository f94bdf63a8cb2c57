//! The harness itself: red on programs that save carelessly, green on one that doesn't.

use std::path::Path;
use std::process::Command;

use crate::explore::{Budget, explore};
use crate::scenario::{Step, record, settings};
use crate::writers::WAYS;

const BUDGET: Budget = Budget {
    states: 20_000,
    afterwards: 1,
    violations: 1,
};

pub(crate) fn tells_right_from_wrong() -> Result<(), String> {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: strace is not installed");
        return Ok(());
    }
    for way in WAYS {
        let (old, new, newest) = (settings(700), settings(1600), settings(900));
        let steps = vec![
            Step::File("a.toml", old),
            Step::Writer(way, new),
            Step::Writer(way, newest),
        ];
        let recording = record(way, "a.toml", false, steps, Path::new(""))?;
        let (count, violations) = explore(&recording, BUDGET);
        let sound = way == "rename-synced";
        println!(
            "harness: {way:<22} {:>6} states, {:>5} distinct: {}",
            count.explored,
            count.distinct,
            violations
                .first()
                .map_or("holds".to_owned(), |violation| violation.what.clone())
        );
        if violations.is_empty() != sound {
            return Err(format!("the harness is wrong about {way}"));
        }
    }
    Ok(())
}
