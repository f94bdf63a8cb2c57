//! Moving the file to another schema version: planned, shown, and committed as one save.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use persist_backup::{Digest, Id, Meta};
use persist_format::{Document, KeyPath, Value};
use persist_migrate::{
    Complement, FileVersion, Manifest, ManifestError, MigrationGraph, Path, Plan, PlanError,
    PlanStep, Report, Stamp, Tree as _, Version,
};
use serde::Serialize;

use super::ConfigFile;
use super::commit::Change;
use super::opened::Opened;
use crate::draft::{self, Draft};
use crate::error::{Error, VersionTrouble, io_error};
use crate::failure::MigrationFailure;
use crate::history::How;
use crate::journal::Kind;
use crate::note::Note;
use crate::receipt::{Notice, Receipt};
use crate::stored_value::StoredValue;

/// A migration worked out on the present content, and not yet made.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Migration {
    /// The route.
    pub plan: Plan,
    /// What each step would do.
    pub report: Report,
    /// What would change in the file, key by key, sensitive values redacted.
    pub changes: Vec<Note>,
    /// The content it was worked out on.
    pub base: Digest,
    #[serde(skip)]
    document: Document,
    /// Where secrets would be that were not there before.
    #[serde(skip)]
    secrets: Vec<KeyPath>,
    #[serde(skip)]
    complement: Complement,
}

/// Without the content, which may hold secrets.
impl std::fmt::Debug for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Migration")
            .field("plan", &self.plan)
            .field("changes", &self.changes)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl ConfigFile {
    /// Works out how the file gets to schema version `to`. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Version`] where the file's version can't be worked with, [`Error::Migration`] where no
    /// route leads there or a step fails, [`Error::Schema`] where the result would break its schema.
    pub fn plan_migration(&self, to: &Version) -> Result<Migration, Error> {
        let reading = self.read()?;
        match (reading.document(), reading.digest()) {
            (Some(document), Some(digest)) => self.opened_whole()?.migration(document, digest, to),
            _ => Err(self.not_found("there is no such file")),
        }
    }

    /// Migrates the file to schema version `to`, up or down: one save, whatever the number of steps.
    ///
    /// What a step drops is kept in the state folder and comes back on the way back: values, comments, order and spelling, with
    /// whatever has been written in between. Where both can't be had, what was written in between stays and the rest is written afresh.
    ///
    /// # Errors
    /// As [`ConfigFile::plan_migration`], and what a save can meet.
    pub fn migrate_to(&self, to: &Version) -> Result<Receipt, Error> {
        self.migrate(to, None, &|_| Ok(()))
    }

    /// The same, where the result is judged by the caller, too, before it is saved.
    pub(crate) fn migrate_judged(
        &self,
        to: &Version,
        judge: &dyn Fn(&Document) -> Result<(), Error>,
    ) -> Result<Receipt, Error> {
        self.migrate(to, None, judge)
    }

    /// What a migration would make of the document that was read.
    pub(crate) fn migrated(&self, document: &Document, to: &Version) -> Result<Document, Error> {
        let digest = persist_backup::digest(&document.bytes());
        let migration = self.opened_whole()?.migration(document, digest, to)?;
        Ok(migration.document)
    }

    /// Makes a migration that was planned; refuses if the file has changed since.
    ///
    /// # Errors
    /// [`Error::PlanOutdated`] where the content is not the one that was planned for.
    pub fn migrate_as_planned(&self, migration: &Migration) -> Result<Receipt, Error> {
        self.migrate(&migration.plan.to, Some(migration.base), &|_| Ok(()))
    }

    #[tracing::instrument(level = "info", skip_all, fields(file = %self.path.display(), %to))]
    fn migrate(
        &self,
        to: &Version,
        planned_on: Option<Digest>,
        judge: &dyn Fn(&Document) -> Result<(), Error>,
    ) -> Result<Receipt, Error> {
        self.refuse_unless_changeable()?;
        if self.is_unmanaged() {
            let planned = self.plan_migration(to)?.document;
            self.refuse_unchosen(self.read()?.document(), &planned)?;
            let checked = self.check(None, &planned).and_then(|_| judge(&planned));
            checked.map_err(|e| of_outcome(to, e))?;
        }
        let mut session = self.session()?;
        let start = Instant::now();
        let document = session.document()?;
        let (Some(document), Some(digest)) = (document, session.digest()) else {
            return Err(self.not_found("there is no such file"));
        };
        if planned_on.is_some_and(|planned| planned != digest) {
            return Err(Error::PlanOutdated {
                file: self.path.clone(),
            });
        }
        let migration = session.opened.migration(&document, digest, to)?;
        self.refuse_unchosen(Some(&document), &migration.document)?;
        let checked = self.check(None, &migration.document);
        let judged = checked.and_then(|mark| judge(&migration.document).map(|()| mark));
        let mark = judged.map_err(|e| of_outcome(to, e))?;
        let kept = migration
            .report
            .kept
            .iter()
            .map(|(_, path)| dotted(&path.to_string()));
        let kept: BTreeSet<String> = kept.collect();
        let kept: Vec<String> = kept.into_iter().collect();
        if !kept.is_empty() {
            session.notices.push(Notice::Dropped { keys: kept });
        }
        let complement = match migration.plan.is_empty() {
            true => None,
            false => session
                .opened
                .keep_complement(session.seq + 1, &migration.complement)?,
        };
        let change = Change {
            changes: migration.changes,
            secrets: migration.secrets,
            version: Some(migration.plan.to.to_string()),
            complement,
            mark,
            reason: Some(format!("{} to {}", migration.plan.from, migration.plan.to)),
            document: self.read_as(&migration.document),
            ..Change::new(Kind::Migrate, migration.document.bytes())
        };
        session.timings.encode = start.elapsed();
        session.commit(change)
    }
}

/// An error about what a migration to `to` would give. Nobody can look up a place in that text: it is never written.
pub(crate) fn of_outcome(to: &Version, error: Error) -> Error {
    const REMEDY: &str = "correct the value that it comes from, or the migration";
    let what = format!("once migrated to {to}");
    match error {
        Error::Schema { file, violations } => Error::Schema {
            file,
            violations: violations
                .into_iter()
                .map(|mut violation| {
                    violation.location = None;
                    violation.message = format!("{what}, {}", violation.message);
                    violation.help.get_or_insert_with(|| REMEDY.to_owned());
                    violation
                })
                .collect(),
        },
        Error::Invalid(source) => {
            let help = source.help().unwrap_or(REMEDY).to_owned();
            Error::Invalid(Box::new(source.in_unseen_text(&what).with_help(help)))
        }
        other => other,
    }
}

impl Opened<'_> {
    fn migration(
        &self,
        document: &Document,
        base: Digest,
        to: &Version,
    ) -> Result<Migration, Error> {
        let graph = self.graph()?;
        let from = self.known_version(document, &graph)?;
        let plan = graph.plan(&from, to).map_err(|e| self.migration_error(e))?;
        self.refuse_changed(&plan)?;
        let mut complement = self.complement(&base)?;
        let (mut migrated, report) = self.run(&graph, &plan, document, &mut complement)?;
        if let Some(before) = self.before_last_migration(&base)
            && before.value() == migrated.value()
        {
            migrated = before; // straight back: comments and layout as well
        }
        complement.arrived(&Draft::new(migrated.clone()));
        let told = self.document_notes(Some(document), &migrated);
        Ok(Migration {
            plan,
            report,
            changes: told.notes,
            secrets: told.secrets,
            base,
            document: migrated,
            complement,
        })
    }
}

impl ConfigFile {
    /// The document after a plan, stamped with its new version, and what the steps did. What they drop goes into the complement, and what
    /// that has for the new version comes back.
    pub(super) fn run(
        &self,
        graph: &MigrationGraph<Draft>,
        plan: &Plan,
        document: &Document,
        complement: &mut Complement,
    ) -> Result<(Document, Report), Error> {
        let mut draft = Draft::new(document.clone());
        let key = self.options.version_path();
        let version = Value::from(plan.to.to_string());
        // A stamp that is there is part of the one edit; a first one is known to no version that the file comes back to.
        let stamp = draft::lens_path(&key).filter(|path| draft.contains(path));
        let stamp = stamp.map(|path| Stamp {
            path,
            node: StoredValue(version.clone()),
        });
        let report = graph
            .run_stamped(plan, &mut draft, complement, stamp.as_ref())
            .map_err(|e| self.migration_error(e))?;
        let migrated = draft.document().cloned();
        let mut migrated = migrated.map_err(|e| self.migration_error(e))?;
        if !plan.is_empty() {
            let stamped = migrated.set(&key, version);
            drop(stamped.map_err(|e| self.invalid(e))?); // a string: nothing to warn of
        }
        Ok((migrated, report))
    }

    /// Files that went over an edge as it was released would not come back over one that has changed.
    pub(super) fn refuse_changed(&self, plan: &Plan) -> Result<(), Error> {
        let own = self.options.graph.is_some();
        let manifest = self.options.manifest.iter().filter(|_| !own);
        for edge in manifest.flat_map(|manifest| manifest.changed_edges()) {
            let (from, to) = (edge.from.clone(), edge.to.clone());
            let on_it = |step: &PlanStep| {
                (&step.from, &step.to) == (&from, &to) || (&step.from, &step.to) == (&to, &from)
            };
            if plan.steps().iter().any(on_it) {
                return Err(self.migration_error(PlanError::Changed { from, to }));
            }
        }
        Ok(())
    }
}

impl Opened<'_> {
    /// The document before the last change, if that was a migration and nothing happened since.
    fn before_last_migration(&self, live: &Digest) -> Option<Document> {
        let (_, lost) = self.past_of(live).ok()?;
        let last = self.last_changes(1, lost).ok()?;
        let last = last
            .last()
            .filter(|e| e.how == How::Saved(Kind::Migrate) && e.new == Some(*live))?;
        self.parse(&self.before(last).ok()?).ok()
    }
}

impl ConfigFile {
    /// The graph in force: the application's, else the manifest's.
    ///
    /// # Errors
    /// [`Error::Version`] without either; [`Error::Manifest`] or [`Error::Migration`] where it can't be used, as when a lens works on the
    /// version of documents.
    pub fn graph(&self) -> Result<Arc<MigrationGraph<Draft>>, Error> {
        if let Some(graph) = self.graph.get() {
            return Ok(graph.clone());
        }
        let version = draft::lens_path(&self.options.version_path()).unwrap_or_default();
        let graph = match (&self.options.graph, &self.options.manifest) {
            (Some(graph), _) => {
                let left_alone = graph.leaves_alone(&version);
                left_alone.map_err(|e| self.migration_error(e))?;
                graph.clone()
            }
            (None, Some(manifest)) => {
                let graph = self.graph_of(manifest, &version);
                Arc::new(graph.map_err(|source| Error::Manifest {
                    file: self.path.clone(),
                    source,
                })?)
            }
            (None, None) => {
                return Err(Error::Version {
                    file: self.path.clone(),
                    what: VersionTrouble::NoManifest,
                });
            }
        };
        Ok(self.graph.get_or_init(|| graph).clone())
    }

    /// The version that its lenses must not touch is where the options say, if they say so.
    fn graph_of(
        &self,
        manifest: &Manifest,
        version: &Path,
    ) -> Result<MigrationGraph<Draft>, ManifestError> {
        if manifest.version_path()? == *version {
            return manifest.graph();
        }
        let mut here = manifest.clone();
        here.version_key = version.to_string();
        here.graph()
    }

    /// The document's schema version as written, or the one assumed where it has none.
    pub(crate) fn version_or_assumed(&self, document: &Document) -> Option<String> {
        let assumed = || {
            self.options
                .assume_version
                .as_ref()
                .map(ToString::to_string)
        };
        self.version_text(document).or_else(assumed)
    }

    /// The document's schema version: the one that it says, or that is assumed where it says none.
    ///
    /// # Errors
    /// [`Error::Version`] where it is none that the manifest, or the application's graph, knows.
    pub fn version_of(&self, document: &Document) -> Result<Version, Error> {
        self.known_version(document, &*self.graph()?)
    }

    /// The document's schema version, which the graph knows.
    pub(crate) fn known_version(
        &self,
        document: &Document,
        graph: &MigrationGraph<Draft>,
    ) -> Result<Version, Error> {
        let text = self.version_or_assumed(document);
        let key = self.options.version_path().to_string();
        let mut known: Vec<Version> = graph.versions().map(|(v, _)| v.clone()).collect();
        let what = match FileVersion::classify(text.as_deref(), graph) {
            FileVersion::Known(version) => return Ok(version),
            FileVersion::Missing => VersionTrouble::Missing { key, known },
            FileVersion::Newer(found) => VersionTrouble::Newer {
                known: known.pop().unwrap_or_else(|| found.clone()),
                found,
            },
            FileVersion::Unlisted(found) => VersionTrouble::Unlisted { key, found, known },
            FileVersion::Unparsable(text) => VersionTrouble::Unparsable {
                location: document.location(&self.options.version_path()),
                key,
                text,
            },
            _ => return Err(self.not_found("its schema version can't be determined")),
        };
        Err(Error::Version {
            file: self.path.clone(),
            what,
        })
    }
}

impl Opened<'_> {
    /// What earlier migrations of this content dropped. The journal says which complement is in
    /// force, so that one that belongs to an interrupted or undone migration never is.
    pub(super) fn complement(&self, live: &Digest) -> Result<Complement, Error> {
        let (past, _) = self.past_of(live)?;
        if let Some(after) = past.gap {
            return Err(self.journal_gap(after, "what the last migration saved for migrating back"));
        }
        let Some(digest) = past.complement else {
            return Ok(Complement::empty());
        };
        let folder = self.complements();
        // The same complement may have been kept more than once; either copy will do.
        let kept = folder.list().map_err(|e| self.backup_error(e))?;
        let same = kept.iter().filter(|s| s.id.digest() == digest);
        let stored = same
            .map(|s| folder.read(&s.id))
            .reduce(Result::or)
            .unwrap_or_else(|| {
                folder
                    .find(&digest.to_string())
                    .and_then(|s| folder.read(&s.id))
            });
        let lost = |source: Box<dyn std::error::Error + Send + Sync>| Error::SetAsideLost {
            file: self.path().to_path_buf(),
            source,
        };
        let bytes = stored.map_err(|e| lost(Box::new(e)))?;
        serde_json::from_slice(&bytes).map_err(|e| lost(Box::new(e)))
    }

    /// Stores a complement under a name that certifies it. Nothing refers to it before the intent does.
    fn keep_complement(&self, seq: u64, complement: &Complement) -> Result<Option<Digest>, Error> {
        if complement.is_empty() {
            return Ok(None);
        }
        let folder = self.complements();
        let json = serde_json::to_vec(complement)
            .map_err(|e| io_error("encode", folder.dir(), e.into()))?;
        let id = Id::new(seq, (self.options.clock)(), persist_backup::digest(&json));
        let kept = folder.create_as(id, &json, &Meta::because("dropped by migrations"));
        kept.map_err(|e| Error::NotSaved {
            file: self.path.clone(),
            source: e.into(),
        })?;
        Ok(Some(id.digest()))
    }
}

impl ConfigFile {
    pub(crate) fn migration_error(&self, source: impl Into<MigrationFailure>) -> Error {
        Error::Migration {
            file: self.path.clone(),
            source: source.into(),
        }
    }
}

/// A JSON Pointer the way people write paths.
fn dotted(pointer: &str) -> String {
    let path = pointer.parse::<persist_format::KeyPath>();
    path.map_or_else(|_| pointer.to_owned(), |p| p.to_string())
}
