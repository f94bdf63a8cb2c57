//! The typed store: an application's settings as one Rust value.

mod builder;
mod loaded;

use std::sync::{Mutex, PoisonError};

use persist_format::{Defaults, Document, KeyPath, Value, Warning};
use persist_migrate::{FileVersion, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backup_id::WhichBackup;
use crate::differing::ReadSettings;
use crate::error::{Error, VersionTrouble};
use crate::file::{ConfigFile, Info, Reading, Verification, of_outcome};
use crate::losses;
use crate::note::brief;
use crate::receipt::{Notice, Receipt, RecoverySource};
use crate::sensitive::secrets;
use crate::sets::Asked;
use crate::typed::{Trouble, Typed, Written, is_empty};

pub use builder::Builder;
pub use loaded::{Loaded, Source};

/// One application's settings in one file.
///
/// There is no way to overwrite a file unread: [`Store::update`] changes what is in the file at that
/// moment, [`Store::save`] wants the [`Loaded`] value that the new one was made from. Either way what is written is read again
/// first: a save after which [`Store::load`] would give back something else than was asked for is refused. Only the order of a list
/// may be another where the type itself orders it in reading, as a set does.
///
/// What the file has and the type does not know stays, with items of lists too, wherever they go: an item is known by its content,
/// and by what it alone has under `id`, `name` or `key`. What can't stay is told ([`Notice::UnknownKeysLost`]).
///
/// ```
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("app.toml");
/// use persist_core::Store;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// #[serde(default)]
/// struct Settings {
///     theme: String,
///     width: u32,
/// }
///
/// let store = Store::<Settings>::builder(&path).actor("demo").open()?;
/// store.update(|settings| settings.width = 1280)?;
/// assert_eq!(store.load()?.width, 1280);
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct Store<T> {
    file: ConfigFile,
    initial: T,
    defaults: Defaults,
    reason: Option<String>,
    unchecked: Vec<KeyPath>,
    opened: Option<Receipt>,
    good: Mutex<Option<Reading>>,
}

/// Without the settings, in whose tree nothing hides a secret.
impl<T> std::fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("file", &self.file)
            .field("opened", &self.opened)
            .finish_non_exhaustive()
    }
}

impl<T: Serialize + DeserializeOwned> Store<T> {
    /// The file itself, for everything that needs no type: history, undo, backups.
    pub fn file(&self) -> &ConfigFile {
        &self.file
    }

    /// What opening had to do: a recovery or a migration.
    pub fn opened(&self) -> Option<&Receipt> {
        self.opened.as_ref()
    }

    /// The settings in the file. Fields it doesn't have come from the defaults; a file of an older schema version is migrated
    /// in memory ([`Source::Migrated`]).
    ///
    /// # Errors
    /// [`Error::Invalid`] with line and column where the text or a value is wrong, [`Error::Schema`],
    /// [`Error::Version`] for a newer file, [`Error::Migration`] for an older one that can't be migrated, [`Error::Damaged`].
    pub fn load(&self) -> Result<Loaded<T>, Error> {
        let reading = self.file.read()?;
        let (value, source) = self.of(&reading)?;
        let tree = self.tree(&value)?;
        *self.good.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading.clone());
        Ok(Loaded {
            value,
            source,
            tree,
            reading,
        })
    }

    fn of(&self, reading: &Reading) -> Result<(T, Source), Error> {
        match reading.document() {
            Some(document) => self.loaded(document),
            None => Ok((self.all_defaults()?, Source::Defaults)),
        }
    }

    fn loaded(&self, document: &Document) -> Result<(T, Source), Error> {
        let Some(older) = self.older(document)? else {
            return Ok((self.typed(document)?, Source::File));
        };
        let migrated = self.file.migrated(document, &older.newest)?;
        let value = self
            .typed(&migrated)
            .map_err(|e| self.file.migration_error(of_outcome(&older.newest, e)))?;
        Ok((value, Source::Migrated { from: older.found }))
    }

    /// The settings to go on with while the file needs a person: those loaded last, else those of the
    /// last good content on disk, else the defaults. With them, where they came from.
    pub fn last_good(&self) -> (T, String)
    where
        T: Clone,
    {
        let memory = self
            .good
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(Ok((value, _))) = memory.map(|reading| self.of(&reading)) {
            return (value, "the settings loaded last".into());
        }
        if let Ok(Some((document, from))) = self.file.last_good()
            && let Ok((value, _)) = self.loaded(&document)
        {
            return (value, from);
        }
        (
            self.initial.clone(),
            "the defaults, because nothing better was left".into(),
        )
    }

    /// Changes the settings that are in the file at this moment. Only what `change` changed is
    /// written; unknown fields, comments, order and layout stay. What the type does not serialize can't be saved, and is not
    /// missed: a field with `skip_serializing`, or `Some(None)`, which looks like `None`.
    ///
    /// Where there is no file yet, one is made that holds all settings, the defaults among them, even if `change` changes none.
    ///
    /// # Errors
    /// As [`Store::load`] and [`ConfigFile::edit`]; [`Error::NotReadBack`] if a load would not give back what was asked for;
    /// [`VersionTrouble::Older`] for a file of an older schema version; [`Error::Nested`] within another update.
    pub fn update(&self, change: impl FnOnce(&mut T)) -> Result<Receipt, Error> {
        self.updated(self.reason.as_deref(), |settings| {
            change(settings);
            Ok(())
        })
    }

    /// As [`update`](Self::update), by a change that can fail. Then nothing is saved.
    ///
    /// ```
    /// # use persist_core::{Error, Store};
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # type Settings = std::collections::BTreeMap<String, u32>;
    /// let store = Store::<Settings>::builder(&path).open()?;
    /// let refused = store.try_update(|settings| match settings.contains_key("port") {
    ///     true => Ok(()),
    ///     false => Err("there is no port yet"),
    /// });
    /// assert!(matches!(refused, Err(Error::Cancelled { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Cancelled`] with what `change` returned; else as there.
    pub fn try_update<E>(
        &self,
        change: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<Receipt, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.updated(self.reason.as_deref(), |settings| {
            change(settings).map_err(Into::into)
        })
    }

    /// Says why the next change is made, for the journal.
    ///
    /// ```
    /// # use persist_core::Store;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # type Settings = std::collections::BTreeMap<String, u32>;
    /// let store = Store::<Settings>::builder(&path).open()?;
    /// store.because("asked by the user").update(|settings| {
    ///     settings.insert("width".into(), 1280);
    /// })?;
    /// assert_eq!(store.file().history()?[0].reason.as_deref(), Some("asked by the user"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn because<'a>(&'a self, reason: &'a str) -> Because<'a, T> {
        Because {
            store: self,
            reason,
        }
    }

    fn updated(
        &self,
        reason: Option<&str>,
        change: impl FnOnce(&mut T) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<Receipt, Error> {
        let mut lost = Vec::new();
        let refused = |there: Option<&Document>| self.current(there).map(drop);
        let receipt = self.file.edit_with(reason, &refused, |document, there| {
            let mut value = self.current(there)?;
            let before = self.tree(&value)?;
            change(&mut value).map_err(|source| Error::Cancelled {
                file: self.file.path().into(),
                source,
            })?;
            let written = self.write(document, &self.asked(before, &value)?)?;
            lost = written.lost;
            Ok(written.warnings)
        });
        let mut receipt = receipt?;
        receipt.notices.extend(unknown_keys_lost(&lost));
        Ok(receipt)
    }

    /// Saves `value`, which was made from `base`: compare-and-swap. Where the file changed meanwhile,
    /// both changes are merged.
    ///
    /// # Errors
    /// [`Error::Conflict`] where both changed the same keys; else as [`Store::update`].
    pub fn save(&self, base: &Loaded<T>, value: &T) -> Result<Receipt, Error> {
        self.saved(self.reason.as_deref(), base, value)
    }

    fn saved(&self, reason: Option<&str>, base: &Loaded<T>, value: &T) -> Result<Receipt, Error> {
        let mut document = match base.reading.document() {
            Some(document) => document.clone(),
            None => self.file.blank()?,
        };
        self.refuse_older(&document)?;
        let asked = self.asked(base.tree.clone(), value)?;
        let written = self.write(&mut document, &asked)?;
        let judge = |theirs: Option<&Document>, merged: &Document| {
            self.refuse_older(merged)?;
            let found = self.tree(&self.typed(merged)?)?;
            let left = self
                .current(theirs)
                .and_then(|settings| self.tree(&settings));
            let loaded = ReadSettings {
                text: base.reading.document().map(Document::value),
                read: Some(&asked.before),
            };
            let merged = ReadSettings::new(merged.value(), &found);
            let theirs = match &left {
                Ok(left) => ReadSettings {
                    text: theirs.map(Document::value),
                    read: Some(left),
                },
                Err(_) => merged, // not settings of this type until now
            };
            let without_excluded = |tree| self.without_excluded(tree);
            let typed = self.writing(&without_excluded)?;
            let judged = typed.judge_merged(&asked, [loaded, theirs, merged]);
            judged.map_err(|trouble| self.trouble(trouble))
        };
        let mut receipt = self
            .file
            .commit_judged(&base.reading, &document, reason, &judge)?;
        // A merge has told of what it has written itself.
        let mut notices = losses::notices(&written.warnings);
        notices.retain(|notice| !receipt.notices.contains(notice));
        receipt.notices.extend(notices);
        receipt.notices.extend(unknown_keys_lost(&written.lost));
        Ok(receipt)
    }

    /// Brings back the last good state of a damaged file; the defaults if nothing better is left.
    ///
    /// # Errors
    /// As [`ConfigFile::recover`].
    pub fn recover(&self) -> Result<Receipt, Error> {
        self.recover_up_to(RecoverySource::Defaults)
    }

    /// As [`recover`](Self::recover), and from nothing worse than `lowest`.
    ///
    /// # Errors
    /// As [`ConfigFile::recover_up_to`].
    pub fn recover_up_to(&self, lowest: RecoverySource) -> Result<Receipt, Error> {
        let defaults = self.file.blank().and_then(|mut defaults| {
            let warnings = self.write_defaults(&mut defaults)?;
            Ok((defaults, warnings))
        });
        // Nothing else wants them.
        let document = defaults.as_ref().ok().map(|(document, _)| document);
        let recovered = self.file.recover_up_to(lowest, document);
        match (recovered, defaults) {
            // Of a stream defaults are no way out.
            (Err(Error::NoGoodCopy { .. }), Err(error))
                if lowest == RecoverySource::Defaults && self.file.options().doc.is_none() =>
            {
                Err(error)
            }
            (Ok(mut receipt), Ok((_, warnings)))
                if receipt.recovered_from >= Some(RecoverySource::Salvage) =>
            {
                receipt.notices.extend(losses::notices(&warnings));
                Ok(receipt)
            }
            (recovered, _) => recovered,
        }
    }

    /// Goes back to the defaults, whatever is in the file: settings, an edit that broke it, or damage. That is a save like any
    /// other, with a backup, in the journal, and undone by [`ConfigFile::undo`]. Comments stay where their keys do.
    ///
    /// ```
    /// # use persist_core::Store;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Default, Serialize, Deserialize)]
    /// # #[serde(default)]
    /// # struct Settings { theme: String, width: u32 }
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// let store = Store::<Settings>::builder(&path).open()?;
    /// store.update(|settings| settings.width = 1280)?;
    /// store.reset()?;
    /// assert_eq!(store.load()?.width, 0);
    /// store.file().undo()?;
    /// assert_eq!(store.load()?.width, 1280);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Version`] for a file of a newer version; else as a save.
    pub fn reset(&self) -> Result<Receipt, Error> {
        self.file.replace("reset to the defaults", |document| {
            self.write_defaults(document)
        })
    }

    /// Makes a document hold the defaults and nothing else.
    fn write_defaults(&self, document: &mut Document) -> Result<Vec<Warning>, Error> {
        self.older(document).or_else(|error| match error {
            // It is stamped anew.
            Error::Version {
                what:
                    VersionTrouble::Missing { .. }
                    | VersionTrouble::Unparsable { .. }
                    | VersionTrouble::Unlisted { .. },
                ..
            } => Ok(None),
            other => Err(other),
        })?;
        let invalid = |e| self.file.invalid(e);
        let mut tree = self.without_excluded(self.tree(&self.initial)?);
        if let Some((path, version)) = self.stamp()? {
            tree.set(&path, version).map_err(invalid)?;
        }
        let applied = document.apply(&tree).map_err(invalid)?;
        self.deserialized(document)?;
        Ok(applied.warnings)
    }

    /// Migrates the file to another schema version. See [`ConfigFile::migrate_to`].
    ///
    /// # Errors
    /// As there; also [`Error::Migration`] if the settings would not load at the newest version.
    pub fn migrate_to(&self, version: &Version) -> Result<Receipt, Error> {
        match self.newest()? {
            Some(newest) if newest == *version => self.migrated_up(version),
            _ => self.file.migrate_to(version),
        }
    }

    /// Nothing is committed that does not load.
    fn migrated_up(&self, newest: &Version) -> Result<Receipt, Error> {
        let judge = |migrated: &Document| {
            let loads = self.typed(migrated).map(drop);
            loads.map_err(|e| self.file.migration_error(of_outcome(newest, e)))
        };
        self.file.migrate_judged(newest, &judge)
    }

    /// Puts a backup in place. See [`ConfigFile::restore`].
    ///
    /// # Errors
    /// As there.
    pub fn restore(&self, what: impl Into<WhichBackup>) -> Result<Receipt, Error> {
        self.file.restore(what)
    }

    /// Checks file, journal and backups, and that the settings load.
    ///
    /// # Errors
    /// As [`Store::load`] and [`ConfigFile::verify`].
    pub fn validate(&self) -> Result<Verification, Error> {
        self.load()?;
        self.file.verify()
    }

    /// The file's state at a glance.
    ///
    /// # Errors
    /// As [`ConfigFile::info`].
    pub fn info(&self) -> Result<Info, Error> {
        self.file.info()
    }

    /// The settings in `document`, or the defaults where it is a file yet to be made.
    fn current(&self, document: Option<&Document>) -> Result<T, Error> {
        let Some(document) = document else {
            return self.all_defaults();
        };
        self.refuse_older(document)?;
        self.typed(document)
    }

    /// Where there is no file.
    fn all_defaults(&self) -> Result<T, Error> {
        let read = self.defaults.all();
        read.map_err(|e| self.file.invalid(e))
    }

    /// Where there is a file without settings.
    fn fresh(&self) -> Result<T, Error> {
        let read = self.defaults.read();
        read.map_err(|e| self.file.invalid(e))
    }

    fn typed(&self, document: &Document) -> Result<T, Error> {
        if is_empty(document.value()) {
            return self.fresh();
        }
        let violations = self.file.violations(document)?;
        if !violations.is_empty() {
            return Err(Error::Schema {
                file: self.file.path().into(),
                violations,
            });
        }
        self.deserialized(document)
    }

    fn deserialized(&self, document: &Document) -> Result<T, Error> {
        let read = document.deserialize_with(&self.defaults);
        read.map_err(|e| self.file.invalid(e))
    }

    /// What is to be done about a document of an older version; an error if it is newer than we know.
    fn older(&self, document: &Document) -> Result<Option<Older>, Error> {
        let Some(newest) = self.newest()?.filter(|_| !is_empty(document.value())) else {
            return Ok(None);
        };
        let graph = self.file.graph()?;
        let text = self.file.version_or_assumed(document);
        match FileVersion::classify(text.as_deref(), &graph) {
            FileVersion::Newer(_) if self.file.options().read_only => Ok(None),
            _ => {
                let found = self.file.known_version(document, &graph)?;
                Ok((found < newest).then_some(Older { found, newest }))
            }
        }
    }

    /// Settings of this type are not mixed into a file that is written in another way.
    fn refuse_older(&self, document: &Document) -> Result<(), Error> {
        let Some(Older { found, newest }) = self.older(document)? else {
            return Ok(());
        };
        Err(Error::Version {
            file: self.file.path().into(),
            what: VersionTrouble::Older {
                found,
                known: newest,
            },
        })
    }

    /// The version that the settings are of, where there are versions.
    fn newest(&self) -> Result<Option<Version>, Error> {
        let options = self.file.options();
        if options.graph.is_none() && options.manifest.is_none() {
            return Ok(None);
        }
        let graph = self.file.graph()?;
        Ok(graph
            .versions()
            .next_back()
            .map(|(version, _)| version.clone()))
    }

    fn tree(&self, value: &T) -> Result<Value, Error> {
        let marked = secrets(value).map_err(|e| self.file.invalid(e))?;
        self.file.hide(marked);
        persist_format::to_value(value).map_err(|e| self.file.invalid(e))
    }

    fn asked(&self, before: Value, after: &T) -> Result<Asked, Error> {
        let without_excluded = |tree| self.without_excluded(tree);
        let after = self.tree(after)?;
        Ok(self.writing(&without_excluded)?.asked::<T>(before, after))
    }

    /// Writes to `document` what differs between the settings as loaded and as wanted. A new file
    /// gets all of them, and the schema version.
    fn write(&self, document: &mut Document, asked: &Asked) -> Result<Written, Error> {
        let without_excluded = |tree| self.without_excluded(tree);
        let typed = self.writing(&without_excluded)?;
        let written = typed.write::<T>(document, asked);
        written.map_err(|trouble| self.trouble(trouble))
    }

    /// How settings are written to this file.
    fn writing<'a>(
        &'a self,
        without_excluded: &'a dyn Fn(Value) -> Value,
    ) -> Result<Typed<'a>, Error> {
        Ok(Typed {
            defaults: &self.defaults,
            stamp: self.stamp()?,
            unchecked: &self.unchecked,
            without_excluded,
        })
    }

    fn trouble(&self, trouble: Trouble) -> Error {
        let file = self.file.path().to_path_buf();
        let sensitive = self.file.sensitive();
        match trouble {
            Trouble::Format(error) => self.file.invalid(error),
            Trouble::Version(key) => Error::Version {
                file,
                what: VersionTrouble::NoSetting {
                    key: key.to_string(),
                },
            },
            Trouble::NotReadBack {
                path,
                wanted,
                found,
            } => {
                let told = sensitive.redact_pair([&wanted, &found], &path);
                let [wanted, found] = told.map(|value| value.as_ref().map(brief));
                Error::NotReadBack {
                    file,
                    wanted,
                    found,
                    path,
                }
            }
        }
    }

    /// Where a new file says which schema version it is, and which.
    fn stamp(&self) -> Result<Option<(KeyPath, Value)>, Error> {
        let path = self.file.options().version_path();
        let newest = self.newest()?;
        Ok(newest.map(|newest| (path, Value::from(newest.to_string()))))
    }

    fn without_excluded(&self, tree: Value) -> Value {
        let sensitive = self.file.sensitive();
        if sensitive.excluded() {
            sensitive.strip(&tree)
        } else {
            tree
        }
    }
}

/// A file that is older than the settings' type.
struct Older {
    found: Version,
    newest: Version,
}

fn unknown_keys_lost(items: &[KeyPath]) -> Option<Notice> {
    let keys = items.iter().map(ToString::to_string).collect();
    (!items.is_empty()).then_some(Notice::UnknownKeysLost { keys })
}

/// Changes with a reason of their own; see [`Store::because`].
#[derive(Debug)]
#[must_use = "nothing is changed until `update` or `save`"]
pub struct Because<'a, T> {
    store: &'a Store<T>,
    reason: &'a str,
}

impl<T: Serialize + DeserializeOwned> Because<'_, T> {
    /// As [`Store::update`].
    ///
    /// # Errors
    /// As there.
    pub fn update(&self, change: impl FnOnce(&mut T)) -> Result<Receipt, Error> {
        self.try_update(|settings| {
            change(settings);
            Ok::<(), std::convert::Infallible>(())
        })
    }

    /// As [`Store::try_update`].
    ///
    /// # Errors
    /// As there.
    pub fn try_update<E>(
        &self,
        change: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<Receipt, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let change = |settings: &mut T| change(settings).map_err(Into::into);
        self.store.updated(Some(self.reason), change)
    }

    /// As [`Store::save`].
    ///
    /// # Errors
    /// As there.
    pub fn save(&self, base: &Loaded<T>, value: &T) -> Result<Receipt, Error> {
        self.store.saved(Some(self.reason), base, value)
    }
}
