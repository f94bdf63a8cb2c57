//! What a save refuses before it writes anything.

use persist_backup::retention::Mark;
use persist_format::{Document, Format, KeyPath};

use super::ConfigFile;
use crate::error::{Error, VersionTrouble};

impl ConfigFile {
    /// What a save would refuse before it writes anything.
    pub(super) fn refuse_unsound(
        &self,
        old: Option<&Document>,
        wanted: &Document,
    ) -> Result<(), Error> {
        self.refuse_unchosen(old, wanted)?;
        let old = old.map(|old| old.chosen_like(wanted));
        self.check_version(old.as_ref(), wanted)?;
        self.check(old.as_ref(), wanted).map(drop)
    }

    /// Of several documents one must have been chosen, by the options or by the caller, before anything is written.
    pub(super) fn refuse_unchosen(
        &self,
        old: Option<&Document>,
        wanted: &Document,
    ) -> Result<(), Error> {
        let Some(old) = old.filter(|old| old.text() != wanted.text() && !wanted.is_chosen()) else {
            return Ok(());
        };
        // It is to be chosen among those of the file, unless that has no others.
        let there = match old.documents() {
            1 => wanted,
            _ => old,
        };
        Err(self.one_of(there, there.unchosen()))
    }

    /// A file of a newer version is not changed by guesswork, and none loses a known version or gets an unknown one: nobody could say any more what
    /// it must hold. Another label is no migration: all keys would stay those of the version before. A file without a known version may get one.
    pub(super) fn check_version(
        &self,
        old: Option<&Document>,
        wanted: &Document,
    ) -> Result<(), Error> {
        let versioned = self.options.graph.is_some() || self.options.manifest.is_some();
        if !versioned {
            return Ok(());
        }
        let graph = self.graph()?;
        let known = |document| self.known_version(document, &graph);
        let is_newer = |what: &VersionTrouble| matches!(what, VersionTrouble::Newer { .. });
        let was = match old.map(known) {
            Some(Err(error)) if is(&error, is_newer) => return Err(error),
            was => was,
        };
        let stamp = self.version_text(wanted);
        if old.is_some_and(|old| self.version_text(old) == stamp) {
            return Ok(()); // one that was wrong before doesn't stand in the way of changing something else
        }
        let what = match (was, known(wanted)) {
            (Some(Ok(is)), Ok(meant)) if is != meant => VersionTrouble::Relabelled { is, meant },
            (Some(Ok(_)), Err(_)) => VersionTrouble::NoSetting {
                key: self.options.version_path().to_string(),
            },
            (_, Err(error)) if stamp.is_some() => return Err(error),
            _ => return Ok(()),
        };
        Err(Error::Version {
            file: self.path.clone(),
            what,
        })
    }

    /// Has a second parser read the new text where none has, and holds it against schema and application.
    pub(super) fn check(&self, old: Option<&Document>, wanted: &Document) -> Result<Mark, Error> {
        let is_new = old.is_none_or(|old| old.text() != wanted.text());
        if self.is_read_alike(wanted) {
            if is_new {
                wanted.check().map_err(|e| self.invalid(e))?;
            }
        } else {
            let again = self.parse_stream(&wanted.bytes())?.chosen_like(wanted);
            if again.value() != wanted.value() {
                return Err(self.refused("its text would not be read back as intended".into()));
            }
            again.check().map_err(|e| self.invalid(e))?;
        }
        let violations = self.violations(wanted)?;
        let valid = violations.is_empty();
        if !valid {
            let known = old.map_or(Ok(Vec::new()), |old| self.violations(old))?;
            // Another value that is no better is not what was there. What is wrong with a map or a list may be one part of it.
            let is_left = |path: &KeyPath| {
                let new = wanted.get(path).filter(|value| !value.is_container());
                new.is_none() || old.is_none_or(|old| old.get(path) == new)
            };
            let same = |v: &persist_format::schema::Violation| {
                let is_it = |k: &persist_format::schema::Violation| {
                    k.path == v.path && k.message == v.message
                };
                known.iter().any(is_it) && is_left(&v.path)
            };
            // What was wrong before doesn't stand in the way of changing something else.
            let mut fresh: Vec<_> = violations.into_iter().filter(|v| !same(v)).collect();
            if is_new {
                // The lines of a text that is in no file say nothing to anybody.
                let in_file = |path| old.and_then(|old| old.location(path));
                fresh.iter_mut().for_each(|v| v.location = in_file(&v.path));
            }
            if !fresh.is_empty() {
                return Err(Error::Schema {
                    file: self.path.clone(),
                    violations: fresh,
                });
            }
        }
        let check = self.options.check.as_ref();
        check
            .map_or(Ok(()), |check| check(wanted))
            .map_err(|e| self.refused(e))?;
        let judged = check.is_some() || self.has_schema(wanted);
        Ok(match valid && judged {
            true => Mark::Checked,
            false => Mark::Parsed,
        })
    }

    /// Whether this file's text would be read as that document was: in its format, and within the same limits.
    fn is_read_alike(&self, wanted: &Document) -> bool {
        // Where only the content tells the format, another content may tell another.
        let named = self.options.format;
        let format = named.or_else(|| Format::from_path(self.live()));
        // A `.json` is read as JSONC where it is not JSON.
        let alike = match wanted.format() {
            Format::Jsonc if self.options.format.is_none() => {
                matches!(format, Some(Format::Json | Format::Jsonc))
            }
            wanted => format == Some(wanted),
        };
        alike && *wanted.limits() == self.options.limits
    }

    /// The document that reading its bytes would give, where that is known: without its last comment a JSONC document in a `.json` is JSON.
    pub(super) fn read_as(&self, wanted: &Document) -> Option<Document> {
        let sure = wanted.format() != Format::Jsonc
            || self.options.format == Some(Format::Jsonc)
            || Format::from_path(self.live()) == Some(Format::Jsonc)
            || wanted.comments().next().is_some();
        (sure && self.is_read_alike(wanted)).then(|| wanted.clone())
    }

    fn refused(&self, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        Error::Refused {
            file: self.path.clone(),
            source,
        }
    }
}

fn is(error: &Error, trouble: impl Fn(&VersionTrouble) -> bool) -> bool {
    matches!(error, Error::Version { what, .. } if trouble(what))
}
