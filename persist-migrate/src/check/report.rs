//! What a check found.

use std::fmt;

use serde::Serialize;

use super::finding::Finding;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// What is wrong or worth knowing, errors first.
    pub findings: Vec<Finding>,
    /// How many edges were checked.
    pub edges: usize,
    /// How many of them could not be tried, for there was no document to try them with ([`Finding::Untried`]).
    pub untried: usize,
    /// How many documents they were tried with.
    pub documents: usize,
    /// How many documents were made from a schema and then refused by the judge.
    pub refused: usize,
}

impl CheckReport {
    /// Whether no finding is an error.
    pub fn is_ok(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} edges checked with {} documents: ",
            self.edges, self.documents
        )?;
        match self
            .findings
            .iter()
            .filter(|finding| finding.is_error())
            .count()
        {
            0 if self.untried > 0 => f.write_str("no error in what was tested")?,
            0 => f.write_str("all right")?,
            1 => f.write_str("1 error")?,
            count => write!(f, "{count} errors")?,
        }
        self.findings
            .iter()
            .try_for_each(|finding| write!(f, "\n{finding}"))
    }
}
