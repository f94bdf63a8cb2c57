//! A migration tried on a file, there and back again in memory, so that a manifest can be judged by files that there are.

use persist_format::Document;
use persist_migrate::{Complement, Version};
use serde::Serialize;

use super::ConfigFile;
use crate::draft::Draft;
use crate::error::{Error, violation_line};
use crate::note::Note;

/// The file taken to another version and back again; nothing was written.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RoundTrip {
    /// The file's version.
    pub from: Version,
    /// Where it went.
    pub to: Version,
    /// How the document breaks the schema of that version, one line each.
    pub violations: Vec<String>,
    /// What another value came back as, sensitive ones redacted; empty where all came back.
    pub differs: Vec<Note>,
    /// Whether the text came back byte for byte.
    pub same_bytes: bool,
}

impl RoundTrip {
    /// Whether the other version's schema was met, and every value came back.
    pub fn passed(&self) -> bool {
        self.violations.is_empty() && self.differs.is_empty()
    }
}

impl ConfigFile {
    /// Takes the file to the newest version and back, and to the oldest and back, as two saves would; what is dropped on the way is kept
    /// aside as it would be. Writes nothing, and goes by no history. Empty where the file's version is the only one.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # use persist_core::{ConfigFile, Manifest, Options};
    /// std::fs::write(&path, "schema_version = \"1.0.0\"\ncolour = 1 # red\n")?;
    /// let manifest = Manifest::parse(r#"{"app": "app", "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}],
    ///     "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"remove": {"path": "/colour"}}]}]}"#)?;
    /// let file = ConfigFile::open(&path, Options::default().with_manifest(manifest.into()))?;
    /// let trips = file.rehearse_migrations()?;
    /// assert!(trips.len() == 1 && trips[0].passed() && trips[0].same_bytes);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`plan_migration`](Self::plan_migration); which way a step failed is in the message.
    pub fn rehearse_migrations(&self) -> Result<Vec<RoundTrip>, Error> {
        let mut document = self.document()?;
        let graph = self.graph()?;
        let from = self.known_version(&document, &graph)?;
        let key = self.options.version_path();
        if document.get(&key).is_none() {
            // One that is assumed is written with the first migration, and stays.
            let stamped = document.set(&key, from.to_string());
            drop(stamped.map_err(|e| self.invalid(e))?); // a string: nothing to warn of
        }
        let oldest = graph.versions().next().map(|(version, _)| version);
        let ends = [graph.latest(), oldest];
        let ends = ends.into_iter().flatten().filter(|end| **end != from);
        ends.map(|to| self.round_trip(&document, &from, to))
            .collect()
    }

    fn round_trip(
        &self,
        document: &Document,
        from: &Version,
        to: &Version,
    ) -> Result<RoundTrip, Error> {
        let mut complement = Complement::empty();
        let there = self.leg(document, (from, to), &mut complement)?;
        let back = self.leg(&there, (to, from), &mut complement)?;
        let violations = self.violations(&there)?;
        let violations = violations.iter().map(|v| violation_line(self.path(), v));
        Ok(RoundTrip {
            from: from.clone(),
            to: to.clone(),
            violations: violations.collect(),
            differs: self.notes(document, &back),
            same_bytes: document.bytes() == back.bytes(),
        })
    }

    fn leg(
        &self,
        document: &Document,
        (from, to): (&Version, &Version),
        complement: &mut Complement,
    ) -> Result<Document, Error> {
        let graph = self.graph()?;
        let plan = graph.plan(from, to).map_err(|e| self.migration_error(e))?;
        self.refuse_changed(&plan)?;
        let (migrated, _) = self.run(&graph, &plan, document, complement)?;
        migrated.check().map_err(|e| self.invalid(e))?;
        complement.arrived(&Draft::new(migrated.clone()));
        Ok(migrated)
    }
}
