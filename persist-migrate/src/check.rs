//! A graph checked as a whole, before any user's file meets it.

mod budget;
mod compare;
mod finding;
mod generate;
mod laws;
mod shrink;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::Version;
use serde::Serialize;
use serde_json::Value;

use self::budget::Budget;
pub(crate) use self::budget::size;
pub use self::finding::Finding;
use self::generate::generate;
use self::laws::Subject;
use crate::graph::MigrationGraph;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::Tree;

/// Judges a document of a version: `Err` with a message if its schema does not allow it.
type Judge<'a> = dyn Fn(&Version, &Value) -> Result<(), String> + 'a;

/// Values with a meaning of their own that are tried; more would not fit into the documents.
const MAX_TELLING: usize = 256;

/// What a graph is checked with.
///
/// ```
/// use persist_migrate::{Check, Manifest};
/// let manifest = Manifest::parse(r#"{
///     "app": "a",
///     "versions": [
///         { "version": "1.0.0", "schema": { "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } } } },
///         { "version": "1.1.0" }
///     ],
///     "edges": [{ "from": "1.0.0", "to": "1.1.0", "lenses": [{ "rename": { "path": "/a", "to": "b" } }] }]
/// }"#)?;
/// let report = manifest.check(&Check::new())?;
/// assert!(!report.is_ok(), "1.0.0 has a `b` already");
/// # Ok::<(), persist_migrate::ManifestError>(())
/// ```
pub struct Check<'a> {
    cases: u32,
    schemas: BTreeMap<Version, &'a Value>,
    samples: BTreeMap<Version, Vec<Value>>,
    telling: Vec<Value>,
    version_path: Option<Path>,
    judge: Option<Box<Judge<'a>>>,
    stop: Option<Box<dyn Fn() -> bool + 'a>>,
}

impl Default for Check<'_> {
    fn default() -> Self {
        Self {
            cases: 64,
            schemas: BTreeMap::new(),
            samples: BTreeMap::new(),
            telling: Vec::new(),
            version_path: None,
            judge: None,
            stop: None,
        }
    }
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<_> = self.schemas.keys().chain(self.samples.keys()).collect();
        f.debug_struct("Check")
            .field("cases", &self.cases)
            .field("versions", &versions)
            .finish_non_exhaustive()
    }
}

impl<'a> Check<'a> {
    /// A check with 64 documents of each version that has a schema, and no judge.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many documents of each version are made from its schema. The same number gives the same documents.
    #[must_use]
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// The JSON Schema that documents of a version are made from.
    #[must_use]
    pub fn schema(mut self, version: Version, schema: &'a Value) -> Self {
        self.schemas.insert(version, schema);
        self
    }

    /// A document of a version, tried before those that are made.
    #[must_use]
    pub fn sample(mut self, version: Version, document: Value) -> Self {
        self.samples.entry(version).or_default().push(document);
        self
    }

    /// A value that edges treat in a way of its own, such as one in a table: documents that are made hold it wherever the
    /// schema allows, now and then. The first 256 are used.
    #[must_use]
    pub fn telling(mut self, value: Value) -> Self {
        if self.telling.len() < MAX_TELLING && !self.telling.contains(&value) {
            self.telling.push(value);
        }
        self
    }

    /// Where documents hold their version, so that it is right when they are judged.
    #[must_use]
    pub fn version_path(mut self, path: Path) -> Self {
        self.version_path = Some(path);
        self
    }

    /// Who says whether a document is valid, such as a JSON Schema validator. Without one all are.
    #[must_use]
    pub fn judge(mut self, judge: impl Fn(&Version, &Value) -> Result<(), String> + 'a) -> Self {
        self.judge = Some(Box::new(judge));
        self
    }

    /// When to try no more, asked before each document: a judge may cost more than this crate can know. What was not tried is
    /// [`Finding::NotTried`].
    #[must_use]
    pub fn stop_when(mut self, stop: impl Fn() -> bool + 'a) -> Self {
        self.stop = Some(Box::new(stop));
        self
    }

    fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop())
    }

    /// The documents of a version that its judge allows, and how many it did not.
    fn documents(&self, version: &Version, budget: &Budget) -> (Vec<Value>, usize) {
        let samples = self.samples.get(version).into_iter().flatten().cloned();
        let schema = self.schemas.get(version);
        let made = schema
            .into_iter()
            .flat_map(|schema| (0..self.cases).map(|case| generate(schema, &self.telling, case)));
        // A schema that only says that the version is a text is no reason to try another one's documents.
        let made = made.map(|mut document| {
            self.stamp(version, &mut document);
            document
        });
        let (mut valid, mut refused) = (Vec::new(), 0);
        for document in samples.chain(made) {
            if self.is_stopped() || !budget.spend(budget::size(&document)) {
                break;
            }
            match self.judged(version, &document) {
                Ok(()) => valid.push(document),
                Err(_) => refused += 1,
            }
        }
        (valid, refused)
    }

    fn judged(&self, version: &Version, document: &Value) -> Result<(), String> {
        self.judge
            .as_ref()
            .map_or(Ok(()), |judge| judge(version, document))
    }

    /// Writes the version into a document that has one.
    fn stamp(&self, version: &Version, document: &mut Value) {
        if let Some(path) = self
            .version_path
            .as_ref()
            .filter(|path| document.contains(path))
        {
            // Of an existing node this can't fail; if it did, the judge would speak.
            let _stamped = document.set(path, Value::from(version.to_string()));
        }
    }
}

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
            0 if self.untried > 0 => f.write_str("no error in what was tried")?,
            0 => f.write_str("all right")?,
            1 => f.write_str("1 error")?,
            count => write!(f, "{count} errors")?,
        }
        self.findings
            .iter()
            .try_for_each(|finding| write!(f, "\n{finding}"))
    }
}

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
