//! Removing whole copies because somebody said so. The record that lists them is durable before the first of them goes, and
//! whoever opens the file next for a change removes again what it lists: a kill in between leaves none.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use persist_backup::retention::{Plan, Why};
use persist_backup::{Backups, Digest, Error as BackupError, Id, Snapshot, Storage as _};

use super::ConfigFile;
use super::opened::Opened;
use super::recover::NEVER_SAVED;
use super::session::Session;
use crate::backup_id::{BackupFolder, BackupId, WhichBackup};
use crate::error::{Error, io_error};
use crate::history::{self, Purged};
use crate::journal::Event;
use crate::past::Past;
use crate::place;
use crate::purge::{Inventory, Named, NotOne, Purge, PurgePlan, number, plan};
use crate::receipt::Notice;

/// So many names make a record that is well below the longest.
const MOST_NAMES: usize = 1000;

impl ConfigFile {
    /// What [`purge`](Self::purge) would remove. Changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no file and none was ever saved; [`Error::Backup`] where there is no copy of a name, or it is that of
    /// several; [`Error::Io`] where something can't be read.
    pub fn plan_purge(&self, purge: &Purge) -> Result<PurgePlan, Error> {
        if self.is_unmanaged() && !self.exists()? {
            return Err(self.not_found(NEVER_SAVED));
        }
        let opened = self.opened_whole()?;
        let seen = opened.look()?;
        opened.purge_plan(&seen.past(), seen.digest(), purge)
    }

    /// Removes whole copies: backups, what is in quarantine, and what migrations have set aside and nothing needs. Whatever an
    /// earlier save has left beside them goes, too; of their content the live file alone, and its mirror, may be left
    /// ([`PurgePlan::is_live`]). Files of somebody else's in quarantine ([`Foreign`](crate::Foreign)) go by their time and number, and by
    /// their content where that is known.
    ///
    /// The journal keeps the numbers and digests of what went, who removed it and when. It is no wiping: what a disk or its snapshots keep of
    /// removed files is not in reach.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("app.toml");
    /// # let file = persist_core::ConfigFile::open(&path, persist_core::Options::default())?;
    /// for token in ["secret", "other", "third"] {
    ///     file.edit(None, |document| Ok(document.set(&"key".parse()?, token)?.warnings))?;
    /// }
    /// let named = vec![2.into()]; // what change #2 has replaced
    /// let purge = persist_core::Purge { named, ..Default::default() };
    /// let plan = file.purge(&purge)?;
    /// assert_eq!(plan.copies.len(), 1);
    /// assert!(file.verify()?.passed());
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Damaged`] where the file is: recover it first. Once it is recorded, an error says what could not be removed, and the next
    /// change tries again; else as [`plan_purge`](Self::plan_purge), and as a save.
    pub fn purge(&self, purge: &Purge) -> Result<PurgePlan, Error> {
        self.refuse_unless_changeable()?;
        if self.is_unmanaged() {
            return self.plan_purge(purge); // of nothing
        }
        let mut session = self.session_back()?;
        if let Some(damage) = session.damage() {
            return Err(session.damaged(damage.clone()));
        }
        session.settle()?;
        session.sweep()?;
        session.list_again()?;
        session.flush()?;
        let plan = session
            .opened
            .purge_plan(&session.past(), session.digest(), purge)?;
        if plan.is_empty() {
            return Ok(plan);
        }
        let names: Vec<String> = plan.copies.iter().map(ToString::to_string).collect();
        for copies in names.chunks(MOST_NAMES) {
            session.note(Event::Purged {
                copies: copies.to_vec(),
                foreign: Vec::new(),
            });
        }
        for foreign in plan.foreign.chunks(MOST_NAMES / 2) {
            session.note(Event::Purged {
                copies: foreign.iter().map(|one| one.name.clone()).collect(),
                foreign: foreign.to_vec(),
            });
        }
        session.flush()?;
        session.remove_purged()?;
        session.mirror_only_what_is_live()?;
        Ok(plan)
    }

    /// The purges among the last `count` changes, or among all, oldest first.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub fn purges(&self, count: Option<usize>) -> Result<Vec<Purged>, Error> {
        let segments = self.opened_whole()?.segments();
        let log = match count {
            Some(count) => segments.read_last(count)?,
            None => segments.read_all()?,
        };
        Ok(log.records.iter().filter_map(history::purged).collect())
    }
}

impl Opened<'_> {
    fn purge_plan(
        &self,
        past: &Past,
        live: Option<Digest>,
        purge: &Purge,
    ) -> Result<PurgePlan, Error> {
        let mut copies = Vec::new();
        for folder in BackupFolder::ALL {
            let catalog = self.kept_in(folder).catalog();
            let catalog = catalog.map_err(|e| self.backup_error(e))?;
            copies.extend(catalog.ids().map(|id| BackupId::new(folder, id)));
        }
        let foreign = self.foreign()?;
        let named = Named::of(&purge.named, &copies, &foreign);
        let named = named.map_err(|not_one| self.not_one(&not_one, &copies))?;
        let backups: Vec<Id> = copies.iter().filter_map(BackupId::backup).collect();
        let (policy, _) = self.policy(past)?;
        let inventory = Inventory {
            last_good: self.last_good(past, &backups),
            pinned: policy.pinned,
            complements: past.complements(),
            copies,
            foreign,
            live,
        };
        Ok(plan(&inventory, purge.before, &named))
    }

    /// Why a name is not that of one content: who has purged it, that there is none, or which there are.
    fn not_one(&self, not_one: &NotOne, copies: &[BackupId]) -> Error {
        let name = &not_one.name;
        if !not_one.matches.is_empty() {
            return self.backup_error(BackupError::Ambiguous {
                what: name.clone(),
                matches: not_one.matches.iter().map(|copy| copy.id.short()).collect(),
                by: "number",
            });
        }
        let (what, text) = match number(name) {
            Some(number) => (format!("#{number}"), number.to_string()),
            None => (name.clone(), name.clone()),
        };
        let is_it = |copy: &BackupId| copy.id.is_named(&text) || copy.to_string() == text;
        match self.purge_of(is_it) {
            Err(error) => error,
            Ok(Some(purged)) => Error::Purged {
                file: self.path().to_path_buf(),
                what,
                purged: Box::new(purged),
            },
            Ok(None) => self.backup_error(BackupError::NotFound {
                what: text,
                have: numbers(copies),
            }),
        }
    }

    /// The newest good one of those, which have the newest first; else the newest that is sound.
    fn last_good(&self, past: &Past, newest_first: &[Id]) -> Option<Id> {
        let backups = self.backups();
        let mut sound = newest_first.iter().filter(|id| backups.verify(id).is_ok());
        let is_good = |id: &Id| {
            past.holdings
                .mark_of(&id.digest())
                .unwrap_or_default()
                .is_good()
        };
        let newest = *sound.next()?;
        if is_good(&newest) {
            return Some(newest);
        }
        Some(sound.find(|id| is_good(id)).copied().unwrap_or(newest))
    }

    /// The backup that `what` names ([`Backups::find`]); or who has purged it.
    pub(super) fn find_backup(&self, what: &WhichBackup) -> Result<Snapshot, Error> {
        let text = what.to_string();
        let text = text.strip_prefix("backups/").unwrap_or(&text);
        let missing = match self.backups().find(text) {
            Err(missing @ BackupError::NotFound { .. }) => missing,
            found => return found.map_err(|e| self.backup_error(e)),
        };
        let purged = self.purge_of(|copy| copy.backup().is_some_and(|id| id.is_named(text)))?;
        Err(match purged {
            Some(purged) => Error::Purged {
                file: self.path().to_path_buf(),
                what: format!("backup {what}"),
                purged: Box::new(purged),
            },
            None => self.backup_error(missing),
        })
    }

    /// The last purge of a copy for which that holds.
    pub(super) fn purge_of(
        &self,
        is_it: impl Fn(&BackupId) -> bool,
    ) -> Result<Option<Purged>, Error> {
        let mut last = None;
        self.segments().scan(
            |record, _| {
                let purged = history::purged(record).filter(|purged| {
                    let mut copies = purged.copies.iter().filter_map(|name| name.parse().ok());
                    copies.any(|copy| is_it(&copy))
                });
                last = purged.or(last.take());
            },
            || {},
        )?;
        Ok(last)
    }
}

/// From the oldest to the newest; `None` where there are none.
fn numbers(copies: &[BackupId]) -> Option<RangeInclusive<u64>> {
    let numbers = copies.iter().map(|copy| copy.id.seq());
    Some(numbers.clone().min()?..=numbers.max()?)
}

impl Session<'_> {
    /// What a purge was to remove before it was interrupted. Where that fails again it is told: a save need not wait for it.
    pub(super) fn finish_purge(&mut self) {
        if let Err(error) = self.remove_purged() {
            self.notices.push(Notice::Afterwards {
                problem: format!("some purged copies could not be removed: {error}"),
            });
        }
    }

    /// Removes what the last purge lists, as far as it is there, and makes that durable.
    fn remove_purged(&mut self) -> Result<(), Error> {
        let past = self.purged_past();
        let listed = past.holdings.purging.iter();
        let copies: Vec<BackupId> = listed.filter_map(|name| name.parse().ok()).collect();
        for folder in BackupFolder::ALL {
            let of_it = copies.iter().filter(|copy| copy.folder == folder);
            let ids: BTreeSet<Id> = of_it.map(|copy| copy.id).collect();
            if !ids.is_empty() {
                self.opened.remove_copies(folder, ids)?;
            }
        }
        let names = &past.holdings.purging;
        let foreign = self.opened.remove_foreign(names)?;
        match copies.is_empty() && !foreign {
            true => Ok(()),
            false => self.list_again(),
        }
    }

    /// What the mirror holds can be content that was purged, where something else has put the live content back.
    fn mirror_only_what_is_live(&self) -> Result<(), Error> {
        let mirror = self.opened.digest_at(place::MIRROR)?;
        match self.live() {
            Some(live) if mirror.is_some_and(|mirror| mirror != live.digest) => {
                self.opened.write_mirror(&live.bytes)
            }
            _ => Ok(()),
        }
    }

    /// After a migration: what others have set aside goes where nothing leads back to it, up to record `seq`.
    pub(super) fn prune_complements(
        &self,
        seq: u64,
        reachable: &BTreeSet<Digest>,
    ) -> Result<(), Error> {
        let folder: Backups = self.opened.complements();
        let catalog = folder.catalog();
        let catalog = catalog.map_err(|e| self.opened.backup_error(e))?;
        let mut kept = BTreeSet::new();
        let unneeded = catalog.ids().filter(|id| {
            // Of equal ones the newest that is sound is enough.
            let wanted = reachable.contains(&id.digest()) && !kept.contains(&id.digest());
            if wanted && folder.verify(id).is_ok() {
                kept.insert(id.digest());
            }
            !wanted && id.seq() <= seq
        });
        let unneeded: BTreeSet<Id> = unneeded.collect();
        match unneeded.is_empty() {
            true => Ok(()),
            false => self
                .opened
                .remove_copies(BackupFolder::Complements, unneeded),
        }
    }
}

impl Opened<'_> {
    fn remove_copies(&self, folder: BackupFolder, ids: BTreeSet<Id>) -> Result<(), Error> {
        let (kept, shelf) = (self.kept_in(folder), self.shelf(folder));
        let failed = |e| self.backup_error(e);
        let mut catalog = kept.catalog().map_err(failed)?;
        let mut plan = Plan::default();
        plan.drop = ids.into_iter().map(|id| (id, Why::Surplus)).collect();
        kept.drop_in(&plan, &mut catalog).map_err(failed)?;
        match shelf.sync() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            synced => synced.map_err(|e| io_error("sync", shelf.path(), e)),
        }
    }
}
