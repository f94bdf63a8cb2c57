//! A value that becomes another: what both have keeps its part, as an edit that is made at once keeps its text.

use super::part::{Conflict, Content, Indices, Part, Spot};
use crate::align::align;
use crate::engine::{Arrival, Slot};
use crate::plan;
use crate::value::{Map, Value};

/// Gives what is there another value; what stays keeps its part.
pub(super) fn changed(spot: &mut Spot<'_>, new: Value) -> Result<(), Conflict> {
    let Some(part) = &mut spot.part else {
        *spot.value = new;
        return Ok(());
    };
    let before = spot
        .value
        .is_container()
        .then(|| (spot.value.clone(), part.clone()));
    let mut here = spot.here.clone();
    let done = adapt(spot.value, part, new, &mut here);
    if done.is_err()
        && let Some(before) = before
    {
        (*spot.value, **part) = before;
    }
    done
}

fn adapt(
    value: &mut Value,
    part: &mut Part,
    new: Value,
    here: &mut Indices,
) -> Result<(), Conflict> {
    if *value == new {
        return Ok(());
    }
    if matches!(part.content, Content::New) {
        *value = new;
        return Ok(());
    }
    let by_key = plan::addressable(value);
    match (&mut *value, new) {
        (Value::Tagged(old), Value::Tagged(new)) if old.tag == new.tag => {
            adapt(&mut old.value, part, new.value, here)
        }
        (Value::Map(_), Value::Map(new)) if by_key => adapt_map(value, part, &new, here),
        (Value::Sequence(_), Value::Sequence(new)) => adapt_items(value, part, new, here),
        (_, new) => {
            part.may_change(here)?;
            *value = new;
            part.content = Content::New;
            Ok(())
        }
    }
}

fn adapt_map(
    value: &mut Value,
    part: &mut Part,
    new: &Map,
    here: &mut Indices,
) -> Result<(), Conflict> {
    let Some(children) = part.children(value, here)? else {
        return Ok(());
    };
    let Value::Map(map) = value else {
        return Ok(());
    };
    for (index, ((key, old), part)) in map.iter_mut().zip(children.iter_mut()).enumerate() {
        if let Some(wanted) = new.get_key(key) {
            here.push(index);
            adapt(old, part, wanted.clone(), here)?;
            here.pop();
        }
    }
    let kept = map.keys().filter(|key| new.get_key(key).is_some()).count();
    if kept < map.len() || kept < new.len() {
        let (old, parts) = (std::mem::take(map), std::mem::take(children));
        let slots = plan::map_slots(&old, new);
        let mut old: Vec<_> = old.into_iter().zip(parts).map(Some).collect();
        for slot in slots {
            let kept = match slot {
                Slot::Old(index, _) => old[index].take(),
                Slot::New(Arrival { key, value, .. }) => key.map(|key| ((key, value), Part::NEW)),
            };
            if let Some(((key, value), part)) = kept {
                map.insert(key, value);
                children.push(part);
            }
        }
    }
    Ok(())
}

fn adapt_items(
    value: &mut Value,
    part: &mut Part,
    new: Vec<Value>,
    here: &mut Indices,
) -> Result<(), Conflict> {
    let Some(children) = part.children(value, here)? else {
        return Ok(());
    };
    let Value::Sequence(items) = value else {
        return Ok(());
    };
    let places = align(items, &new);
    let parts = std::mem::take(children);
    let mut old: Vec<_> = std::mem::take(items)
        .into_iter()
        .zip(parts)
        .map(Some)
        .collect();
    for (new, place) in new.into_iter().zip(places) {
        let kept = place.and_then(|index| Some((index, old[index].take()?)));
        let (item, part) = match kept {
            Some((index, (mut item, mut part))) => {
                here.push(index);
                adapt(&mut item, &mut part, new, here)?;
                here.pop();
                (item, part)
            }
            None => (new, Part::NEW),
        };
        items.push(item);
        children.push(part);
    }
    Ok(())
}
