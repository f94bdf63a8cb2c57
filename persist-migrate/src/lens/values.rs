//! Lenses that change values: map, convert, split, join.

use serde_json::Value;

use super::Type;
use super::apply::{Change, Editor, LensError};
use super::convert::to_text;
use crate::path::Path;
use crate::tree::Tree;

impl<T: Tree> Editor<'_, T> {
    pub(super) fn replace(&mut self, path: &Path, new: &Value) -> Result<(), LensError> {
        self.set(path, new)?;
        self.changes.push(Change::Replaced(path.clone()));
        Ok(())
    }

    pub(super) fn map(&mut self, path: &Path, table: &[(Value, Value)]) -> Result<(), LensError> {
        let Some(value) = self.tree.view(path) else {
            return Ok(());
        };
        let new = table
            .iter()
            .find(|(old, _)| *old == *value)
            .map(|(_, new)| new);
        match new.filter(|new| **new != *value) {
            Some(new) => self.replace(path, new),
            None => Ok(()),
        }
    }

    pub(super) fn convert(
        &mut self,
        path: &Path,
        to: Type,
        otherwise: Option<&Value>,
    ) -> Result<(), LensError> {
        let Some(value) = self.tree.view(path) else {
            return Ok(());
        };
        let new = match (to.convert(&value), otherwise) {
            (Ok(new), _) => new,
            (Err(_), Some(otherwise)) => otherwise.clone(),
            (Err(source), None) => {
                return Err(LensError::Convert {
                    path: path.clone(),
                    source,
                });
            }
        };
        if *value == new {
            Ok(())
        } else {
            self.replace(path, &new)
        }
    }

    pub(super) fn split(
        &mut self,
        path: &Path,
        separator: &str,
        into: &[Path],
    ) -> Result<(), LensError> {
        let text = match self.tree.view(path).as_deref() {
            Some(Value::String(text)) => text.clone(),
            _ => return self.unexpected(path, "a string"),
        };
        if into.is_empty() {
            let parts = text
                .split(separator)
                .map(|part| Value::String(part.to_owned()))
                .collect();
            return self.replace(path, &Value::Array(parts));
        }
        self.remove(path)?;
        for (part, field) in text.splitn(into.len(), separator).zip(into) {
            self.require_container(field)?;
            self.remove(field)?;
            self.set(field, &Value::String(part.to_owned()))?;
            self.changes.push(Change::Added(field.clone()));
        }
        self.prune_containers(path)
    }

    pub(super) fn join(
        &mut self,
        path: &Path,
        separator: &str,
        from: &[Path],
    ) -> Result<(), LensError> {
        if from.is_empty() {
            let parts = match self.tree.view(path).as_deref() {
                Some(Value::Array(items)) => items.iter().map(to_text).collect::<Option<Vec<_>>>(),
                _ => return self.unexpected(path, "an array of scalars"),
            };
            return match parts {
                Some(parts) => self.replace(path, &Value::String(parts.join(separator))),
                None => self.unexpected(path, "an array of scalars"),
            };
        }
        let Some(last) = from.iter().rposition(|field| self.tree.contains(field)) else {
            return Ok(());
        };
        let mut parts = Vec::with_capacity(last + 1);
        for field in &from[..=last] {
            match self.tree.view(field) {
                None => parts.push(String::new()),
                Some(value) if value.is_null() => parts.push(String::new()),
                Some(value) => match to_text(&value) {
                    Some(text) => parts.push(text),
                    None => return self.unexpected(field, "a scalar"),
                },
            }
        }
        for field in from {
            self.remove(field)?;
        }
        self.require_container(path)?;
        self.remove(path)?;
        self.set(path, &Value::String(parts.join(separator)))?;
        self.changes.push(Change::Added(path.clone()));
        from.iter()
            .try_for_each(|field| self.prune_containers(field))
    }
}
