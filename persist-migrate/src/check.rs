//! A graph checked as a whole, before any user's file meets it.

mod budget;
mod compare;
mod finding;
mod generate;
mod laws;
mod options;
mod report;
mod shrink;

use std::collections::BTreeSet;

use serde_json::Value;

use self::budget::Budget;
pub(crate) use self::budget::size;
pub use self::finding::Finding;
use self::laws::Subject;
pub use self::options::Check;
use self::options::Judge;
pub use self::report::CheckReport;
use crate::graph::MigrationGraph;
use crate::manifest::Manifest;
use crate::tree::Tree;

impl MigrationGraph<Value> {
    /// [`check_with`](Self::check_with) for a graph whose documents are JSON values.
    pub fn check(&self, check: &Check<'_>) -> CheckReport {
        self.check_with(check, Value::clone)
    }
}

impl<D: Tree> MigrationGraph<D> {
    /// Checks the graph as a whole; `make` makes a document of a JSON value.
    ///
    /// - Every version leads to the latest one.
    /// - A direct edge gives the same as the chain it stands for, up and down.
    /// - An edge and its inverse give the same document again, except where a lens is known to drop something.
    /// - What an edge makes of a valid document is valid.
    ///
    /// Documents are made from the versions' schemas, always the same ones, and made smaller as long as they show the
    /// fault. No complement takes part, for it would hide what an inverse does wrong.
    ///
    /// All together handles 5,000,000 values at most, counted once for each lens, and each document has 4,096 at most:
    /// a hostile graph can't make a check endless. What remains is [`Finding::NotTried`].
    pub fn check_with(&self, check: &Check<'_>, make: impl Fn(&Value) -> D) -> CheckReport {
        let mut report = CheckReport {
            edges: self.edges.len(),
            ..CheckReport::default()
        };
        let budget = Budget::new();
        let subject = Subject {
            graph: self,
            make: &make,
            check,
            budget: &budget,
        };
        laws::reachable(self, &mut report);
        laws::keys_like_paths(self, &mut report);
        let mut with_documents = BTreeSet::new();
        for (version, _) in self.versions() {
            let (documents, refused) = check.documents(version, &budget);
            report.documents += documents.len();
            report.refused += refused;
            if !documents.is_empty() {
                with_documents.insert(version);
            }
            if documents.is_empty() && refused > 0 {
                report.findings.push(Finding::NoDocuments {
                    version: version.clone(),
                });
            }
            laws::edges_from(&subject, version, &documents, &mut report);
            if budget.is_spent() || check.is_stopped() {
                report.findings.push(Finding::NotTried {
                    version: version.clone(),
                });
                break;
            }
        }
        laws::untried(self, &with_documents, &mut report);
        report.findings.sort_by_key(|finding| !finding.is_error());
        report
    }
}

impl Manifest {
    /// Checks the manifest's graph with documents made from its schemas, and that released edges are unchanged.
    ///
    /// # Errors
    /// The manifest makes no graph.
    pub fn check(&self, check: &Check<'_>) -> Result<CheckReport, crate::ManifestError> {
        let graph = self.graph::<Value>()?;
        let version_path = match &check.version_path {
            Some(path) => path.clone(),
            None => self.version_path()?,
        };
        let mut schemas = check.schemas.clone();
        for entry in &self.versions {
            if let Some(schema) = &entry.schema {
                schemas.entry(entry.version.clone()).or_insert(schema);
            }
        }
        let own = Check {
            cases: check.cases,
            schemas,
            samples: check.samples.clone(),
            telling: check.telling.clone(),
            version_path: Some(version_path),
            judge: check
                .judge
                .as_ref()
                .map(|judge| Box::new(judge) as Box<Judge<'_>>),
            stop: Some(Box::new(|| check.is_stopped())),
        };
        let tables = self
            .edges
            .iter()
            .flat_map(crate::ManifestEdge::table_values);
        let own = tables.cloned().fold(own, Check::telling);
        let mut report = graph.check(&own);
        let changed = self.changed_edges().map(|edge| Finding::Changed {
            from: edge.from.clone(),
            to: edge.to.clone(),
            released: edge.digest.clone().unwrap_or_default(),
            now: edge.current_digest(),
        });
        report.findings.splice(0..0, changed);
        Ok(report)
    }
}
