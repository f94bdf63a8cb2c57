//! Reading without a lock: replacement is atomic, so what is read is one whole version.

use persist_backup::Digest;
use persist_format::{Choice, Document, Value};

use super::ConfigFile;
use crate::error::Error;
use crate::note::{ChangeNotes, Note};
use crate::sensitive::beside;

/// A document as it was in the file at one moment: the base of a compare-and-swap.
#[derive(Clone)]
pub struct Reading {
    document: Option<Document>,
    digest: Option<Digest>,
    condition: Condition,
}

/// Without the content, which may hold secrets.
impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("digest", &self.digest)
            .field("condition", &self.condition)
            .finish_non_exhaustive()
    }
}

/// How the file's content relates to what the journal knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Condition {
    /// There is no file, and there never was one.
    Absent,
    /// There is a file, and no journal about it yet.
    Unmanaged,
    /// The content is that of the last save.
    Clean,
    /// Something else changed the file since the last save.
    ChangedOutside,
    /// The content was saved here, but the journal's record of it is damaged or missing.
    Unrecorded,
    /// The state folder was written by a newer persist, so the last save is not known. This version can't change the file.
    NewerState,
    /// There is a file, and a state folder that this user may not enter: the last save is not known.
    Unverified,
}

impl Reading {
    /// Of a file that holds what was saved last.
    pub(super) fn clean(document: Document, digest: Digest) -> Reading {
        Reading {
            document: Some(document),
            digest: Some(digest),
            condition: Condition::Clean,
        }
    }

    /// The document; `None` where there is no file yet.
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// SHA-256 of the file's bytes.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// How it relates to the journal.
    pub fn condition(&self) -> Condition {
        self.condition
    }
}

impl ConfigFile {
    /// Reads the file. Writes nothing, takes no lock and needs no permission to write. Who may not enter the state folder
    /// reads what is there: [`Condition::Unverified`].
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Invalid`] where the text is no valid document, [`Error::Io`].
    #[tracing::instrument(level = "debug", skip_all, fields(file = %self.path.display()))]
    pub fn read(&self) -> Result<Reading, Error> {
        if let Some(reading) = self.at_a_glance() {
            return Ok(reading);
        }
        let opened = self.opened()?;
        let look = opened.look().map_err(|e| self.explained(e))?;
        self.remember_calm(&opened, &look);
        let condition = look.verdict.map_err(|damage| Error::Damaged {
            file: self.path.clone(),
            damage,
        })?;
        let document = look
            .live
            .as_ref()
            .map(|l| self.document_in(l))
            .transpose()?;
        Ok(Reading {
            document,
            digest: look.live.map(|l| l.digest),
            condition,
        })
    }

    /// Whether there is a file.
    ///
    /// # Errors
    /// [`Error::Lock`], [`Error::Io`] where its folder can't be looked into.
    pub fn exists(&self) -> Result<bool, Error> {
        Ok(self.opened()?.read_live()?.is_some())
    }

    /// The document in the file.
    ///
    /// # Errors
    /// As [`ConfigFile::read`], and [`Error::NotFound`] where there is no file.
    pub fn document(&self) -> Result<Document, Error> {
        let document = self.read()?.document;
        document.ok_or_else(|| Error::NotFound {
            file: self.path.clone(),
            what: "there is no such file".into(),
        })
    }

    /// Bytes as a document in this file's format: a backup's, say.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn document_of(&self, bytes: &[u8]) -> Result<Document, Error> {
        self.parse(bytes)
    }

    /// What changed from `old` to `new`, key by key, sensitive values redacted. Of a stream of several documents it is the one that was chosen
    /// in `new`, or all of them where none was. What was sensitive on one side is so on the other, wherever it has gone.
    pub fn notes(&self, old: &Document, new: &Document) -> Vec<Note> {
        if !(new.is_chosen() && old.is_chosen()) {
            return self.document_notes(Some(old), new).notes;
        }
        let others: Vec<Document> = [old, new].into_iter().flat_map(beside).collect();
        let others: Vec<&Value> = others.iter().map(Document::value).collect();
        let pair = [old.value(), new.value()];
        let told = ChangeNotes::of_all(&[pair], &others, &self.sensitive());
        told.into_iter().flat_map(|told| told.notes).collect()
    }

    /// The same of all documents, from none where there was no file.
    pub(super) fn document_notes(&self, old: Option<&Document>, new: &Document) -> ChangeNotes {
        let empty = Value::Map(persist_format::Map::new());
        let count = new.documents().max(old.map_or(1, Document::documents));
        if count == 1 {
            let old = old.map_or(&empty, Document::value);
            return ChangeNotes::of(old, new.value(), &self.sensitive());
        }
        let chosen = |document: &Document, number| document.choose(&Choice::Number(number)).ok();
        let documents = (1..=count).map(|number| {
            let old = old.and_then(|old| chosen(old, number));
            [old, chosen(new, number)]
        });
        let documents: Vec<[Option<Document>; 2]> = documents.collect();
        let pairs = documents.iter().map(|pair| {
            let sides = pair.each_ref();
            sides.map(|document| document.as_ref().map_or(&empty, Document::value))
        });
        let pairs: Vec<[&Value; 2]> = pairs.collect();
        let mut all = ChangeNotes::default();
        let told = ChangeNotes::of_all(&pairs, &[], &self.sensitive());
        for (number, told) in (1..).zip(told) {
            all.secrets.extend(told.secrets);
            all.notes.extend(told.notes.into_iter().map(|note| Note {
                doc: Some(number),
                ..note
            }));
        }
        all
    }
}
