//! How a check ended.

use std::fmt;

/// A check that could not run says so; it does not count as passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

impl Outcome {
    /// Passed if there is nothing to say, otherwise failed with all of it.
    pub(crate) fn of<T: fmt::Display>(findings: &[T]) -> Self {
        if findings.is_empty() {
            return Self::Passed;
        }
        let lines: Vec<_> = findings
            .iter()
            .map(|finding| format!("\n  {finding}"))
            .collect();
        Self::Failed(format!("{} findings{}", findings.len(), lines.concat()))
    }

    /// The first failure of several checks, else the first skip.
    pub(crate) fn all(outcomes: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::Passed;
        for outcome in outcomes {
            match outcome {
                Self::Failed(_) => return outcome,
                Self::Skipped(_) if result == Self::Passed => result = outcome,
                Self::Skipped(_) | Self::Passed => {}
            }
        }
        result
    }
}

impl<T, E: fmt::Display> From<Result<T, E>> for Outcome {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Passed,
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}
