//! A value that is edited in place, with what is known of the text of its parts.

use super::adapt::changed;
use super::ask::{Ask, What};
use super::part::{Conflict, Content, Indices, Part, Source, Spot};
use crate::document::edit::{nothing_at, renamed, taken};
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::value::Value;

/// A value and its parts, all in terms of the value before.
///
/// An edit goes down its path and changes what is there: it costs the length of the path and of the lists on it, not the document's.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) value: Value,
    pub(super) root: Part,
    /// The places that parts have come from, of those also that are gone again.
    pub(super) moved: Vec<Indices>,
}

/// Why an edit was not made. The stage is as it was.
pub(super) enum Trouble {
    /// It takes another stage.
    Conflict(Conflict),
    /// It can't be made.
    Error(Error),
}

impl Trouble {
    /// The same once the child at the place is back.
    fn beside(self, child: &[usize]) -> Self {
        match self {
            Self::Conflict(conflict) => Self::Conflict(conflict.beside(child)),
            error @ Self::Error(_) => error,
        }
    }
}

impl From<Conflict> for Trouble {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A child taken out of its container.
struct Taken {
    /// Where it was.
    here: Indices,
    key: Option<Value>,
    value: Value,
    /// As it was there.
    part: Part,
    /// The same value to be put elsewhere.
    away: Part,
}

impl Stage {
    /// Nothing changed.
    pub(super) fn of(value: Value) -> Self {
        Self {
            value,
            root: Part::same(0),
            moved: Vec::new(),
        }
    }

    /// A value that has no text.
    pub(super) fn unwritten(value: Value) -> Self {
        Self {
            root: Part::NEW,
            ..Self::of(value)
        }
    }

    pub(super) fn is_unchanged(&self) -> bool {
        matches!(self.root.content, Content::Same)
    }

    pub(super) fn make(&mut self, ask: &Ask) -> Result<(), Trouble> {
        let path = &ask.path;
        match &ask.what {
            What::Set(value) => self.set(path, value.clone()),
            What::Insert(value) => self.insert(path, value.clone()),
            What::Remove => self.remove(path),
            What::Rename(key) => self.rename(path, key),
            What::MoveTo(to) => self.move_to(path, to),
        }
    }

    /// What is at the path; `None` if there is nothing.
    pub(super) fn spot(&mut self, path: &[Segment]) -> Result<Option<Spot<'_>>, Conflict> {
        let mut spot = Spot::root(&mut self.value, &mut self.root);
        for segment in path {
            match spot.step(segment)? {
                Some(next) => spot = next,
                None => return Ok(None),
            }
        }
        Ok(Some(spot))
    }

    /// As [`Stage::spot`], by place.
    pub(super) fn spot_at(&mut self, place: &[usize]) -> Result<Option<Spot<'_>>, Conflict> {
        let mut spot = Spot::root(&mut self.value, &mut self.root);
        for index in place {
            match spot.child(*index)? {
                Some(next) => spot = next,
                None => return Ok(None),
            }
        }
        Ok(Some(spot))
    }

    fn set(&mut self, path: &KeyPath, new: Value) -> Result<(), Trouble> {
        let there = existing(&self.value, path);
        let is_there = there.len() == path.segments().len();
        let Some(mut spot) = self.spot(there)? else {
            return Err(nothing_at(&self.value, path).into());
        };
        if is_there {
            return Ok(changed(&mut spot, new)?);
        }
        // What grows by a child keeps the others; null, and what else has no children, is written anew.
        let grows = spot.value.is_container();
        match (grows, &spot.part) {
            (true, _) => spot.open()?,
            (false, Some(part)) => part.may_change(&spot.here)?,
            (false, None) => {}
        }
        self.value.set(path, new)?;
        if let Some(mut spot) = self.spot(there)? {
            if !grows && let Some(part) = spot.part {
                part.content = Content::New;
            } else if let Some(children) = spot.children()? {
                children.push(Part::NEW);
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &KeyPath, new: Value) -> Result<(), Trouble> {
        let Some((parent, last)) = path.split_last() else {
            return self.set(path, new);
        };
        let container = self.value.get(&parent).map(Value::untagged);
        if let Some(Value::Sequence(items)) = container {
            let index = item_index(last, items.len(), path)?;
            let put = self.put(&parent, index, (None, new), Part::NEW);
            return put.map_err(|(why, _)| why);
        }
        if self.value.get(path).is_some() {
            return Err(taken(path).into());
        }
        self.set(path, new)
    }

    fn remove(&mut self, path: &KeyPath) -> Result<(), Trouble> {
        let Some((parent, index)) = self.child(path) else {
            return Err(nothing_at(&self.value, path).into());
        };
        if let Some(mut spot) = self.spot(parent.segments())? {
            if let Some(children) = spot.children()? {
                children.remove(index);
            }
            spot.value.take_child(index);
        }
        Ok(())
    }

    /// The container of what is at a path, and which child it is.
    fn child(&self, path: &KeyPath) -> Option<(KeyPath, usize)> {
        let (parent, last) = path.split_last()?;
        let index = last.find_in(self.value.get(&parent)?)?;
        Some((parent, index))
    }

    fn rename(&mut self, path: &KeyPath, key: &str) -> Result<(), Trouble> {
        let Some(index) = renamed(&self.value, path, key)? else {
            return Ok(());
        };
        let parent = path.parent().unwrap_or_default();
        if let Some(mut spot) = self.spot(parent.segments())? {
            spot.open()?;
            if let Value::Map(map) = spot.value.untagged_mut() {
                map.rename_at(index, key.into());
            }
        }
        Ok(())
    }

    fn move_to(&mut self, from: &KeyPath, to: &KeyPath) -> Result<(), Trouble> {
        let Some((parent, index)) = self.child(from) else {
            return Err(nothing_at(&self.value, from).into());
        };
        let Taken {
            here,
            key,
            value,
            part,
            away,
        } = self.take(&parent, index)?;
        self.land(to, value, away).map_err(|(why, value)| {
            let back = self.put_back(&parent, index, (key, value), part);
            back.map_or_else(Trouble::from, |()| why.beside(&here))
        })
    }

    fn take(&mut self, parent: &KeyPath, index: usize) -> Result<Taken, Trouble> {
        let nothing = || Error::new(ErrorKind::Path, "nothing found").with_path(parent.clone());
        let mut spot = self.spot(parent.segments())?.ok_or_else(nothing)?;
        let (was, mut here) = (spot.was.clone(), spot.here.clone());
        here.push(index);
        let mut part = Part::NEW;
        let mut away = Part::NEW;
        if let Some(children) = spot.children()? {
            if let Some(place) = children[index].place(was.as_ref()) {
                if !matches!(children[index].content, Content::Same) {
                    return Err(Conflict::Changed(here).into());
                }
                away = Part {
                    source: Source::Moved(place),
                    content: Content::Same,
                };
            }
            part = children.remove(index);
        }
        let (key, value) = spot.value.take_child(index).ok_or_else(nothing)?;
        Ok(Taken {
            here,
            key,
            value,
            part,
            away,
        })
    }

    fn put_back(
        &mut self,
        parent: &KeyPath,
        index: usize,
        (key, value): (Option<Value>, Value),
        part: Part,
    ) -> Result<(), Conflict> {
        if let Some(mut spot) = self.spot(parent.segments())? {
            if let Some(children) = spot.children()? {
                children.insert(index, part);
            }
            spot.value.put_child(index, key, value);
        }
        Ok(())
    }

    /// Puts what was taken where it is to go, or gives it back.
    fn land(&mut self, to: &KeyPath, value: Value, part: Part) -> Result<(), (Trouble, Value)> {
        let container = to.parent().unwrap_or_default();
        let there = self.value.get(&container).map(Value::untagged);
        match (there, to.segments().last()) {
            (Some(Value::Sequence(items)), Some(last)) => match item_index(last, items.len(), to) {
                Ok(index) => self.put(&container, index, (None, value), part),
                Err(error) => Err((error.into(), value)),
            },
            (Some(Value::Map(map)), Some(Segment::Key(key))) if map.find(key).is_none() => {
                let index = map.len();
                self.put(&container, index, (Some(key.as_str().into()), value), part)
            }
            _ if self.value.get(to).is_some() => Err((taken(to).into(), value)),
            // A place in a container that is not there yet: it is made with what it is to hold.
            _ => self.set(to, value.clone()).map_err(|why| (why, value)),
        }
    }

    /// Puts a child into a container that is there, or gives it back.
    fn put(
        &mut self,
        container: &KeyPath,
        index: usize,
        (key, value): (Option<Value>, Value),
        mut part: Part,
    ) -> Result<(), (Trouble, Value)> {
        let spot = match self.spot(container.segments()) {
            Ok(Some(spot)) => Ok(spot),
            Ok(None) => Err(Trouble::Error(Error::new(ErrorKind::Path, "nothing found"))),
            Err(conflict) => Err(conflict.into()),
        };
        let mut spot = match spot {
            Ok(spot) => spot,
            Err(why) => return Err((why, value)),
        };
        let (was, here) = (spot.was.clone(), spot.here.clone());
        let mut came = None;
        match spot.children() {
            Err(conflict) => return Err((conflict.into(), value)),
            Ok(None) if matches!(part.source, Source::Moved(_)) => {
                return Err((Conflict::Unwritten(here).into(), value));
            }
            Ok(None) => {}
            Ok(Some(children)) => {
                if let Source::Moved(place) = &part.source {
                    // Back in its container, it has not moved.
                    match (place.split_last(), was) {
                        (Some((at, of)), Some(was)) if of == was => {
                            part.source = Source::Here(*at);
                        }
                        _ => came = Some(place.clone()),
                    }
                }
                children.insert(index, part);
            }
        }
        spot.value.put_child(index, key, value);
        self.moved.extend(came);
        Ok(())
    }
}

/// The steps of the path that lead to something.
fn existing<'p>(value: &Value, path: &'p KeyPath) -> &'p [Segment] {
    let mut here = value;
    for (depth, segment) in path.segments().iter().enumerate() {
        let next = segment.find_in(here).and_then(|index| here.child_at(index));
        match next {
            Some(next) => here = next,
            None => return &path.segments()[..depth],
        }
    }
    path.segments()
}

fn item_index(last: &Segment, len: usize, path: &KeyPath) -> Result<usize, Error> {
    last.index_in(len)
        .filter(|index| *index <= len)
        .ok_or_else(|| {
            let message = format!("there is no such place in an array of {len}");
            Error::new(ErrorKind::Path, message).with_path(path.clone())
        })
}
