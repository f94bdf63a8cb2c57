//! [`Tree`] for [`serde_json::Value`].

use std::borrow::Cow;

use serde_json::Value;

use super::{Tree, TreeError, kind};
use crate::path::{Path, Step};

fn child<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(step.key()?.as_ref()),
        Value::Array(items) => items.get(step.index()?),
        _ => None,
    }
}

fn child_mut<'a>(value: &'a mut Value, step: &Step) -> Option<&'a mut Value> {
    match value {
        Value::Object(map) => map.get_mut(step.key()?.as_ref()),
        Value::Array(items) => items.get_mut(step.index()?),
        _ => None,
    }
}

fn at<'a>(root: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(root, child)
}

fn at_mut<'a>(root: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(root, child_mut)
}

/// The container of `path` and the step in it.
fn container<'a, 'p>(
    root: &'a mut Value,
    path: &'p Path,
) -> Result<(&'a mut Value, &'p Step), TreeError> {
    let (last, rest) = path.steps().split_last().ok_or(TreeError::Root)?;
    let parent = at_mut(root, rest).ok_or_else(|| TreeError::Missing {
        path: Path::from(rest.to_vec()),
    })?;
    Ok((parent, last))
}

fn no_container(path: &Path, value: &Value) -> TreeError {
    TreeError::NoContainer {
        path: path.parent().unwrap_or_default(),
        found: kind(value),
    }
}

impl Tree for Value {
    type Node = Self;

    fn get(&self, path: &Path) -> Option<Self> {
        at(self, path.steps()).cloned()
    }

    fn set(&mut self, path: &Path, node: Self) -> Result<(), TreeError> {
        if path.is_pattern() {
            return Err(TreeError::Pattern { path: path.clone() });
        }
        if path.is_root() {
            *self = node;
            return Ok(());
        }
        match container(self, path)? {
            (Self::Object(map), step) => {
                map.insert(step.key().unwrap_or_default().into_owned(), node);
                Ok(())
            }
            (Self::Array(items), Step::Index(index)) if *index < items.len() => {
                items[*index] = node;
                Ok(())
            }
            (Self::Array(items), Step::Index(index)) if *index == items.len() => {
                items.push(node);
                Ok(())
            }
            (other, _) => Err(no_container(path, other)),
        }
    }

    fn remove(&mut self, path: &Path) -> Result<Option<Self>, TreeError> {
        let (last, rest) = path.steps().split_last().ok_or(TreeError::Root)?;
        Ok(match (at_mut(self, rest), last) {
            (Some(Self::Object(map)), step) => step.key().and_then(|key| map.remove(key.as_ref())),
            (Some(Self::Array(items)), Step::Index(index)) if *index < items.len() => {
                Some(items.remove(*index))
            }
            _ => None,
        })
    }

    fn rename(&mut self, path: &Path, key: &str) -> Result<(), TreeError> {
        let missing = || TreeError::Missing { path: path.clone() };
        match container(self, path)? {
            (Self::Object(_), step) if step.key().as_deref() == Some(key) => Ok(()),
            (Self::Object(map), _) if map.contains_key(key) => Err(TreeError::Taken {
                path: path.parent().unwrap_or_default().child(key),
            }),
            (Self::Object(map), step) => {
                let value = step
                    .key()
                    .and_then(|old| map.remove(old.as_ref()))
                    .ok_or_else(missing)?;
                map.insert(key.to_owned(), value);
                Ok(())
            }
            (other, _) => Err(no_container(path, other)),
        }
    }

    fn move_to(&mut self, from: &Path, to: &Path) -> Result<(), TreeError> {
        if from == to {
            return Ok(());
        }
        if to.below(from).is_some() || self.contains(to) {
            return Err(TreeError::Taken { path: to.clone() });
        }
        // Looked at before the source is taken out, so that an error leaves everything in place.
        match container(self, to)? {
            (Self::Object(_), _) => {}
            (Self::Array(items), Step::Index(index)) if *index <= items.len() => {}
            (other, _) => return Err(no_container(to, other)),
        }
        let node = self
            .remove(from)?
            .ok_or_else(|| TreeError::Missing { path: from.clone() })?;
        self.set(to, node)
    }

    fn keys(&self, path: &Path) -> Option<Vec<String>> {
        at(self, path.steps())?
            .as_object()
            .map(|map| map.keys().cloned().collect())
    }

    fn entries(&self, path: &Path) -> Option<usize> {
        at(self, path.steps())?
            .as_object()
            .map(serde_json::Map::len)
    }

    fn len(&self, path: &Path) -> Option<usize> {
        at(self, path.steps())?.as_array().map(Vec::len)
    }

    fn to_json(node: &Self) -> Self {
        node.clone()
    }

    fn from_json(json: &Self) -> Self {
        json.clone()
    }

    fn view(&self, path: &Path) -> Option<Cow<'_, Self>> {
        at(self, path.steps()).map(Cow::Borrowed)
    }

    fn contains(&self, path: &Path) -> bool {
        at(self, path.steps()).is_some()
    }
}
