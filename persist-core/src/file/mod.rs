//! One config file: read without a lock, changed under one, never overwritten unread.

mod calm;
mod change;
mod check;
mod commit;
mod copies;
mod edit;
mod expected;
mod foreign;
mod foretold;
mod gaps;
mod glance;
mod head;
mod info;
mod kept;
mod merge;
mod migrate;
mod observation;
mod opened;
mod preview;
mod purge;
mod read;
mod recover;
mod rehearse;
mod retain;
mod session;
mod settle;
mod share;
mod spare;
mod staying;
mod turn;
mod undo;
mod verdict;
mod verify;
mod whereabouts;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use persist_backup::{Backups, Digest};
use persist_format::{Document, Format, KeyPath};
use persist_lock::Target;
use persist_migrate::MigrationGraph;

use calm::Calm;
pub use gaps::Gap;
pub use head::{Head, HeadStatus, ParseHeadError};
pub use info::{BackupInfo, Info};
use kept::Kept;
pub use migrate::Migration;
pub(crate) use migrate::of_outcome;
pub use preview::Preview;
pub use read::{Condition, Reading};
pub use rehearse::RoundTrip;
pub use retain::{PolicySource, Retention};
pub use share::Sharing;
pub use undo::HistoryMove;
pub use verify::{Interrupted, Problem, Progress, Verification};

use crate::draft::Draft;
use crate::error::Error;
use crate::journal::End;
use crate::judge::Judges;
use crate::live::Live;
use crate::options::Options;
use crate::place;
use crate::sensitive::{Sensitive, mask};
use crate::shelf::{Shelf, State};
use crate::state_format;

/// Characters from which on a line that is drawn with an error may be a part of a longer one.
const PART: usize = 100;

/// A config file and its state folder.
///
/// Opening does no work and writes nothing. Reading takes no lock, because replacement is atomic.
/// Every change is made under the exclusive lock, on what is in the file at that moment.
///
/// ```
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("app.toml");
/// # std::fs::write(&path, "# sizes in pixels\nwidth = 1024 # a note\n").unwrap();
/// use persist_core::{ConfigFile, Options};
///
/// let file = ConfigFile::open(&path, Options::default())?;
/// let receipt = file.edit(None, |document| {
///     Ok(document.set(&"width".parse()?, 1280)?.warnings)
/// })?;
/// assert_eq!(receipt.changes[0].to_string(), "width: 1024 -> 1280");
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "# sizes in pixels\nwidth = 1280 # a note\n");
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ConfigFile {
    path: PathBuf,
    target: Target,
    /// The state folder, as it was found when it was asked for first.
    root: OnceLock<PathBuf>,
    options: Options,
    /// Paths of values that turned out to be secrets by their type.
    secrets: Mutex<HashSet<KeyPath>>,
    /// The manifest's migrations and schemas, made ready once.
    graph: OnceLock<Arc<MigrationGraph<Draft>>>,
    judges: Judges,
    /// The document that was in the file last, and the digest of its bytes. Format, limits and options never change.
    document: Mutex<Option<(Digest, Document)>>,
    /// How file and journal looked when the file was found as it was saved.
    calm: Mutex<Option<Calm>>,
    /// What the last session here left in the file, and where the journal ended then, if nothing was left to be done.
    complete: Mutex<Option<(Digest, End)>>,
    /// The format of the state folder.
    state_format: state_format::Known,
    /// The folders that the last save had open.
    kept: Mutex<Option<Arc<Kept>>>,
}

impl ConfigFile {
    /// The config file at `path`, which need not exist. Symbolic links are followed once, now.
    ///
    /// # Errors
    /// [`Error::Lock`] where `path` is a directory, device, FIFO or socket, or a link in a loop; [`Error::Version`] or [`Error::Manifest`]
    /// where the version key of the options or the manifest names no key.
    pub fn open(path: impl AsRef<Path>, mut options: Options) -> Result<ConfigFile, Error> {
        let path = path.as_ref();
        options.settle_version_key(path)?;
        let target = Target::resolve(path).map_err(|source| Error::Lock {
            file: path.into(),
            source,
        })?;
        Ok(ConfigFile {
            path: path.into(),
            target,
            root: OnceLock::new(),
            options,
            secrets: Mutex::default(),
            graph: OnceLock::new(),
            judges: Judges::default(),
            document: Mutex::default(),
            calm: Mutex::default(),
            complete: Mutex::default(),
            state_format: state_format::Known::default(),
            kept: Mutex::default(),
        })
    }

    /// The path as the caller gave it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that holds journal, backups and quarantine: the one beside the file, the one that it names, or the one of
    /// the options. Looked for once; where each operation finds it, [`info`](Self::info) says.
    pub fn state_dir(&self) -> &Path {
        self.root.get_or_init(|| match self.opened() {
            Ok(opened) => opened.state_dir().to_path_buf(),
            Err(_) => {
                let given = self.options.state_dir.clone();
                given.unwrap_or_else(|| self.default_root())
            }
        })
    }

    /// The options in force.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The backups of this file.
    pub fn backups(&self) -> Backups {
        let root = self.state_dir();
        let anew = State::Anew(self.target.clone(), root.to_path_buf());
        let shelf = Shelf::new(&anew, root, place::BACKUPS);
        Backups::over(Arc::new(shelf)).max_len(self.options.limits.bytes as u64)
    }

    /// Which values are sensitive, those found by their type included.
    pub fn sensitive(&self) -> Sensitive {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.options.sensitive.clone();
        secrets.iter().fold(all, |all, path| all.path(path.clone()))
    }

    /// From now on, and as long as this lives, what is told of the file hides the values at these paths: in receipts, previews, errors, and what
    /// the journal says of a change. Neither the file nor another that opens it knows of that.
    pub fn hide(&self, paths: impl IntoIterator<Item = KeyPath>) {
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(paths);
    }

    pub(crate) fn live(&self) -> &Path {
        self.target.path()
    }

    pub(crate) fn lock_error(&self, source: persist_lock::Error) -> Error {
        Error::Lock {
            file: self.path.clone(),
            source,
        }
    }

    pub(crate) fn backup_error(&self, source: persist_backup::Error) -> Error {
        Error::Backup {
            file: self.path.clone(),
            source,
        }
    }

    pub(crate) fn invalid(&self, source: persist_format::Error) -> Error {
        self.invalid_in("", source)
    }

    /// The lines that an error draws are masked, with what `text` says around them.
    fn invalid_in(&self, text: &str, source: persist_format::Error) -> Error {
        let sensitive = self.sensitive();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        // Of a long line only a part is drawn.
        let far = source.location().is_some_and(|at| at.column > PART);
        let is_hidden = |drawn: &str| {
            let is_part = far || drawn.len() >= PART;
            let is_drawn = |line: &str| line == drawn || is_part && line.contains(drawn);
            sensitive.continues(&lines, is_drawn)
        };
        let source = source.mask_lines(|line| match is_hidden(line.trim_end()) {
            true => mask(line),
            false => sensitive.mask_broken_line(line),
        });
        Error::Invalid(Box::new(source.with_file(&self.path)))
    }

    pub(crate) fn format(&self, bytes: &[u8]) -> Result<Format, Error> {
        let detected = || Format::detect(self.live(), bytes);
        self.options
            .format
            .map_or_else(detected, Ok)
            .map_err(|e| self.invalid(e))
    }

    /// The document in the file. One that has not changed since it was read last is not read again.
    pub(crate) fn document_in(&self, live: &Live) -> Result<Document, Error> {
        self.document_with(live.digest, &live.bytes)
    }

    /// The same of any content that the file had.
    pub(crate) fn document_with(&self, of: Digest, bytes: &[u8]) -> Result<Document, Error> {
        self.chosen(self.stream(of, bytes)?)
    }

    /// Whether the content is valid, whichever of its documents is asked for.
    pub(crate) fn is_valid(&self, live: &Live) -> bool {
        self.stream(live.digest, &live.bytes).is_ok()
    }

    /// The content with none of its documents chosen.
    fn stream(&self, of: Digest, bytes: &[u8]) -> Result<Document, Error> {
        if let Some(stream) = self.known_stream(of) {
            return Ok(stream);
        }
        let stream = self.parse_stream(bytes)?;
        self.remember(of, &stream);
        Ok(stream)
    }

    /// The document that was in the file last, if its bytes have this digest.
    fn known_document(&self, of: Digest) -> Option<Document> {
        self.chosen(self.known_stream(of)?).ok()
    }

    fn known_stream(&self, of: Digest) -> Option<Document> {
        let known = self.document.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref().filter(|(digest, _)| *digest == of);
        known.map(|(_, document)| document.clone())
    }

    /// The document of the stream that the options choose, to be edited as they say.
    fn chosen(&self, document: Document) -> Result<Document, Error> {
        let document = match &self.options.doc {
            Some(choice) => document
                .choose(choice)
                .map_err(|e| self.one_of(&document, e))?,
            None => document,
        };
        let (on_alias, on_loss) = (self.options.on_alias, self.options.on_loss);
        Ok(document.on_alias(on_alias).on_loss(on_loss))
    }

    /// An error of who has to choose a document, with what to choose it by here.
    pub(crate) fn one_of(&self, document: &Document, error: persist_format::Error) -> Error {
        let help = format!("`Options::doc` takes one of: {}", document.described());
        self.invalid(error.with_help(help))
    }

    /// Whether it is the document that the options choose.
    pub(crate) fn is_meant(&self, document: &Document) -> bool {
        let choice = self.options.doc.as_ref();
        choice.is_none_or(|choice| {
            let chosen = document.choose(choice);
            chosen.is_ok_and(|chosen| chosen.number() == document.number())
        })
    }

    /// The content with this digest reads as that document.
    pub(crate) fn remember(&self, digest: Digest, document: &Document) {
        let mut known = self.document.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((digest, document.as_read()));
    }

    pub(crate) fn parse(&self, bytes: &[u8]) -> Result<Document, Error> {
        self.chosen(self.parse_stream(bytes)?)
    }

    /// The same of content that is taken whole, whichever of its documents is asked for: that one is chosen if it is there.
    pub(crate) fn parse_whole(&self, bytes: &[u8]) -> Result<Document, Error> {
        Ok(self.chosen_if_there(self.parse_stream(bytes)?))
    }

    /// The same of the content in the file.
    pub(crate) fn whole_in(&self, live: &Live) -> Result<Document, Error> {
        Ok(self.chosen_if_there(self.stream(live.digest, &live.bytes)?))
    }

    fn chosen_if_there(&self, stream: Document) -> Document {
        self.chosen(stream.clone()).unwrap_or(stream)
    }

    pub(super) fn parse_stream(&self, bytes: &[u8]) -> Result<Document, Error> {
        let limits = &self.options.limits;
        let parsed = match self.options.format {
            Some(format) => Document::parse_with(bytes, format, limits),
            None => Document::parse_named(self.live(), bytes, limits),
        };
        parsed.map_err(|e| self.invalid_in(&String::from_utf8_lossy(bytes), e))
    }
}
