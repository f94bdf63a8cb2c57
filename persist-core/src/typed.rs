//! Settings of a type in a document, both ways: read with defaults behind it, written so that reading gives back what was asked
//! for. Pure.

mod merged;
mod terms;
mod writing;

use persist_format::{Document, KeyPath, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::differing::{ReadSettings, differing};
use crate::rebase::rebase_changes;
use crate::sets::Asked;
pub(crate) use terms::{Trouble, Typed, Written};

use terms::Read;
use writing::{Writing, first_missing, unknown_beside};

/// Whether there are no settings: an empty file is null in YAML, a table without keys in TOML.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.is_empty(),
        other => other.is_null(),
    }
}

impl Typed<'_> {
    /// What is asked for by changing settings from `before` to `after`, without what is never written.
    pub(crate) fn asked<T: Serialize + DeserializeOwned>(
        &self,
        before: Value,
        after: Value,
    ) -> Asked {
        let again = |tree: &Value| self.tree(self.defaults.fill::<T>(tree).ok()?).ok();
        let [before, after] = [before, after].map(self.without_excluded);
        Asked::new(before, after, again)
    }

    fn tree<T: Serialize>(&self, settings: T) -> Read {
        Ok((self.without_excluded)(persist_format::to_value(
            &settings,
        )?))
    }

    /// Writes to `document` what differs between the settings as loaded and as wanted. An empty one gets all of them, and
    /// the schema version.
    pub(crate) fn write<T: Serialize + DeserializeOwned>(
        &self,
        document: &mut Document,
        asked: &Asked,
    ) -> Result<Written, Trouble> {
        let read = |document: &Document| self.tree(document.deserialize_with::<T>(self.defaults)?);
        let Asked { before, after } = asked;
        if let Some((path, _)) = &self.stamp
            && before.get(path) != after.get(path)
        {
            return Err(Trouble::Version(path.clone()));
        }
        match self.at_once(document, before, after, &read) {
            Err(Trouble::Format(error)) => {
                let in_steps = self.in_steps(document, before, after, &read);
                in_steps.ok_or(Trouble::Format(error))
            }
            done => done,
        }
    }

    fn at_once(
        &self,
        document: &mut Document,
        before: &Value,
        after: &Value,
        read: &dyn Fn(&Document) -> Read,
    ) -> Result<Written, Trouble> {
        let (wanted, lost) = self.laid_over(document.value(), before, after)?;
        let writing = Writing {
            typed: self,
            original: document,
            before,
            after,
            read,
        };
        let (written, warnings) = writing.settled(wanted)?;
        *document = written;
        Ok(Written { warnings, lost })
    }

    /// Settings that may stand under aliases one after another, and then the rest: as long as one of them is there twice nothing can be
    /// read, and the others can't be told to be right.
    fn in_steps(
        &self,
        document: &mut Document,
        before: &Value,
        after: &Value,
        read: &dyn Fn(&Document) -> Read,
    ) -> Option<Written> {
        let original = ReadSettings::new(document.value(), before);
        let mut changed = differing(original, after, original);
        changed.retain(|path| {
            let missing = first_missing(document.value(), path);
            let none = document.get(path).is_none();
            none && !unknown_beside(document.value(), before, after, &missing).is_empty()
        });
        if changed.len() < 2 {
            return None;
        }
        let mut all = Written {
            warnings: Vec::new(),
            lost: Vec::new(),
        };
        let mut stepped = document.clone();
        let mut now = before.clone();
        let mut next = before.clone();
        for path in changed.into_iter().map(Some).chain([None]) {
            match path {
                Some(path) => match after.get(&path) {
                    Some(value) => drop(next.set(&path, value.clone()).ok()?),
                    None => drop(next.remove(&path)),
                },
                None => next.clone_from(after),
            }
            let written = self.at_once(&mut stepped, &now, &next, read).ok()?;
            all.warnings.extend(written.warnings);
            all.lost.extend(written.lost);
            now.clone_from(&next);
        }
        let found = read(&stepped).ok()?;
        let last = ReadSettings::new(stepped.value(), &found);
        self.wrong(original, after, last).is_empty().then(|| {
            *document = stepped;
            all
        })
    }

    /// Whether what is there need not read back as it was written.
    fn is_free(&self, path: &KeyPath) -> bool {
        self.free().any(|free| path.starts_with(free))
    }

    fn free(&self) -> impl Iterator<Item = &KeyPath> {
        let stamp = self.stamp.as_ref().map(|(path, _)| path);
        self.unchecked.iter().chain(stamp)
    }

    fn laid_over(
        &self,
        there: &Value,
        before: &Value,
        after: &Value,
    ) -> Result<(Value, Vec<KeyPath>), Trouble> {
        if !is_empty(there) {
            let mut wanted = there.clone();
            let lost = rebase_changes(&mut wanted, before, after);
            return Ok((wanted, lost));
        }
        let mut wanted = after.clone();
        if let Some((path, version)) = &self.stamp {
            wanted.set(path, version.clone())?;
        }
        Ok((wanted, Vec::new()))
    }
}

#[cfg(test)]
mod tests;
