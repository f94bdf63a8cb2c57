//! Which backups stay with a save: planned before its intent, which lists what will be let go, and carried out after it.

use std::collections::{BTreeMap, BTreeSet};

use persist_backup::retention::{Candidate, Mark, Plan, Policy};
use persist_backup::{Backups, Id, Storage as _};
use serde::Serialize;

use super::ConfigFile;
use super::commit::Change;
use super::opened::Opened;
use super::session::Session;
use super::staying::Staying;
use crate::backup_id::BackupFolder;
use crate::error::{Error, io_error};
use crate::journal::{Event, Intent, Kind};
use crate::manifest;
use crate::past::Past;
use crate::receipt::{Notice, Receipt};

/// What is kept of a file's backups.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// By these rules.
    pub policy: Policy,
    /// Who said so.
    pub said: PolicySource,
    /// What they come to now.
    pub plan: Plan,
}

/// Whose retention policy applies, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PolicySource {
    /// A user, for this file, by [`ConfigFile::keep`].
    File,
    /// The application, by [`Options::retention`](crate::Options::retention).
    Application,
    /// The manifest, by `retention`.
    Manifest,
    /// None: it is [`Policy::default`].
    Default,
}

impl std::fmt::Display for PolicySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PolicySource::File => "set for this file",
            PolicySource::Application => "set by the application",
            PolicySource::Manifest => "set by the manifest",
            PolicySource::Default => "the default",
        })
    }
}

impl ConfigFile {
    /// What is kept of this file, and why: as a save would decide it now.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("app.toml");
    /// # let file = persist_core::ConfigFile::open(&path, persist_core::Options::default())?;
    /// for width in [1280, 1920] {
    ///     file.edit(None, |document| Ok(document.set(&"width".parse()?, width)?.warnings))?;
    /// }
    /// let found = file.retention()?;
    /// assert_eq!((found.policy.last, found.policy.daily), (10, 30));
    /// assert_eq!(found.said, persist_core::PolicySource::Default);
    /// assert_eq!(found.plan.keep.len(), 1);
    /// assert_eq!(found.plan.keep[0].1.to_string(), "the newest");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Backup`], [`Error::Io`] where something can't be read; [`Error::Manifest`] where the manifest's `retention` is wrong.
    pub fn retention(&self) -> Result<Retention, Error> {
        let opened = self.opened_whole()?;
        let past = opened.look()?.past();
        let backups = opened.backups();
        let catalog = backups.catalog().map_err(|e| self.backup_error(e))?;
        let there: BTreeSet<Id> = catalog.ids().collect();
        let (policy, said) = self.policy(&past)?;
        let mut plan = opened.plan(&past, &there, &policy, &mut BTreeSet::new())?;
        past.holdings.complete(&mut plan, |id| there.contains(id));
        plan.drop.retain(|(id, _)| there.contains(id));
        Ok(Retention { policy, said, plan })
    }

    /// Says what is to be kept of this file, whatever the application's options are; `None` leaves it to those again. From the next
    /// save on.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the file was never saved; else as a save.
    pub fn keep(&self, policy: Option<Policy>) -> Result<Receipt, Error> {
        self.require_existing("there is nothing to keep")?;
        let mut session = self.session_back()?;
        if let Some(damage) = session.damage() {
            return Err(session.damaged(damage.clone()));
        }
        session.note(Event::Retention { policy });
        session.flush()?;
        let bytes = session
            .live()
            .map_or_else(Vec::new, |live| live.bytes.clone());
        session.commit(Change::new(Kind::Save, bytes)) // the same: unchanged
    }

    /// How good content is that was `parsed` or was not, where no schema and no application has judged it. Of what no parser
    /// is known for nobody can say that it is bad.
    pub(super) fn mark_of(&self, bytes: &[u8], parsed: bool) -> Mark {
        match parsed {
            true => Mark::Parsed,
            false if self.format(bytes).is_err() => Mark::Unchecked,
            false => Mark::Bad,
        }
    }

    /// In this order: what was said for the file, by the application, by the manifest, by default.
    pub(super) fn policy(&self, past: &Past) -> Result<(Policy, PolicySource), Error> {
        if let Some(policy) = &past.holdings.retention {
            return Ok((policy.clone(), PolicySource::File));
        }
        if let Some(policy) = &self.options.retention {
            return Ok((policy.clone(), PolicySource::Application));
        }
        let manifest = self.options.manifest.as_deref();
        let policy = manifest.map(manifest::policy).transpose();
        let policy = policy.map_err(|source| Error::Manifest {
            file: self.path.clone(),
            source,
        })?;
        Ok(match policy.flatten() {
            Some(policy) => (policy, PolicySource::Manifest),
            None => (Policy::default(), PolicySource::Default),
        })
    }
}

impl Opened<'_> {
    fn plan(
        &self,
        past: &Past,
        there: &BTreeSet<Id>,
        policy: &Policy,
        sound: &mut BTreeSet<Id>,
    ) -> Result<Plan, Error> {
        let backups = self.backups();
        let wanted = |content: &_| past.wants(content, policy.undo);
        let (mut candidates, all_known) = past.holdings.candidates(there.iter().copied(), wanted);
        let most = policy.max_bytes;
        let lens = candidates.iter().map(|candidate| candidate.len);
        let len = lens.fold(0, u64::saturating_add); // whatever the journal says
        // As they are stored they may be shorter.
        if most.is_some_and(|most| !all_known || len > most) {
            self.measure(&backups, &mut candidates)?;
        }
        Ok(backups.plan_verified(&candidates, self.now(), policy, sound))
    }

    fn measure(&self, backups: &Backups, candidates: &mut [Candidate]) -> Result<(), Error> {
        let listed = backups.list().map_err(|e| self.backup_error(e))?;
        let lens = listed.iter().map(|stored| (stored.id, stored.stored_len));
        let lens: BTreeMap<Id, u64> = lens.collect();
        for candidate in candidates {
            candidate.len = lens.get(&candidate.id).copied().unwrap_or(candidate.len);
        }
        Ok(())
    }
}

impl Session<'_> {
    /// Decides as things will be once record `seq`, which announces `intent`, took effect. What is missing is told, and let go.
    pub(super) fn plan_backups(&self, seq: u64, intent: &Intent) -> Result<Staying, Error> {
        let mut past = self.past();
        let there = |id: &Id| self.catalog.holds(id);
        let gone = past.holdings.gone(there);
        past.saved(seq, intent);
        let taken = intent.backup.and_then(|copy| copy.backup());
        let there: BTreeSet<Id> = taken.into_iter().chain(self.catalog.ids()).collect();
        let (policy, _) = self.opened.file().policy(&past)?;
        let mut sound: BTreeSet<Id> = taken.into_iter().collect();
        let mut plan = self.opened.plan(&past, &there, &policy, &mut sound)?;
        past.holdings.complete(&mut plan, |id| there.contains(id));
        let gone = (!gone.is_empty()).then_some(Notice::Gone { backups: gone });
        let migrated = intent.kind == Kind::Migrate;
        Ok(Staying {
            plan,
            complements: past.complements().filter(|_| migrated),
            gone,
        })
    }

    /// Drops what was planned to go, and compresses a large backup that is not the newest any more.
    pub(super) fn prune(&mut self, plan: &Plan) -> Result<(), Error> {
        let opened = &self.opened;
        let backups = opened.backups();
        let failed = |e| opened.backup_error(e);
        backups.sweep_in(&self.catalog).map_err(failed)?;
        let dropped = backups.drop_in(plan, &mut self.catalog);
        dropped.map_err(failed)?;
        // The newest stays plain: it is the one most likely to be wanted, and at once.
        let second = plan.keep.get(1).map(|(id, _)| *id);
        if let Some(id) = second.filter(|id| self.catalog.is_plain(id)) {
            let stored = opened.shelf(BackupFolder::Backups).look(&id.to_string());
            let stored = stored.map_err(|e| io_error("look at", backups.dir(), e))?;
            let len = stored.and_then(|stored| stored.len).unwrap_or(0);
            if len > opened.options().compress_above {
                backups.compress(&id).map_err(failed)?;
            }
        }
        Ok(())
    }
}
