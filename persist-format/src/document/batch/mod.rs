//! Several edits as one: the text is rewritten, read and checked once, whatever their number.

mod adapt;
mod ask;
mod part;
mod plan;
mod spell;
mod stage;
mod stages;

use super::apply::Splicing;
use super::content::Content;
use super::edit::{self, into_itself, taken};
use super::spelling::{Spelled, settled};
use super::{Document, Edit, Extent, OnAlias};
use crate::convert::{self, Loss, Warning};
use crate::engine::Op;
use crate::error::Error;
use crate::path::{KeyPath, Segment};
use crate::reading::Reading;
use crate::tree::{Node, Origin};
use crate::value::{Map, Value};

use ask::{Ask, What};
use stages::Stages;

/// Edits of a document that are being collected: [`Document::edit`] gives one, [`Edits::finish`] makes a document of it.
///
/// Values are as if each edit were made at once: [`Edits::get`] sees them, and the next one starts from there. The text is made at the end, and each value
/// that was there before keeps its text, wherever it has gone. Where that can't be done for all together, it is done for as many as can be, down to one after
/// the other.
///
/// ```
/// use persist_format::{Document, Format};
///
/// let mut doc = Document::parse(b"port = 80 # of the proxy\nname = 'a'\n", Format::Toml)?;
/// let edit = doc.edit(|edits| {
///     edits.set(&"port".parse()?, 8080)?;
///     edits.rename(&"name".parse()?, "host")
/// })?;
/// assert!(edit.changed());
/// assert_eq!(doc.text(), "port = 8080 # of the proxy\nhost = 'a'\n");
/// # Ok::<(), persist_format::Error>(())
/// ```
#[derive(Clone)]
pub struct Edits {
    /// As it was, or where aliases are followed: as it is.
    document: Document,
    stages: Option<Stages>,
    asked: Vec<Ask>,
    /// What is to be spelled in the text that is made.
    spelled: Vec<Spelled>,
    done: Edit,
    /// The integers that the document had before, of those that [`Loss::LargeInteger`] warns of.
    large: Vec<(Warning, Value)>,
}

impl Document {
    /// Makes several edits as one. The document is as it was if one of them fails.
    ///
    /// # Errors
    ///
    /// What the closure returned, and what its edits could not be made for, as [`Document::set`] and the others say.
    pub fn edit(
        &mut self,
        edits: impl FnOnce(&mut Edits) -> Result<(), Error>,
    ) -> Result<Edit, Error> {
        let mut batch = Edits::new(self.clone());
        edits(&mut batch)?;
        let (document, edit) = batch.finish()?;
        *self = document;
        Ok(edit)
    }
}

impl Edits {
    /// No edits yet.
    #[must_use]
    pub fn new(document: Document) -> Self {
        Self {
            large: convert::large_integers(document.value(), document.format()),
            document,
            stages: None,
            asked: Vec::new(),
            spelled: Vec::new(),
            done: Edit::unchanged(),
        }
    }

    /// The value as the edits have made it.
    #[must_use]
    pub fn value(&self) -> &Value {
        let pending = self.stages.as_ref().and_then(Stages::value);
        pending.unwrap_or_else(|| self.document.value())
    }

    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &KeyPath) -> Option<&Value> {
        self.value().get(path)
    }

    /// The document without the edits (but with those that aliases were followed for, and up to the last that moved what was spelled).
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty() && !self.done.changed()
    }

    /// As [`Document::set`].
    ///
    /// # Errors
    ///
    /// As there, but for what only the text can tell: [`Edits::finish`] does.
    pub fn set(&mut self, path: &KeyPath, value: impl Into<Value>) -> Result<(), Error> {
        match self.fitted(path, value.into())? {
            Some(value) => self.ask(path, What::Set(value)),
            None => self.leave_out(path),
        }
    }

    /// As [`Document::insert`].
    ///
    /// # Errors
    ///
    /// As [`Edits::set`].
    pub fn insert(&mut self, path: &KeyPath, value: impl Into<Value>) -> Result<(), Error> {
        match self.fitted(path, value.into())? {
            Some(value) => self.ask(path, What::Insert(value)),
            None if self.get(path).is_some() => Err(taken(path)),
            None => self.leave_out(path),
        }
    }

    /// As [`Document::remove`].
    ///
    /// # Errors
    ///
    /// As [`Edits::set`].
    pub fn remove(&mut self, path: &KeyPath) -> Result<(), Error> {
        self.ask(path, What::Remove)
    }

    /// As [`Document::rename`].
    ///
    /// # Errors
    ///
    /// As [`Edits::set`].
    pub fn rename(&mut self, path: &KeyPath, key: &str) -> Result<(), Error> {
        self.ask(path, What::Rename(key.to_owned()))
    }

    /// As [`Document::move_to`].
    ///
    /// # Errors
    ///
    /// As [`Edits::set`].
    pub fn move_to(&mut self, from: &KeyPath, to: &KeyPath) -> Result<(), Error> {
        if from == to {
            return Ok(());
        }
        if to.starts_with(from) {
            return Err(into_itself(to));
        }
        if to.is_root() {
            return Err(taken(to));
        }
        if let Some(key) = edit::stays_in_its_map(self.value(), from, to)? {
            return self.rename(from, key);
        }
        if let Some(map) = edit::map_to_make(self.value(), from, to) {
            self.set(&map, Map::new())?;
        }
        self.ask(from, What::MoveTo(to.clone()))
    }

    /// Makes a document of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if an edit can't be made in the text without loss.
    pub fn finish(self) -> Result<(Document, Edit), Error> {
        let (document, extent) = self.made(true)?;
        let mut edit = self.done;
        edit.extent = edit.extent.max(extent);
        if !self.asked.is_empty() || edit.changed() {
            let now = convert::large_integers(document.value(), document.format());
            edit.warnings.extend(convert::new_integers(self.large, now));
        }
        Ok((document, edit))
    }

    /// As [`Edits::finish`], and the edits may go on; without the second parser: [`Document::check`] is for that.
    ///
    /// # Errors
    ///
    /// As [`Edits::finish`].
    pub fn draft(&self) -> Result<Document, Error> {
        self.made(false).map(|(document, _)| document)
    }

    fn made(&self, check: bool) -> Result<(Document, Extent), Error> {
        let Some(stages) = &self.stages else {
            return Ok((self.document.clone(), Extent::Unchanged));
        };
        let together = match self.asked.as_slice() {
            [_] => None,
            _ => together(&self.document, stages, check),
        };
        let made = together.map_or_else(|| divided(&self.document, &self.asked), Ok);
        let (mut document, extent) = made?;
        let spelled = document.respell_most(&self.spelled)?;
        Ok((document, extent.max(spelled)))
    }

    /// Makes the edits so far in the text, if spellings are to be put in at places that the next one may move.
    fn settle_before(&mut self, ask: &Ask) -> Result<(), Error> {
        if self.spelled.is_empty() {
            return Ok(());
        }
        if matches!(ask.what, What::Set(_)) {
            let place = settled(self.value(), &ask.path);
            self.spelled.retain(|spelled| !spelled.is_touched(&place));
            return Ok(());
        }
        let (document, extent) = self.made(true)?;
        self.document = document;
        self.stages = None;
        self.asked.clear();
        self.spelled.clear();
        self.done.extent = self.done.extent.max(extent);
        Ok(())
    }

    fn warn(&mut self, mut warnings: Vec<Warning>) {
        warnings.retain(|warning| warning.loss != Loss::LargeInteger); // told of at the end
        self.done.warnings.extend(warnings);
    }

    fn ask(&mut self, path: &KeyPath, what: What) -> Result<(), Error> {
        let path = path.clone();
        let ask = Ask { path, what };
        if self.is_direct() {
            let edit = self.document.make(&ask)?;
            self.done.extent = self.done.extent.max(edit.extent);
            self.warn(edit.warnings);
            return Ok(());
        }
        self.settle_before(&ask)?;
        let value = self.document.value();
        let stages = self.stages.get_or_insert_with(|| Stages::of(value.clone()));
        stages.make(&ask, value)?;
        self.asked.push(ask);
        Ok(())
    }

    /// What an edit changes beyond its place is known when it is made.
    fn is_direct(&self) -> bool {
        self.document.on_alias == OnAlias::Follow && repeats(&self.document.tree().node)
    }

    /// The value as the format has it; `None` for a null that it leaves out.
    fn fitted(&mut self, path: &KeyPath, value: Value) -> Result<Option<Value>, Error> {
        let format = self.document.format();
        if !format.vocabulary().null && value.is_null() && !path.is_root() {
            return Ok(None);
        }
        let (fitted, warnings) = convert::fitted_at(value, path, format)?;
        self.warn(warnings);
        Ok(Some(fitted))
    }

    /// What a null in a map is where there are none: the entry is gone.
    fn leave_out(&mut self, path: &KeyPath) -> Result<(), Error> {
        let parent = path.parent().unwrap_or_default();
        match self.get(&parent).map(Value::untagged) {
            Some(Value::Map(_)) if self.get(path).is_some() => self.remove(path)?,
            Some(Value::Map(_)) => {}
            None if matches!(path.segments().last(), Some(Segment::Key(_))) => {
                self.set(&parent, Map::new())?;
            }
            _ => {
                drop(convert::fitted_at(
                    Value::Null,
                    path,
                    self.document.format(),
                )?);
                return self.ask(path, What::Set(Value::Null));
            }
        }
        self.done.warnings.push(Warning {
            path: path.clone(),
            loss: Loss::NullDropped,
        });
        Ok(())
    }
}

impl std::fmt::Debug for Edits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edits")
            .field("document", &self.document)
            .field("edits", &self.asked.len())
            .finish_non_exhaustive()
    }
}

impl Document {
    fn make(&mut self, ask: &Ask) -> Result<Edit, Error> {
        let path = &ask.path;
        match &ask.what {
            What::Set(value) => self.set(path, value.clone()),
            What::Insert(value) => self.insert(path, value.clone()),
            What::Remove => self.remove(path),
            What::Rename(key) => self.rename(path, key),
            What::MoveTo(to) => self.move_to(path, to),
        }
    }
}

impl Document {
    /// The text that says `meant`, by operations on what says `planned`; in one go if that can be.
    fn staged(&self, ops: &[Op], planned: &Value, meant: &Value) -> Option<Reading> {
        [true, false].into_iter().find_map(|touching| {
            let how = Splicing {
                touching,
                ..Splicing::of(planned)
            };
            let made = self.spliced(ops, &how).ok()?;
            self.says(&made, meant).is_ok().then_some(made)
        })
    }
}

/// The document rewritten once for each stage, if that says what is meant.
fn together(old: &Document, stages: &Stages, check: bool) -> Option<(Document, Extent)> {
    let mut document = old.clone();
    let mut value = old.value();
    let mut extent = Extent::Unchanged;
    for stage in stages.changes() {
        let ops = plan::operations(stage, value)?;
        if !ops.is_empty() {
            let made = document.staged(&ops, value, &stage.value)?;
            document.content = Content::read(made);
            extent = Extent::Splice;
        }
        value = &stage.value;
    }
    let is_right = document.value() == value && (!check || document.check().is_ok());
    is_right.then_some((document, extent))
}

/// The edits in two halves, each as one if that can be.
fn divided(old: &Document, asked: &[Ask]) -> Result<(Document, Extent), Error> {
    let mut document = old.clone();
    match asked {
        [] => return Ok((document, Extent::Unchanged)),
        [ask] => {
            let edit = document.make(ask)?;
            return Ok((document, edit.extent));
        }
        _ => {}
    }
    let mut extent = Extent::Unchanged;
    let (first, second) = asked.split_at(asked.len() / 2);
    for half in [first, second] {
        let mut stages = Stages::of(document.value().clone());
        let value = document.value();
        let staged = half.iter().try_for_each(|ask| stages.make(ask, value));
        let done = match (staged, half) {
            (Ok(()), [_, _, ..]) => together(&document, &stages, true),
            _ => None,
        };
        let (made, how) = done.map_or_else(|| divided(&document, half), Ok)?;
        (document, extent) = (made, extent.max(how));
    }
    Ok((document, extent))
}

/// True if the text of one value stands for another as well.
fn repeats(node: &Node) -> bool {
    !matches!(node.origin, Origin::Own) || node.children.iter().any(repeats)
}
