//! How a store is opened.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use persist_backup::retention::Policy;
use persist_format::{Choice, Defaults, Document, Format, KeyPath, OnAlias, OnLoss};
use persist_lock::Wait;
use persist_migrate::{Manifest, MigrationGraph, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use crate::draft::Draft;
use crate::error::{Error, io_error};
use crate::file::ConfigFile;
use crate::options::Options;
use crate::receipt::RecoverySource;
use crate::sensitive::secrets;

impl<T: Serialize + DeserializeOwned> Store<T> {
    /// A store for the file at `path`, with the type's defaults.
    pub fn builder(path: impl AsRef<Path>) -> Builder<T>
    where
        T: Default,
    {
        Builder::new(path.as_ref(), T::default())
    }

    /// A store for the file at `path`, with defaults for a type that has none of its own.
    pub fn with_defaults(path: impl AsRef<Path>, defaults: T) -> Builder<T> {
        Builder::new(path.as_ref(), defaults)
    }
}

/// How a [`Store`] is to be opened.
#[derive(Debug)]
#[must_use = "a builder does nothing until `open`"]
pub struct Builder<T> {
    path: PathBuf,
    options: Options,
    defaults: T,
    recovers: bool,
    unattended: RecoverySource,
    migrates: bool,
    reason: Option<String>,
    unchecked: Vec<KeyPath>,
}

impl<T> Builder<T> {
    /// A builder with these defaults, for a type that need not have any of its own.
    pub(super) fn new(path: &Path, defaults: T) -> Builder<T> {
        Builder {
            path: path.into(),
            options: Options::default(),
            defaults,
            recovers: true,
            unattended: RecoverySource::Copy,
            migrates: true,
            reason: None,
            unchecked: Vec::new(),
        }
    }

    /// All options of the file, for what the other methods don't cover; nothing that was set before is lost.
    ///
    /// ```
    /// # use persist_core::Store;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// let builder = Store::<std::collections::BTreeMap<String, u32>>::builder(&path);
    /// let store = builder.actor("demo").options(|options| options.compress_above = 1 << 20).open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Builder<T> {
        change(&mut self.options);
        self
    }

    /// The settings where there is no file, and those that a file leaves out, in place of the type's own defaults. A file leaves out
    /// fields of structs; an entry of a map that is not in the file was removed.
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
    ///
    /// ```
    /// use persist_core::{Manifest, Store};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Default, Serialize, Deserialize)]
    /// struct Settings { color: String }
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// std::fs::write(&path, "schema_version = \"1.0.0\"\ncolour = \"red\" # of the frame\n")?;
    /// let manifest = Manifest::parse(r#"{
    ///     "app": "demo",
    ///     "version_key": "schema_version",
    ///     "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}],
    ///     "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"rename": {"path": "/colour", "to": "color"}}]}]
    /// }"#)?; // or persist_core::manifest::read
    /// let store = Store::<Settings>::builder(&path).manifest(manifest).open()?;
    /// assert_eq!(store.load()?.color, "red");
    /// assert_eq!(std::fs::read_to_string(&path)?, "schema_version = \"2.0.0\"\ncolor = \"red\" # of the frame\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use persist_core::migrate::{Edge, Lens};
    /// use persist_core::{MigrationGraph, Store, Version};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Default, Serialize, Deserialize)]
    /// struct Settings { color: String }
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// std::fs::write(&path, "schema_version = \"1.0.0\"\ncolour = \"red\"\n")?;
    /// let (old, new) = (Version::new(1, 0, 0), Version::new(2, 0, 0));
    /// let mut graph = MigrationGraph::new();
    /// let rename: Lens = serde_json::from_str(r#"{"rename": {"path": "/colour", "to": "color"}}"#)?;
    /// let edge = Edge::lenses(old, new, vec![rename]).map_err(|(_, invalid)| invalid)?;
    /// graph.add_edge(edge)?;
    /// let store = Store::<Settings>::builder(&path).graph(graph).open()?;
    /// assert_eq!(store.load()?.color, "red");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn graph(mut self, graph: MigrationGraph<Draft>) -> Builder<T> {
        self.options.graph = Some(Arc::new(graph));
        self
    }

    /// From what opening a damaged file may bring it back by itself: from nothing worse than [`RecoverySource::Copy`] unless told
    /// otherwise, so that nothing is put in place that no digest proves. Beyond it opening fails with [`Error::NoGoodCopy`], the file as it is, and the
    /// application asks its user, or goes on with less.
    ///
    /// ```
    /// use persist_core::{Error, RecoverySource, Store};
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
    /// let store = Store::<Settings>::builder(&path).unattended(RecoverySource::Salvage).open()?;
    /// assert_eq!(store.load()?.theme, "dark");
    /// assert_eq!(store.opened().and_then(|receipt| receipt.recovered_from), Some(RecoverySource::Salvage));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unattended(mut self, lowest: RecoverySource) -> Builder<T> {
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

    /// Opens for reading only: nothing is repaired or migrated, every change is refused, also one by [`Store::file`], and a file
    /// of a newer version may be read as far as the type understands it.
    pub fn read_only(mut self, read_only: bool) -> Builder<T> {
        self.options.read_only = read_only;
        self
    }

    /// How long to wait for another writer; 10 seconds unless told otherwise.
    pub fn wait(mut self, wait: Wait) -> Builder<T> {
        self.options.wait = wait;
        self
    }

    /// Whether a save over changes that something else made is refused ([`Error::ChangedOutside`]); no unless told otherwise:
    /// they are taken over first, with a record of their own.
    pub fn strict(mut self, strict: bool) -> Builder<T> {
        self.options.strict = strict;
        self
    }

    /// The format of the file, whatever it is called.
    pub fn format(mut self, format: Format) -> Builder<T> {
        self.options.format = Some(format);
        self
    }

    /// Which document of a YAML stream holds the settings; the others keep every byte. Without it the first of several is read, and no
    /// change is saved.
    ///
    /// ```
    /// # use persist_core::{Store, format::Choice};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Default, Serialize, Deserialize)]
    /// # #[serde(default)]
    /// # struct Settings { kind: String, replicas: u32 }
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.yaml");
    /// std::fs::write(&path, "kind: Service\n---\nkind: Deployment\nreplicas: 1 # for now\n")?;
    /// let store = Store::<Settings>::builder(&path).doc("kind=Deployment".parse::<Choice>()?).open()?;
    /// store.update(|settings| settings.replicas = 3)?;
    /// let text = std::fs::read_to_string(&path)?;
    /// assert_eq!(text, "kind: Service\n---\nkind: Deployment\nreplicas: 3 # for now\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn doc(mut self, choice: Choice) -> Builder<T> {
        self.options.doc = Some(choice);
        self
    }

    /// What a change does to a setting whose text YAML's anchors and aliases share with others. Refused ([`Error::Invalid`]) unless told
    /// otherwise: with [`OnAlias::Expand`] that one alone changes; with [`OnAlias::Follow`] the shared text does, where the program changes
    /// all of them alike.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use persist_core::{Store, format::OnAlias};
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.yaml");
    /// std::fs::write(&path, "day: &l 60\nnight: *l\n")?;
    /// let store = Store::<BTreeMap<String, u32>>::builder(&path).on_alias(OnAlias::Expand).open()?;
    /// store.update(|levels| {
    ///     levels.insert("day".into(), 70);
    /// })?;
    /// assert_eq!(store.load()?["night"], 60);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_alias(mut self, on_alias: OnAlias) -> Builder<T> {
        self.options.on_alias = on_alias;
        self
    }

    /// What a change does that can't be made in place without losing comments. Refused ([`Error::Invalid`]) unless told otherwise.
    pub fn on_loss(mut self, on_loss: OnLoss) -> Builder<T> {
        self.options.on_loss = on_loss;
        self
    }

    /// A check of all new content, besides type and schema; what it returns refuses the save ([`Error::Refused`]).
    pub fn check<E>(
        mut self,
        check: impl Fn(&Document) -> Result<(), E> + Send + Sync + 'static,
    ) -> Builder<T>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.options.check = Some(Arc::new(move |document| {
            check(document).map_err(Into::into)
        }));
        self
    }

    /// Which backups are kept, where nobody has said so for this file ([`ConfigFile::keep`]).
    pub fn retention(mut self, policy: Policy) -> Builder<T> {
        self.options.retention = Some(policy);
        self
    }

    /// The folder for journal and backups, in place of the one beside the file.
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Builder<T> {
        self.options.state_dir = Some(folder.into());
        self
    }

    /// Why this store makes changes, for the journal, where a change says nothing else ([`Store::because`]).
    pub fn reason(mut self, reason: impl Into<String>) -> Builder<T> {
        self.reason = Some(reason.into());
        self
    }

    /// A setting that need not read back as it was written, since the type itself makes something else of it: a path that it
    /// cleans up, say. Every other one that is changed is read again before the save, which is refused if a load would
    /// give something else ([`Error::NotReadBack`]).
    pub fn unchecked(mut self, key: KeyPath) -> Builder<T> {
        self.unchecked.push(key);
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
    /// ([`Builder::unattended`]); [`Error::Migration`] if an older file can't be migrated, or would not load afterwards; what else
    /// recovery and migration can meet. A file with a person's mistake in it opens: [`Store::load`] tells,
    /// [`Store::last_good`] helps.
    pub fn open(mut self) -> Result<Store<T>, Error> {
        let invalid = |error: persist_format::Error| {
            Error::Invalid(Box::new(error.with_file(self.path.clone())))
        };
        let marked = secrets(&self.defaults).map_err(invalid)?;
        let mut defaults = Defaults::new(&self.defaults).map_err(invalid)?;
        for path in marked {
            self.options.sensitive = self.options.sensitive.path(path);
        }
        let read_only = self.options.read_only;
        if !read_only {
            create_folder(&self.path)?;
        }
        let file = ConfigFile::open(&self.path, self.options)?;
        let options = file.options();
        if options.graph.is_some() || options.manifest.is_some() {
            defaults = defaults.leaving_aside(options.version_path());
        }
        let mut store = Store {
            file,
            initial: self.defaults,
            defaults,
            reason: self.reason,
            unchecked: self.unchecked,
            opened: None,
            good: Mutex::new(None),
        };
        if read_only {
            return Ok(store);
        }
        if self.recovers && matches!(store.file.read(), Err(Error::Damaged { .. })) {
            store.opened = Some(store.recover_up_to(self.unattended)?);
        }
        if let Ok(reading) = store.file.read()
            && let Some(document) = reading.document()
            && let Some(older) = store.older(document)?
            && self.migrates
        {
            store.opened = Some(store.migrated_up(&older.newest)?);
        }
        Ok(store)
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
