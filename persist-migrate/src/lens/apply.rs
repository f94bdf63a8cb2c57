//! Lenses at work on a tree.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::Lens;
use super::convert::ConvertError;
use crate::path::{Path, Step};
use crate::tree::{Tree, TreeError, kind};

/// What a step did at one path. Never holds a value, so it may be shown and logged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// A field is new.
    Added(Path),
    /// A field is gone; what it held is kept in the complement.
    Removed(Path),
    /// A field is elsewhere or has another key.
    Moved {
        /// The old place.
        from: Path,
        /// The new place.
        to: Path,
    },
    /// A field has another value or shape.
    Replaced(Path),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(path) => write!(f, "+ {path}"),
            Self::Removed(path) => write!(f, "- {path}"),
            Self::Moved { from, to } => write!(f, "> {from} to {to}"),
            Self::Replaced(path) => write!(f, "~ {path}"),
        }
    }
}

/// A lens could not be applied to this document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LensError {
    /// The value has no counterpart in the new type.
    #[error("at `{path}`")]
    Convert {
        /// Where.
        path: Path,
        /// Why.
        #[source]
        source: ConvertError,
    },
    /// The value is not what the lens works on.
    #[error("at `{path}`: expected {expected}, found {found}")]
    Unexpected {
        /// Where.
        path: Path,
        /// What the lens works on, with its article.
        expected: &'static str,
        /// What is there, with its article.
        found: &'static str,
    },
    /// The document refused an edit.
    #[error("the document could not be edited")]
    Tree(#[from] TreeError),
}

/// A tree and the list of what has been done to it.
pub(super) struct Editor<'t, T> {
    pub(super) tree: &'t mut T,
    pub(super) changes: Vec<Change>,
}

impl Lens {
    /// Applies this lens, in place.
    ///
    /// # Errors
    /// The document holds something the lens can't work on. The document may then be half changed;
    /// [`MigrationGraph::run`](crate::MigrationGraph::run) puts it back.
    pub fn apply<T: Tree>(&self, tree: &mut T) -> Result<Vec<Change>, LensError> {
        let mut editor = Editor {
            tree,
            changes: Vec::new(),
        };
        // The last element first, so that removing one leaves the indexes of those to come.
        for prefix in expand(editor.tree, self.anchor().split_pattern().0)
            .into_iter()
            .rev()
        {
            editor.apply(self, &prefix)?;
        }
        editor.changes.reverse();
        Ok(editor.changes)
    }

    /// The path whose `*` says where the lens applies.
    pub(super) fn anchor(&self) -> &Path {
        match self {
            Self::Add { path, .. }
            | Self::Remove { path, .. }
            | Self::Rename { path, .. }
            | Self::Move { from: path, .. }
            | Self::Wrap { path, .. }
            | Self::Unwrap { path, .. }
            | Self::Hoist { path, .. }
            | Self::Plunge { path, .. }
            | Self::Map { path, .. }
            | Self::Convert { path, .. }
            | Self::Split { path, .. }
            | Self::Join { path, .. }
            | Self::Default { path, .. }
            | Self::Optional { path, .. } => path,
        }
    }
}

/// The concrete paths that a pattern stands for in this tree.
pub(crate) fn expand<T: Tree>(tree: &T, pattern: &[Step]) -> Vec<Path> {
    let mut paths = vec![Path::root()];
    for step in pattern {
        paths = match step {
            Step::Each => paths.iter().flat_map(|path| children(tree, path)).collect(),
            _ => paths.iter().map(|path| path.child(step.clone())).collect(),
        };
    }
    paths
}

fn children<T: Tree>(tree: &T, path: &Path) -> Vec<Path> {
    if let Some(len) = tree.len(path) {
        return (0..len).map(|index| path.child(index)).collect();
    }
    tree.keys(path)
        .unwrap_or_default()
        .into_iter()
        .map(|key| path.child(key))
        .collect()
}

impl<T: Tree> Editor<'_, T> {
    fn apply(&mut self, lens: &Lens, prefix: &Path) -> Result<(), LensError> {
        let bind = |path: &Path| prefix.join(path.split_pattern().1);
        match lens {
            Lens::Add { path, value } => self.add(&bind(path), value.as_ref(), Change::Added),
            Lens::Remove { path, .. } => self.remove(&bind(path)),
            Lens::Rename { path, to } => {
                let from = bind(path);
                let renamed = from.parent().unwrap_or_default().child(to.as_str());
                self.relocate(&from, &renamed)
            }
            Lens::Move { from, to } => self.relocate(&bind(from), &bind(to)),
            Lens::Wrap { path, key } => self.wrap(&bind(path), key.as_deref()),
            Lens::Unwrap { path, key } => self.unwrap(&bind(path), key.as_deref()),
            Lens::Hoist { path, key } => {
                let map = bind(path);
                let beside = map.parent().unwrap_or_default().child(key.as_str());
                self.relocate(&map.child(key.as_str()), &beside)
            }
            Lens::Plunge { path, key } => {
                let map = bind(path);
                let beside = map.parent().unwrap_or_default().child(key.as_str());
                self.relocate(&beside, &map.child(key.as_str()))
            }
            Lens::Map { path, table } => self.map(&bind(path), table),
            Lens::Convert {
                path,
                to,
                otherwise,
                ..
            } => self.convert(&bind(path), *to, otherwise.as_ref()),
            Lens::Split {
                path,
                separator,
                into,
            } => {
                let into: Vec<Path> = into.iter().map(bind).collect();
                self.split(&bind(path), separator, &into)
            }
            Lens::Join {
                path,
                separator,
                from,
            } => {
                let from: Vec<Path> = from.iter().map(bind).collect();
                self.join(&bind(path), separator, &from)
            }
            Lens::Default { path, value } => self.default(&bind(path), value),
            Lens::Optional { .. } => Ok(()),
        }
    }

    pub(super) fn set(&mut self, path: &Path, value: &Value) -> Result<(), LensError> {
        Ok(self.tree.set(path, T::from_json(value))?)
    }

    /// Makes the maps above `path` that are missing. `false` if something that is no map is in the way.
    fn make_containers(&mut self, path: &Path) -> Result<bool, LensError> {
        for depth in 1..path.steps().len() {
            let above = Path::from(path.steps()[..depth].to_vec());
            if !self.tree.contains(&above) {
                self.set(&above, &Value::Object(serde_json::Map::new()))?;
            }
        }
        let container = path.parent().unwrap_or_default();
        Ok(self.tree.entries(&container).is_some() || self.tree.len(&container).is_some())
    }

    /// Removes the maps above `path` that a move has left empty, but no elements of arrays and not the root.
    pub(super) fn prune_containers(&mut self, path: &Path) -> Result<(), LensError> {
        let mut above = path.parent();
        while let Some(map) = above.filter(|map| !map.is_root()) {
            above = map.parent();
            let in_array = above
                .as_ref()
                .is_some_and(|outer| self.tree.len(outer).is_some());
            if in_array || self.tree.entries(&map) != Some(0) {
                break;
            }
            self.tree.remove(&map)?;
        }
        Ok(())
    }

    pub(super) fn require_container(&mut self, path: &Path) -> Result<(), LensError> {
        if self.make_containers(path)? {
            return Ok(());
        }
        let container = path.parent().unwrap_or_default();
        let found = self
            .tree
            .view(&container)
            .map_or("nothing", |value| kind(&value));
        Err(LensError::Unexpected {
            path: container,
            expected: "a map",
            found,
        })
    }

    fn add(
        &mut self,
        path: &Path,
        value: Option<&Value>,
        change: fn(Path) -> Change,
    ) -> Result<(), LensError> {
        let Some(value) = value.filter(|_| !self.tree.contains(path)) else {
            return Ok(());
        };
        self.require_container(path)?;
        self.set(path, value)?;
        self.changes.push(change(path.clone()));
        Ok(())
    }

    fn default(&mut self, path: &Path, value: &Value) -> Result<(), LensError> {
        if self
            .tree
            .view(path)
            .is_some_and(|current| current.is_null())
        {
            self.set(path, value)?;
            self.changes.push(Change::Replaced(path.clone()));
            return Ok(());
        }
        self.add(path, Some(value), Change::Added)
    }

    pub(super) fn remove(&mut self, path: &Path) -> Result<(), LensError> {
        if self.tree.remove(path)?.is_some() {
            self.changes.push(Change::Removed(path.clone()));
        }
        Ok(())
    }

    /// Moves a node. What was at the new place is displaced: the schema gives that name to this field now.
    fn relocate(&mut self, from: &Path, to: &Path) -> Result<(), LensError> {
        if from == to || !self.tree.contains(from) {
            return Ok(());
        }
        let beside = from.parent() == to.parent();
        if !beside {
            self.require_container(to)?;
        }
        self.remove(to)?;
        match to.last().and_then(Step::key) {
            Some(key) if beside => self.tree.rename(from, &key)?,
            _ => self.tree.move_to(from, to)?,
        }
        if !beside {
            self.prune_containers(from)?;
        }
        self.changes.push(Change::Moved {
            from: from.clone(),
            to: to.clone(),
        });
        Ok(())
    }

    fn wrap(&mut self, path: &Path, key: Option<&str>) -> Result<(), LensError> {
        let Some(node) = self.tree.get(path) else {
            return Ok(());
        };
        let (empty, inside) = match key {
            Some(key) => (Value::Object(serde_json::Map::new()), path.child(key)),
            None => (Value::Array(Vec::new()), path.child(0)),
        };
        self.set(path, &empty)?;
        self.tree.set(&inside, node)?;
        self.changes.push(Change::Moved {
            from: path.clone(),
            to: inside,
        });
        Ok(())
    }

    fn unwrap(&mut self, path: &Path, key: Option<&str>) -> Result<(), LensError> {
        let fits = if key.is_some() {
            self.tree.entries(path).is_some()
        } else {
            self.tree.len(path).is_some()
        };
        let inside = key.map_or_else(|| path.child(0), |key| path.child(key));
        match (self.tree.get(&inside), fits) {
            (Some(node), true) => {
                self.tree.set(path, node)?;
                self.changes.push(Change::Moved {
                    from: inside,
                    to: path.clone(),
                });
                Ok(())
            }
            // Nothing inside: the value is absent.
            (None, true) => self.remove(path),
            (_, false) => self.unexpected(path, if key.is_some() { "a map" } else { "an array" }),
        }
    }

    /// An error if there is something at `path`, which the lens then can't work on.
    pub(super) fn unexpected(&self, path: &Path, expected: &'static str) -> Result<(), LensError> {
        match self.tree.view(path) {
            None => Ok(()),
            Some(value) if value.is_null() => Ok(()),
            Some(value) => Err(LensError::Unexpected {
                path: path.clone(),
                expected,
                found: kind(&value),
            }),
        }
    }
}
