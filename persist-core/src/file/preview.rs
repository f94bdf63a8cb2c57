//! Changes worked out and not made: what a save would do, from one look at the file. Nothing is written, no lock is taken.

use std::fmt;
use std::path::PathBuf;

use persist_backup::{Digest, digest};
use persist_format::{Document, Warning};
use serde::Serialize;

use super::ConfigFile;
use super::commit::Change;
use super::observation::Observation;
use super::opened::Opened;
use super::undo::{HistoryMove, Unparsable};
use crate::backup_id::WhichBackup;
use crate::error::Error;
use crate::journal::Kind;
use crate::losses;
use crate::note::Note;
use crate::receipt::Notice;

/// What a change would do to a file.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Preview {
    /// The file.
    #[serde(flatten, serialize_with = "crate::path_text::file")]
    pub file: PathBuf,
    /// What kind of change it would be.
    pub kind: Kind,
    /// What would change, sensitive values redacted.
    pub changes: Vec<Note>,
    /// SHA-256 of the content that it was worked out on; `None` where there is no file.
    pub base: Option<Digest>,
    /// SHA-256 of the content that there would be.
    pub digest: Digest,
    /// The schema version that the document would have.
    pub version: Option<String>,
    /// Where the content would come from, where it is an earlier one.
    pub from: Option<String>,
    /// What would be told with it.
    pub notices: Vec<Notice>,
    /// The content that there is, or the one that there would be, is no valid document: no values could be compared.
    pub is_text_alone: bool,
    #[serde(skip)]
    bytes: Vec<u8>,
}

impl Preview {
    /// Whether there would be another content than there is.
    pub fn changes_content(&self) -> bool {
        self.base != Some(self.digest)
    }

    /// The content that there would be. It may hold secrets.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What there is to say of other content where no change of a value is listed.
    pub fn without_changes(&self) -> &'static str {
        match (self.is_text_alone, self.base) {
            (true, _) => {
                "the text differs; values not compared, since one side is not a valid document"
            }
            (false, None) => "a new file without values",
            (false, Some(_)) => "same values, different text",
        }
    }

    fn new(file: &ConfigFile, base: Option<Digest>, change: Change, notices: Vec<Notice>) -> Self {
        Preview {
            file: file.path.clone(),
            kind: change.kind,
            changes: change.changes,
            is_text_alone: change.is_text_alone,
            base,
            digest: change.digest,
            version: change.version,
            from: change.from,
            notices,
            bytes: change.bytes,
        }
    }
}

/// Without the content, which may hold secrets.
impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("file", &self.file)
            .field("kind", &self.kind)
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}

/// One line for each key that would change.
impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.changes.as_slice(), self.changes_content()) {
            ([], false) => writeln!(f, "no difference"),
            ([], true) => writeln!(f, "{}", self.without_changes()),
            (changes, _) => changes.iter().try_for_each(|note| writeln!(f, "{note}")),
        }
    }
}

impl ConfigFile {
    /// What [`edit`](Self::edit) would do. The change is checked as it would be there.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # std::fs::write(&path, "width = 1024\n")?;
    /// # use persist_core::{ConfigFile, Options};
    /// let file = ConfigFile::open(&path, Options::default())?;
    /// let preview = file.preview(|document| {
    ///     Ok(document.set(&"width".parse()?, 1280)?.warnings)
    /// })?;
    /// assert_eq!(preview.to_string(), "width: 1024 -> 1280\n");
    /// assert_eq!(std::fs::read_to_string(&path)?, "width = 1024\n");
    /// assert!(!file.state_dir().exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`edit`](Self::edit), but for what only writing meets.
    pub fn preview(
        &self,
        change: impl FnOnce(&mut Document) -> Result<Vec<Warning>, persist_format::Error>,
    ) -> Result<Preview, Error> {
        let (opened, look) = self.looked()?;
        let live = look.live.as_ref();
        let old = live.map(|live| self.document_in(live)).transpose()?;
        let (change, notices) = self.worked_out(old.as_ref(), change)?;
        let foretold = opened.foretold(&look, &change.secrets)?;
        let unchecked = change
            .unchecked
            .clone()
            .map(|why| Notice::Unchecked { why });
        let notices = foretold
            .into_iter()
            .chain(notices)
            .chain(unchecked)
            .collect();
        Ok(Preview::new(self, look.digest(), change, notices))
    }

    /// The document that [`edit`](Self::edit) would give to a change: the file's, or an empty one where there is no file. Refused where an edit
    /// is before it makes the change.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.toml");
    /// # use persist_core::{ConfigFile, Options};
    /// let file = ConfigFile::open(&path, Options::default())?;
    /// assert_eq!(file.document_to_edit()?.text(), "");
    /// assert!(file.document().is_err(), "there is no file");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`preview`](Self::preview), but for what the change meets.
    pub fn document_to_edit(&self) -> Result<Document, Error> {
        let (_, look) = self.looked()?;
        match &look.live {
            Some(live) => self.document_in(live),
            None => self.blank(),
        }
    }

    /// The same on a document that is in no file, as if it were in this one: its schema, checks and sensitive keys count. `None` is an
    /// empty one.
    ///
    /// # Errors
    /// As [`preview`](Self::preview).
    pub fn preview_on(
        &self,
        old: Option<&Document>,
        change: impl FnOnce(&mut Document) -> Result<Vec<Warning>, persist_format::Error>,
    ) -> Result<Preview, Error> {
        let (change, notices) = self.worked_out(old, change)?;
        let base = old.map(|old| digest(&old.bytes()));
        Ok(Preview::new(self, base, change, notices))
    }

    fn worked_out(
        &self,
        old: Option<&Document>,
        change: impl FnOnce(&mut Document) -> Result<Vec<Warning>, persist_format::Error>,
    ) -> Result<(Change, Vec<Notice>), Error> {
        let (mut wanted, kind) = match old {
            Some(old) => (old.clone(), Kind::Save),
            None => (self.blank()?, Kind::Create),
        };
        let warnings = change(&mut wanted).map_err(|e| self.invalid(e))?;
        let notices = losses::notices(&warnings);
        let change = self.change_to(kind, old, &wanted, None)?;
        Ok((change, notices))
    }

    /// What [`go`](Self::go) would do; or [`go_even_unparsable`](Self::go_even_unparsable), if it may leave text that is no document.
    ///
    /// # Errors
    /// As there, but for what only writing meets.
    pub fn preview_go(&self, to: HistoryMove, even_unparsable: bool) -> Result<Preview, Error> {
        self.require_steps(to)?;
        let (opened, look) = self.looked()?;
        let mut past = look.past();
        if let Some(adoption) = look.to_adopt() {
            past.noticed(u64::MAX, adoption.old);
        }
        let digest = look.digest();
        let aim = opened.aim(to, &past, digest.as_ref())?;
        let unparsable = Unparsable::taken(even_unparsable);
        let change = self.put(
            aim.kind,
            (&past, look.live.as_ref()),
            aim.bytes,
            aim.from,
            unparsable,
        )?;
        let notices = opened.foretold(&look, &change.secrets)?;
        Ok(Preview::new(self, digest, change, notices))
    }

    /// What [`restore`](Self::restore) would do; or [`restore_even_unparsable`](Self::restore_even_unparsable), if it may leave text that
    /// is no document.
    ///
    /// # Errors
    /// As there, but for what only writing meets.
    pub fn preview_restore(
        &self,
        what: impl Into<WhichBackup>,
        even_unparsable: bool,
    ) -> Result<Preview, Error> {
        self.refuse_unless_changeable()?;
        let opened = self.opened_whole()?;
        let look = opened.look().map_err(|e| self.explained(e))?;
        opened.refuse_strictly(&look)?;
        let what = what.into();
        let superseded = look.superseded().filter(|_| what.is_latest());
        let superseded = superseded
            .map(|digest| opened.mirror_of(&digest))
            .transpose()?;
        let (bytes, from) = match superseded.flatten() {
            Some(bytes) => (bytes, "the content saved last".to_owned()),
            None => opened.backup_of(&what)?,
        };
        let unparsable = Unparsable::taken(even_unparsable);
        let put = (&look.past(), look.live.as_ref());
        let change = self.put(Kind::Restore, put, bytes, from, unparsable)?;
        let notices = opened.foretold(&look, &change.secrets)?;
        Ok(Preview::new(self, look.digest(), change, notices))
    }

    /// The file as a save would find it, refused where that would refuse it.
    fn looked(&self) -> Result<(Opened<'_>, Observation), Error> {
        self.refuse_unless_changeable()?;
        let opened = self.opened_whole()?;
        let look = opened.look().map_err(|e| self.explained(e))?;
        if let Err(damage) = &look.verdict {
            return Err(Error::Damaged {
                file: self.path.clone(),
                damage: damage.clone(),
            });
        }
        opened.refuse_strictly(&look)?;
        Ok((opened, look))
    }
}
