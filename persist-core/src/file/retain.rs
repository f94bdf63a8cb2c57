//! Which backups stay with a save: planned before its intent, which lists what will be let go, and carried out after it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use persist_backup::retention::{Candidate, Plan, Policy};
use persist_backup::{Backups, Id, Storage as _};

use super::ConfigFile;
use super::commit::Change;
use super::opened::Opened;
use super::session::Session;
use crate::error::{Error, io_error};
use crate::journal::{Event, Intent, Kind};
use crate::past::Past;
use crate::place;
use crate::receipt::{Notice, Receipt};

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
    /// let (policy, plan) = file.retention()?;
    /// assert_eq!((policy.last, policy.daily), (10, 30));
    /// assert_eq!(plan.keep.len(), 1);
    /// assert_eq!(plan.keep[0].1.to_string(), "the newest");
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Backup`], [`Error::Io`] where something can't be read.
    pub fn retention(&self) -> Result<(Policy, Plan), Error> {
        let opened = self.opened_whole()?;
        let past = opened.look()?.past();
        let backups = opened.backups();
        let catalog = backups.catalog().map_err(|e| self.backup_error(e))?;
        let there: Vec<Id> = catalog.ids().collect();
        let policy = self.policy(&past);
        let mut plan = opened.plan(&past, &there, &policy, &mut BTreeSet::new())?;
        past.holdings.complete(&mut plan, |id| there.contains(id));
        plan.drop.retain(|(id, _)| there.contains(id));
        Ok((policy, plan))
    }

    /// Says what is to be kept of this file, whatever the application's options are; `None` leaves it to those again. From the next
    /// save on.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the file was never saved; else as a save.
    pub fn keep(&self, policy: Option<Policy>) -> Result<Receipt, Error> {
        self.leave_no_trace("there is nothing to keep")?;
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

    /// In this order: what was said for the file, by the application, by default.
    fn policy(&self, past: &Past) -> Policy {
        let said = past.holdings.retention.as_ref();
        said.or(self.options.retention.as_ref())
            .cloned()
            .unwrap_or_default()
    }
}

impl Opened<'_> {
    fn plan(
        &self,
        past: &Past,
        there: &[Id],
        policy: &Policy,
        sound: &mut BTreeSet<Id>,
    ) -> Result<Plan, Error> {
        let backups = self.backups();
        let wanted = |content: &_| past.wants(content);
        let (mut candidates, all_known) = past.holdings.candidates(there.iter().copied(), wanted);
        let most = policy.max_bytes;
        let lens = candidates.iter().map(|candidate| candidate.len);
        let len = lens.fold(0, u64::saturating_add); // whatever the journal says
        // As they are stored they may be shorter.
        if most.is_some_and(|most| !all_known || len > most) {
            self.measure(&backups, &mut candidates)?;
        }
        Ok(backups.plan_verified(&candidates, Timestamp::now(), policy, sound))
    }

    fn measure(&self, backups: &Backups, candidates: &mut [Candidate]) -> Result<(), Error> {
        let listed = backups.list().map_err(|e| self.backup_error(e))?;
        for candidate in candidates {
            let stored = listed.iter().find(|stored| stored.id == candidate.id);
            candidate.len = stored.map_or(candidate.len, |stored| stored.stored_len);
        }
        Ok(())
    }
}

impl Session<'_> {
    /// Decides as things will be once record `seq`, which announces `intent`, took effect. What is missing is told, and let go.
    pub(super) fn plan_backups(
        &self,
        seq: u64,
        intent: &Intent,
    ) -> Result<(Plan, Option<Notice>), Error> {
        let mut past = self.past();
        let there = |id: &Id| self.catalog.holds(id);
        let gone: Vec<String> = past
            .holdings
            .gone(there)
            .iter()
            .map(Id::to_string)
            .collect();
        past.saved(seq, intent);
        let taken = match intent.backup.as_deref().and_then(place::kept_as) {
            Some((place::BACKUPS, id)) => Some(id),
            _ => None,
        };
        let there: Vec<Id> = taken.into_iter().chain(self.catalog.ids()).collect();
        let policy = self.opened.file().policy(&past);
        let mut sound: BTreeSet<Id> = taken.into_iter().collect();
        let mut plan = self.opened.plan(&past, &there, &policy, &mut sound)?;
        past.holdings.complete(&mut plan, |id| there.contains(id));
        let gone = (!gone.is_empty()).then_some(Notice::Gone { backups: gone });
        Ok((plan, gone))
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
            let stored = opened.shelf(place::BACKUPS).look(&id.to_string());
            let stored = stored.map_err(|e| io_error("look at", backups.dir(), e))?;
            let len = stored.and_then(|stored| stored.len).unwrap_or(0);
            if len > opened.options().compress_above {
                backups.compress(&id).map_err(failed)?;
            }
        }
        Ok(())
    }
}
