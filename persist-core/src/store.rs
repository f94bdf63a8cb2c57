//! The typed store: an application's settings as one Rust value.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use persist_format::{Document, Map, Value, Warning};
use persist_migrate::{FileVersion, Manifest, MigrationGraph, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::draft::Draft;
use crate::error::{Error, VersionTrouble, io_error};
use crate::file::{ConfigFile, Info, Reading, Verification};
use crate::options::Options;
use crate::overlay::overlay;
use crate::receipt::{Notice, Receipt, Rung};
use crate::sensitive::secrets;

/// One application's settings in one file.
///
/// There is no way to overwrite a file unread: [`Store::update`] changes what is in the file at that
/// moment, [`Store::save`] wants the [`Loaded`] value that the new one was made from.
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
    defaults: T,
    migrates: bool,
    opened: Option<Receipt>,
    good: Mutex<Option<Value>>,
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

/// How a [`Store`] is to be opened.
#[derive(Debug)]
#[must_use = "a builder does nothing until `open`"]
pub struct Builder<T> {
    path: std::path::PathBuf,
    options: Options,
    defaults: T,
    recovers: bool,
    unattended: Rung,
    migrates: bool,
    read_only: bool,
}

/// Settings, and the state of the file they were read from.
#[derive(Clone)]
pub struct Loaded<T> {
    value: T,
    source: Source,
    /// The settings as a tree, as they were loaded; what was changed is the difference to it.
    tree: Value,
    reading: Reading,
}

/// Where loaded settings came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The file.
    File,
    /// There is no file yet: the defaults.
    Defaults,
}

/// Without the tree, in which nothing hides a secret.
impl<T: std::fmt::Debug> std::fmt::Debug for Loaded<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded")
            .field("value", &self.value)
            .field("source", &self.source)
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

impl<T> std::ops::Deref for Loaded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Loaded<T> {
    /// The settings.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The settings, without the state of the file.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Where they came from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

impl<T> Builder<T> {
    /// All options of the file, for what the shortcuts below don't cover.
    pub fn options(mut self, options: Options) -> Builder<T> {
        self.options = options;
        self
    }

    /// The settings where a file has none.
    pub fn defaults(mut self, defaults: T) -> Builder<T> {
        self.defaults = defaults;
        self
    }

    /// The name under which changes are journalled.
    pub fn actor(mut self, name: impl Into<String>) -> Builder<T> {
        self.options.actor = crate::journal::Actor::named(name);
        self
    }

    /// The manifest: versions, schemas, migrations, sensitive keys. A file of an older version is
    /// migrated when it is opened.
    pub fn manifest(mut self, manifest: Manifest) -> Builder<T> {
        self.options = self.options.with_manifest(Arc::new(manifest));
        self
    }

    /// The schema version of a file that has none, from before the application wrote one.
    pub fn assume_version(mut self, version: Version) -> Builder<T> {
        self.options.assume_version = Some(version);
        self
    }

    /// Migrations in code. A file of an older version is migrated when it is opened.
    pub fn graph(mut self, graph: MigrationGraph<Draft>) -> Builder<T> {
        self.options.graph = Some(Arc::new(graph));
        self
    }

    /// How far down the ladder opening a damaged file may go by itself: [`Rung::Copy`] unless told otherwise, so that nothing
    /// is put in place that no digest proves. Beyond it opening fails with [`Error::NoGoodCopy`], the file as it is, and the
    /// application asks its user, or goes on with less.
    ///
    /// ```
    /// use persist_core::{Error, Rung, Store};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Default, Serialize, Deserialize)]
    /// # #[serde(default)]
    /// # struct Settings { theme: String, width: u32 }
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// // Damaged, and never saved here: there is no copy.
    /// std::fs::write(&path, "theme = \"dark\"\nwid\0\0")?;
    /// let opened = Store::<Settings>::builder(&path).open();
    /// assert!(matches!(opened, Err(Error::NoGoodCopy { readable: 1, .. })));
    ///
    /// let store = Store::<Settings>::builder(&path).unattended(Rung::Salvage).open()?;
    /// assert_eq!(store.load()?.theme, "dark");
    /// assert_eq!(store.opened().and_then(|receipt| receipt.rung), Some(Rung::Salvage));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unattended(mut self, lowest: Rung) -> Builder<T> {
        self.unattended = lowest;
        self
    }

    /// Whether a damaged file is repaired when it is opened, as far as [`unattended`](Self::unattended) says; yes unless told
    /// otherwise.
    pub fn recover_on_open(mut self, recover: bool) -> Builder<T> {
        self.recovers = recover;
        self
    }

    /// Whether an older file is migrated when it is opened; yes unless told otherwise.
    pub fn migrate_on_open(mut self, migrate: bool) -> Builder<T> {
        self.migrates = migrate;
        self
    }

    /// Opens for reading only: nothing is repaired or migrated, every change is refused, and a file
    /// of a newer version may be read as far as the type understands it.
    pub fn read_only(mut self, read_only: bool) -> Builder<T> {
        self.read_only = read_only;
        self
    }

    /// Which keys must not be shown, or not be saved. Keys of type [`Secret`](crate::Secret) are
    /// found without this.
    pub fn sensitive(mut self, sensitive: crate::Sensitive) -> Builder<T> {
        self.options.sensitive = sensitive;
        self
    }
}

impl<T: Serialize + DeserializeOwned> Builder<T> {
    /// Opens the store: creates a missing folder (0700), resolves links, repairs damage, migrates an older file.
    ///
    /// # Errors
    /// [`Error::Version`] for a file of a newer version; [`Error::NoGoodCopy`] for a damaged one of which no good copy is left
    /// ([`Builder::unattended`]); what else recovery and migration can meet. A file
    /// with a person's mistake in it opens: [`Store::load`] tells, [`Store::last_good`] helps.
    pub fn open(mut self) -> Result<Store<T>, Error> {
        for path in secrets(&self.defaults) {
            self.options.sensitive = self.options.sensitive.path(path);
        }
        if !self.read_only {
            create_folder(&self.path)?;
        }
        let file = ConfigFile::open(&self.path, self.options)?;
        let mut store = Store {
            file,
            defaults: self.defaults,
            migrates: !self.read_only,
            opened: None,
            good: Mutex::new(None),
        };
        if self.read_only {
            return Ok(store);
        }
        if self.recovers && matches!(store.file.read(), Err(Error::Damaged { .. })) {
            store.opened = Some(store.recover_up_to(self.unattended)?);
        }
        if let Ok(reading) = store.file.read()
            && let Some(document) = reading.document()
            && let Some(target) = store.outdated(document)?
            && self.migrates
        {
            store.opened = Some(store.file.migrate_to(&target)?);
        }
        Ok(store)
    }
}

impl<T: Serialize + DeserializeOwned> Store<T> {
    /// A store for the file at `path`, with the type's defaults.
    pub fn builder(path: impl AsRef<Path>) -> Builder<T>
    where
        T: Default,
    {
        Builder {
            path: path.as_ref().into(),
            options: Options::default(),
            defaults: T::default(),
            recovers: true,
            unattended: Rung::Copy,
            migrates: true,
            read_only: false,
        }
    }

    /// The file itself, for everything that needs no type: history, undo, backups.
    pub fn file(&self) -> &ConfigFile {
        &self.file
    }

    /// What opening had to do: a recovery or a migration.
    pub fn opened(&self) -> Option<&Receipt> {
        self.opened.as_ref()
    }

    /// The settings in the file. Fields it doesn't have come from the defaults.
    ///
    /// # Errors
    /// [`Error::Invalid`] with line and column where the text or a value is wrong, [`Error::Schema`],
    /// [`Error::Version`] for a newer file, [`Error::Damaged`].
    pub fn load(&self) -> Result<Loaded<T>, Error> {
        let reading = self.file.read()?;
        self.loaded(reading)
    }

    fn loaded(&self, reading: Reading) -> Result<Loaded<T>, Error> {
        let (value, source) = match reading.document() {
            Some(document) => (self.typed(document)?, Source::File),
            None => (self.fresh()?, Source::Defaults),
        };
        let tree = self.tree(&value)?;
        *self.good.lock().unwrap_or_else(PoisonError::into_inner) = Some(tree.clone());
        Ok(Loaded {
            value,
            source,
            tree,
            reading,
        })
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
        if let Some(value) = memory.and_then(|tree| persist_format::from_value(&tree).ok()) {
            return (value, "the settings loaded last".into());
        }
        if let Ok(Some((document, from))) = self.file.last_good()
            && let Ok(value) = self.typed(&document)
        {
            return (value, from);
        }
        (
            self.defaults.clone(),
            "the defaults, because nothing better was left".into(),
        )
    }

    /// Changes the settings that are in the file at this moment. Only what `change` changed is
    /// written; unknown fields, comments, order and layout stay.
    ///
    /// # Errors
    /// As [`Store::load`] and [`ConfigFile::edit`].
    pub fn update(&self, change: impl FnOnce(&mut T)) -> Result<Receipt, Error> {
        self.writable()?;
        self.file.edit_with(None, |document| {
            let mut value = self.current(document)?;
            let before = self.tree(&value)?;
            change(&mut value);
            self.write(document, &before, &value)
        })
    }

    /// Saves `value`, which was made from `base`: compare-and-swap. Where the file changed meanwhile,
    /// both changes are merged.
    ///
    /// # Errors
    /// [`Error::Conflict`] where both changed the same keys; else as [`ConfigFile::edit`].
    pub fn save(&self, base: &Loaded<T>, value: &T) -> Result<Receipt, Error> {
        self.writable()?;
        let mut document = match base.reading.document() {
            Some(document) => document.clone(),
            None => self.file.blank()?,
        };
        let warnings = self.write(&mut document, &base.tree, value)?;
        let mut receipt = self.file.commit(&base.reading, &document, None)?;
        receipt.notices.extend(warnings.iter().map(Notice::format));
        Ok(receipt)
    }

    /// Brings back the last good state of a damaged file; the defaults if nothing better is left.
    ///
    /// # Errors
    /// As [`ConfigFile::recover`].
    pub fn recover(&self) -> Result<Receipt, Error> {
        self.recover_up_to(Rung::Defaults)
    }

    /// As [`recover`](Self::recover), and no further down the ladder than `lowest`.
    ///
    /// # Errors
    /// As [`ConfigFile::recover_up_to`].
    pub fn recover_up_to(&self, lowest: Rung) -> Result<Receipt, Error> {
        self.writable()?;
        let mut defaults = self.file.blank()?;
        let warnings = self.write_defaults(&mut defaults)?;
        let mut receipt = self.file.recover_up_to(lowest, Some(&defaults))?;
        if receipt.rung >= Some(Rung::Salvage) {
            receipt.notices.extend(warnings.iter().map(Notice::format));
        }
        Ok(receipt)
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
        self.writable()?;
        self.file.replace("reset to the defaults", |document| {
            self.write_defaults(document)
        })
    }

    /// Makes a document hold the defaults and nothing else.
    fn write_defaults(&self, document: &mut Document) -> Result<Vec<Warning>, Error> {
        self.outdated(document).or_else(|error| match error {
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
        let mut tree = self.without_excluded(self.tree(&self.defaults)?);
        self.stamp(&mut tree)?;
        let applied = document.apply(&tree);
        Ok(applied.map_err(|e| self.file.invalid(e))?.warnings)
    }

    /// Migrates the file to another schema version. See [`ConfigFile::migrate_to`].
    ///
    /// # Errors
    /// As there.
    pub fn migrate_to(&self, version: &Version) -> Result<Receipt, Error> {
        self.writable()?;
        self.file.migrate_to(version)
    }

    /// Puts a backup in place. See [`ConfigFile::restore`].
    ///
    /// # Errors
    /// As there.
    pub fn restore(&self, what: &str) -> Result<Receipt, Error> {
        self.writable()?;
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

    fn writable(&self) -> Result<(), Error> {
        if self.migrates {
            return Ok(());
        }
        Err(Error::Refused {
            file: self.file.path().into(),
            source: "the store was opened read-only".into(),
        })
    }

    /// The settings in `document`, or the defaults where it is a file yet to be made.
    fn current(&self, document: &Document) -> Result<T, Error> {
        if is_empty(document.value()) {
            self.fresh()
        } else {
            self.typed(document)
        }
    }

    fn fresh(&self) -> Result<T, Error> {
        let tree = self.tree(&self.defaults)?;
        persist_format::from_value(&tree).map_err(|e| self.file.invalid(e))
    }

    fn typed(&self, document: &Document) -> Result<T, Error> {
        self.outdated(document)?;
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
        let error = match document.deserialize() {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        // A missing field is no mistake: it comes from the defaults.
        let defaults = self.tree(&self.defaults)?;
        let mut filled = match document.value() {
            Value::Null => Value::Map(Map::new()), // all of it is missing: YAML's empty file
            value => value.clone(),
        };
        fill(&mut filled, &defaults);
        persist_format::from_value(&filled).map_err(|second: persist_format::Error| {
            // What is missing was filled in; what is still wrong is what a person has to mend.
            let written = second
                .key_path()
                .is_some_and(|path| document.get(path).is_some());
            let same = second.key_path() == error.key_path();
            self.file
                .invalid(if written && !same { second } else { error })
        })
    }

    /// The version to migrate to, if `document` is older; an error if it is newer than we know.
    fn outdated(&self, document: &Document) -> Result<Option<Version>, Error> {
        let options = self.file.options();
        if options.graph.is_none() && options.manifest.is_none() {
            return Ok(None);
        }
        let graph = self.file.graph()?;
        let text = self.file.version_or_assumed(document);
        let newest = graph.versions().next_back().map(|(v, _)| v.clone());
        match (FileVersion::classify(text.as_deref(), &graph), newest) {
            (FileVersion::Known(found), Some(newest)) if found < newest => Ok(Some(newest)),
            (FileVersion::Newer(found), Some(known)) if self.migrates => Err(Error::Version {
                file: self.file.path().into(),
                what: VersionTrouble::Newer { found, known },
            }),
            (FileVersion::Missing | FileVersion::Unparsable(_) | FileVersion::Unlisted(_), _) => {
                self.file.known_version(document, &graph).map(|_| None)
            }
            _ => Ok(None),
        }
    }

    fn tree(&self, value: &T) -> Result<Value, Error> {
        self.file.learn_secrets(secrets(value));
        persist_format::to_value(value).map_err(|e| self.file.invalid(e))
    }

    /// Writes to `document` what differs between the settings as loaded and as wanted. A new file
    /// gets all of them, and the schema version.
    fn write(
        &self,
        document: &mut Document,
        before: &Value,
        after: &T,
    ) -> Result<Vec<Warning>, Error> {
        let after = self.without_excluded(self.tree(after)?);
        let before = self.without_excluded(before.clone());
        let invalid = |e| self.file.invalid(e);
        let mut wanted = document.value().clone();
        if is_empty(&wanted) {
            wanted = after;
            self.stamp(&mut wanted)?;
        } else {
            overlay(&mut wanted, &before, &after);
        }
        let edit = document.apply(&wanted).map_err(invalid)?;
        // A key beside another spelling of it (an alias, say) would be found out when it is too late.
        self.deserialized(document)?;
        Ok(edit.warnings)
    }

    /// A new file says which schema version it is.
    fn stamp(&self, wanted: &mut Value) -> Result<(), Error> {
        let options = self.file.options();
        if options.graph.is_none() && options.manifest.is_none() {
            return Ok(());
        }
        let path = options.version_path();
        let graph = self.file.graph()?;
        match graph.versions().next_back() {
            Some((newest, _)) if wanted.get(&path).is_none() => {
                let version = Value::from(newest.to_string());
                wanted.set(&path, version).map_err(|e| self.file.invalid(e))
            }
            _ => Ok(()),
        }
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

/// The first run of an application: its settings folder is its own to make.
fn create_folder(path: &Path) -> Result<(), Error> {
    let Some(folder) = path
        .parent()
        .filter(|f| !f.as_os_str().is_empty() && !f.exists())
    else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|e| io_error("create", folder, e))
}

/// Whether there are no settings: an empty file is null in YAML, a table without keys in TOML.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.is_empty(),
        other => other.is_null(),
    }
}

/// Adds what `defaults` has and `value` has not, map by map.
fn fill(value: &mut Value, defaults: &Value) {
    let (Value::Map(map), Value::Map(defaults)) = (value, defaults) else {
        return;
    };
    for (key, default) in defaults.iter() {
        if map.index_of(key).is_none() {
            map.insert(key.clone(), default.clone());
        } else if let Some((_, value)) = map.iter_mut().find(|(k, _)| *k == key) {
            fill(value, default);
        }
    }
}
