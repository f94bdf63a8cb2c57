//! Edits that take more than one rewriting of the text: what moves is changed before or after, and needs a place that is written.

use super::ask::{Ask, What};
use super::part::{Conflict, Content, Indices, Part, Source};
use super::stage::{Stage, Trouble};
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::value::Value;

/// Values one after the other, each told by the parts of the one before, the first by those of the document.
///
/// One is enough unless something moves that changes too, or moves into what is not written yet: a text that moves is taken as it stands. What
/// stands in the way of a move is done in the stage before, where it still can be, so that many such moves take two rewritings and not two each.
#[derive(Clone, Debug)]
pub(super) struct Stages(Vec<Stage>);

/// How often the way is cleared for one edit.
const MOST_TURNS: usize = 8;

impl Stages {
    pub(super) fn of(value: Value) -> Self {
        Self(vec![Stage::of(value)])
    }

    /// The value as it is to be.
    pub(super) fn value(&self) -> Option<&Value> {
        self.0.last().map(|stage| &stage.value)
    }

    /// Those that change anything.
    pub(super) fn changes(&self) -> impl Iterator<Item = &Stage> {
        self.0.iter().filter(|stage| !stage.is_unchanged())
    }

    /// Makes an edit; `base` is the document's value.
    pub(super) fn make(&mut self, ask: &Ask, base: &Value) -> Result<(), Error> {
        for turn in 0.. {
            let Some(last) = self.0.last_mut() else { break };
            match last.make(ask) {
                Ok(()) => return Ok(()),
                Err(Trouble::Error(error)) => return Err(error),
                Err(Trouble::Conflict(_)) if turn > MOST_TURNS => break,
                Err(Trouble::Conflict(conflict)) => {
                    if self.made_before(&conflict, ask, base) {
                        return Ok(());
                    }
                    if !self.cleared(&conflict, base) {
                        let value = self.value().unwrap_or(base).clone();
                        self.0.push(Stage::of(value));
                    }
                }
            }
        }
        Err(
            Error::new(ErrorKind::Refused, "the edit conflicts with earlier ones")
                .with_path(ask.path.clone()),
        )
    }

    /// The last stage and the one before.
    fn last_two(&mut self, base: &Value) -> Option<(&mut Stage, &mut Stage)> {
        if self.0.len() == 1 {
            self.0.insert(0, Stage::of(base.clone()));
        }
        match self.0.as_mut_slice() {
            [.., before, last] => Some((before, last)),
            _ => None,
        }
    }

    /// Makes an edit of what moves at the place that it moves from. False if that can't be.
    fn made_before(&mut self, conflict: &Conflict, ask: &Ask, base: &Value) -> bool {
        let Conflict::Moved(here) = conflict else {
            return false;
        };
        let Some((before, last)) = self.last_two(base) else {
            return false;
        };
        let (way, rest) = match ask.path.segments().split_at_checked(here.len()) {
            Some((way, rest)) => (way, rest.to_vec()),
            None => return false,
        };
        let scattered = last.moved.clone();
        let Ok(Some(spot)) = last.spot(way) else {
            return false;
        };
        let (Some(part), true) = (spot.part, spot.here == *here) else {
            return false;
        };
        let Source::Moved(place) = part.source.clone() else {
            return false;
        };
        if scattered.iter().any(|moved| is_within(moved, &place)) {
            return false;
        }
        let at = |path: KeyPath| ask.at(path);
        let there = key_path(&before.value, &place)
            .map(|path| path.into_iter().chain(rest.iter().cloned()).collect());
        let (Some(there), Some(within)) = (there.and_then(at), at(rest.into())) else {
            return false;
        };
        let mut inner = Stage::unwritten(spot.value.clone());
        let done = inner.make(&within).is_ok() && before.make(&there).is_ok();
        if done {
            *spot.value = inner.value;
        }
        done
    }

    /// Does in the stage before what stands in the way. False if that can't be.
    fn cleared(&mut self, conflict: &Conflict, base: &Value) -> bool {
        let Some((before, last)) = self.last_two(base) else {
            return false;
        };
        let done = match conflict {
            Conflict::Unwritten(here) => write_map(before, last, here),
            Conflict::Changed(here) => change_in_place(before, last, here),
            Conflict::Moved(_) => Ok(false),
        };
        done.unwrap_or(false)
    }
}

/// Writes a new map in the stage before, so that something can move into it.
fn write_map(before: &mut Stage, last: &mut Stage, here: &[usize]) -> Result<bool, Conflict> {
    let Some((index, parent)) = here.split_last() else {
        return Ok(false);
    };
    let Some(mut spot) = last.spot_at(parent)? else {
        return Ok(false);
    };
    if spot.children()?.is_none() {
        // What is around is written with all that it holds.
        return write_map(before, last, parent);
    }
    let was = spot.was.clone();
    let entry = spot
        .value
        .untagged()
        .as_map()
        .and_then(|m| m.entry_at(*index));
    let (Some(was), Some((Value::String(key), value @ Value::Map(_)))) = (was, entry) else {
        return Ok(false);
    };
    let (key, value) = (key.clone(), value.clone());
    let part = spot.children()?.and_then(|parts| parts.get_mut(*index));
    let Some(part) = part.filter(|part| part.source == Source::New) else {
        return Ok(false);
    };
    let Some(path) = key_path(&before.value, &was) else {
        return Ok(false);
    };
    let Some(Value::Map(map)) = before.value.get(&path).map(Value::untagged) else {
        return Ok(false);
    };
    if map.find(&key).is_some() {
        return Ok(false);
    }
    let place = map.len();
    let written = Ask {
        path: path.child(&key),
        what: What::Set(value),
    };
    if before.make(&written).is_err() {
        return Ok(false);
    }
    *part = Part::same(place);
    Ok(true)
}

/// Makes the changes of what is to move in the stage before.
fn change_in_place(before: &mut Stage, last: &mut Stage, here: &[usize]) -> Result<bool, Conflict> {
    let scattered = last.moved.clone();
    let Some(spot) = last.spot_at(here)? else {
        return Ok(false);
    };
    let (Some(part), Some(was)) = (spot.part, spot.was) else {
        return Ok(false);
    };
    if scattered.iter().any(|moved| is_within(moved, &was)) || !part.is_settled() {
        return Ok(false);
    }
    let Some(path) = key_path(&before.value, &was) else {
        return Ok(false);
    };
    let Some(there) = before.spot(path.segments())? else {
        return Ok(false);
    };
    let Some(old) = there
        .part
        .filter(|old| matches!(old.content, Content::Same))
    else {
        return Ok(false);
    };
    old.may_change(&there.here)?;
    *there.value = spot.value.clone();
    old.content = std::mem::replace(&mut part.content, Content::Same);
    Ok(true)
}

fn is_within(inner: &Indices, outer: &Indices) -> bool {
    inner.len() > outer.len() && inner.starts_with(outer)
}

/// A place as a path; `None` if a key on the way can't be said in one.
pub(super) fn key_path(value: &Value, place: &[usize]) -> Option<KeyPath> {
    let mut value = value;
    let mut path = KeyPath::root();
    for index in place {
        let segment = Segment::of_child(value, *index);
        if segment.find_in(value) != Some(*index) {
            return None;
        }
        value = value.child_at(*index)?;
        path.push(segment);
    }
    Some(path)
}
