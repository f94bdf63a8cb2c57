//! How a config file is to be treated. Every default is the careful choice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use persist_backup::retention::Policy;
use persist_format::{Choice, Document, Format, KeyPath, Limits, OnAlias, OnLoss};
use persist_lock::Wait;
use persist_migrate::{Manifest, MigrationGraph, Version};

use crate::draft::{self, Draft};
use crate::error::{Error, VersionTrouble};
use crate::journal::Actor;
use crate::sensitive::Sensitive;

/// The application's own check of new content; what it returns refuses the save.
pub type Check =
    dyn Fn(&Document) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

/// Settings of a [`ConfigFile`](crate::ConfigFile).
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The format; detected from the name, then the content, where `None`.
    pub format: Option<Format>,
    /// The state folder, where the history is; `.NAME.persist/` beside the file, or whichever that names, where `None`.
    /// One elsewhere is named by the folder beside the file from then on, so that nobody needs to be told, and the
    /// lock stays beside the file: whoever comes to the file takes the same. A history can't be in two places. On another
    /// file system than the file's, backups are copies instead of the replaced file itself.
    pub state_dir: Option<PathBuf>,
    /// How long to wait for another writer; 10 seconds.
    pub wait: Wait,
    /// Who makes the changes, for the journal.
    pub actor: Actor,
    /// Why the changes are made, for the journal, where an operation is given no reason of its own.
    pub reason: Option<String>,
    /// Which backups are kept, where nobody has said so for this file ([`ConfigFile::keep`](crate::ConfigFile::keep)); what the
    /// manifest says where `None`, else [`Policy::default`].
    pub retention: Option<Policy>,
    /// Bytes of the journal from which on its oldest segments go, with every second checkpoint; 64 MiB. `None` to keep all of it.
    pub journal_bytes: Option<u64>,
    /// Backups of more than this many bytes are compressed once they are not the newest; 10 KiB.
    pub compress_above: u64,
    /// Which document of a YAML stream is read and edited; the others keep every byte. Where `None` and there are several, the first is read, and
    /// nothing is written.
    pub doc: Option<Choice>,
    /// What a change does where YAML's anchors and aliases share the text with other places: refused, unless told otherwise.
    pub on_alias: OnAlias,
    /// What a change does that can't be made in place without losing comments: refused, unless told otherwise.
    pub on_loss: OnLoss,
    /// Where the document keeps its schema version, by keys alone; what the manifest says where `None`, else `schema_version`. Stores, migrations
    /// and checks go by the same path.
    pub version_key: Option<KeyPath>,
    /// The schema version of a document that has none, from before the application wrote one. Without
    /// it such a document is an error wherever versions matter.
    pub assume_version: Option<Version>,
    /// Which values are not shown, or not saved.
    pub sensitive: Sensitive,
    /// Bounds on hostile input.
    pub limits: Limits,
    /// Versions, schemas and migrations.
    pub manifest: Option<Arc<Manifest>>,
    /// Migrations in code, in place of the manifest's.
    pub graph: Option<Arc<MigrationGraph<Draft>>>,
    /// Refuse every change, also of the state folder.
    pub read_only: bool,
    /// A file that is created is its owner's alone (mode 0600), whatever the umask says. So it is without this where keys are declared
    /// sensitive, or secrets are in it.
    pub private: bool,
    /// Refuse to save over changes made by anything else, instead of adopting them.
    pub strict: bool,
    /// What may be done where the safe way is closed: writing into a file that can't be replaced because it is a mount
    /// point, say. Nothing by default.
    pub allow: persist_lock::Options,
    /// The application's own check.
    pub check: Option<Arc<Check>>,
    /// What time it is: for records, the names of backups, and which of them stay. The system's clock; another one lets a test
    /// live through months.
    pub clock: fn() -> Timestamp,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            format: None,
            state_dir: None,
            wait: Wait::default(),
            actor: Actor::named("unnamed"),
            reason: None,
            retention: None,
            journal_bytes: Some(64 * 1024 * 1024),
            compress_above: 10 * 1024,
            doc: None,
            on_alias: OnAlias::default(),
            on_loss: OnLoss::default(),
            version_key: None,
            assume_version: None,
            sensitive: Sensitive::new(),
            limits: Limits::default(),
            manifest: None,
            graph: None,
            read_only: false,
            private: false,
            strict: false,
            allow: persist_lock::Options::new(),
            check: None,
            clock: Timestamp::now,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("format", &self.format)
            .field("state_dir", &self.state_dir)
            .field("wait", &self.wait)
            .field("actor", &self.actor)
            .field("read_only", &self.read_only)
            .field("strict", &self.strict)
            .field("allow", &self.allow)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// The options with a manifest: its schemas, migrations, version key and sensitive keys.
    #[must_use]
    pub fn with_manifest(mut self, manifest: Arc<Manifest>) -> Options {
        for pattern in &manifest.sensitive {
            self.sensitive = self.sensitive.pattern(pattern);
        }
        self.manifest = Some(manifest);
        self
    }

    /// Where the schema version stands; what the manifest says has been read by [`ConfigFile::open`](crate::ConfigFile::open).
    pub(crate) fn version_path(&self) -> KeyPath {
        let named = self.version_key.clone();
        named.unwrap_or_else(|| KeyPath::root().child("schema_version"))
    }

    /// Takes the version key that the manifest names where the options name none, so that there is one from here on.
    ///
    /// # Errors
    /// It names no place, or one that migrations could not name.
    pub(crate) fn settle_version_key(&mut self, file: &Path) -> Result<(), Error> {
        let Some(key) = &self.version_key else {
            if let Some(manifest) = &self.manifest {
                let path = manifest.version_path().map_err(|source| Error::Manifest {
                    file: file.into(),
                    source,
                })?;
                self.version_key = Some(draft::key_path(&path));
            }
            return Ok(());
        };
        match draft::lens_path(key) {
            Some(path) if !path.is_root() => Ok(()),
            _ => Err(Error::Version {
                file: file.into(),
                what: VersionTrouble::Key {
                    key: key.to_string(),
                },
            }),
        }
    }
}
