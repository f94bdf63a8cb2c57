//! What a scenario does, step by step, and whether each came out as it must.

use std::io;
use std::path::Path;

use crate::failure::Failure;
use crate::json::{Demo, Scenario, Step};
use crate::out::{BAD, BOLD, DIM, GOOD, Out, paint};

/// The account of the whole demonstration.
pub(super) struct Steps<'a> {
    out: &'a mut Out,
    scenarios: Vec<Scenario>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(out: &'a mut Out) -> Steps<'a> {
        Steps {
            out,
            scenarios: Vec::new(),
        }
    }

    /// A new scenario.
    pub(super) fn begin(&mut self, number: usize, name: &str) -> io::Result<()> {
        self.scenarios.push(Scenario {
            name: name.into(),
            steps: Vec::new(),
        });
        self.out.line(paint(BOLD, format!("{number}. {name}")))
    }

    /// One outcome that must hold.
    pub(super) fn check(&mut self, holds: bool, what: impl Into<String>) -> io::Result<()> {
        let what = what.into();
        let mark = match holds {
            true => paint(GOOD, "ok    "),
            false => paint(BAD.bold(), "FAILED"),
        };
        self.out.line(format!("   {mark} {what}"))?;
        if let Some(scenario) = self.scenarios.last_mut() {
            scenario.steps.push(Step {
                what,
                passed: holds,
            });
        }
        Ok(())
    }

    /// Something to look at, under the step before.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            self.out.line(format!("          {}", paint(DIM, line)))?;
        }
        Ok(())
    }

    /// The scenario could not go on.
    pub(super) fn stopped(&mut self, failure: &Failure) -> io::Result<()> {
        let causes = failure.causes.iter().map(|c| format!(": {c}"));
        let causes: String = causes.collect();
        self.check(false, format!("stopped: {}{causes}", failure.message))
    }

    /// Sums up, and says whether every check held.
    pub(super) fn finish(self, kept: Option<&Path>) -> io::Result<bool> {
        let (total, failed) = count(&self.scenarios);
        self.out.json(&Demo {
            passed: failed.is_empty(),
            checks: total,
            failed: &failed,
            folder: kept,
            scenarios: &self.scenarios,
        })?;
        if let Some(dir) = kept {
            let text = format!("the files are in {}", dir.display());
            self.out.line(paint(DIM, text))?;
        }
        if failed.is_empty() {
            let text = paint(GOOD, format!("all {total} checks passed"));
            self.out.line(text)?;
            return Ok(true);
        }
        let text = format!("{} of {total} checks failed:", failed.len());
        self.out.line(paint(BAD.bold(), text))?;
        for what in &failed {
            self.out.line(format!("   {what}"))?;
        }
        Ok(false)
    }
}

/// How many checks there were, and those that failed with their scenario's name.
fn count(scenarios: &[Scenario]) -> (usize, Vec<String>) {
    let all = scenarios
        .iter()
        .flat_map(|s| s.steps.iter().map(move |step| (s, step)));
    let failed = all
        .clone()
        .filter(|(_, step)| !step.passed)
        .map(|(s, step)| format!("{}: {}", s.name, step.what));
    (all.count(), failed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failing_check_fails_the_demonstration() {
        for (second, passes) in [(true, true), (false, false)] {
            let mut out = Out::new(true);
            let mut steps = Steps::new(&mut out);
            steps.begin(1, "first").unwrap();
            steps.check(true, "holds").unwrap();
            steps.begin(2, "second").unwrap();
            steps.check(second, "may hold").unwrap();
            assert_eq!(steps.finish(None).unwrap(), passes);
        }
    }

    #[test]
    fn a_scenario_that_stops_early_fails() {
        let mut out = Out::new(true);
        let mut steps = Steps::new(&mut out);
        steps.begin(1, "first").unwrap();
        steps.stopped(&Failure::usage("no room")).unwrap();
        assert!(!steps.finish(None).unwrap());
    }
}
