//! What a lens works on: any document whose nodes can be got, set, removed, renamed and moved by path.

mod json;
mod laid;

use std::borrow::Cow;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::laid::Laid;
use crate::Path;

/// A document that migrations can change in place.
///
/// Implemented here for [`serde_json::Value`]. An implementation over a document that keeps comments and layout
/// makes every migration a series of lossless edits.
///
/// A path given to these methods never has a `*`; an implementation answers one as if it were absent, or with
/// [`TreeError::Pattern`].
pub trait Tree {
    /// A detached subtree. It may carry more than the JSON value, such as comments and spelling, and must be able
    /// to be stored, for it may wait in a [`Complement`](crate::Complement) for years.
    type Node: Clone + PartialEq + Debug + Serialize + DeserializeOwned;

    /// The subtree at `path`, or `None` where there is nothing.
    fn get(&self, path: &Path) -> Option<Self::Node>;

    /// Puts `node` at `path`, in the place of what was there, else as the last entry of its container.
    ///
    /// In an array the index may equal the length, which appends.
    ///
    /// # Errors
    /// The container does not exist or can't hold it, or the document refuses the edit.
    fn set(&mut self, path: &Path, node: Self::Node) -> Result<(), TreeError>;

    /// Takes the subtree out; `None` if nothing was there. Later elements of an array move up.
    ///
    /// # Errors
    /// The path is the root, or the document refuses the edit.
    fn remove(&mut self, path: &Path) -> Result<Option<Self::Node>, TreeError>;

    /// Gives a map's entry another key, at the same place among its neighbours where the document has an order.
    ///
    /// # Errors
    /// There is nothing at `path`, the key is taken, or the container is no map.
    fn rename(&mut self, path: &Path, key: &str) -> Result<(), TreeError>;

    /// Moves a subtree, with all that belongs to it. The container of `to` must exist.
    ///
    /// # Errors
    /// There is nothing at `from`, something is at `to`, or `to` is inside `from`.
    fn move_to(&mut self, from: &Path, to: &Path) -> Result<(), TreeError>;

    /// The keys of the map at `path` in their order, or `None` if there is no map.
    fn keys(&self, path: &Path) -> Option<Vec<String>>;

    /// How many entries the map at `path` has, or `None` if there is no map. Worth overriding where [`keys`](Self::keys) copies.
    fn entries(&self, path: &Path) -> Option<usize> {
        self.keys(path).map(|keys| keys.len())
    }

    /// The length of the array at `path`, or `None` if there is no array.
    fn len(&self, path: &Path) -> Option<usize>;

    /// The JSON value of a detached subtree.
    fn to_json(node: &Self::Node) -> Value;

    /// A detached subtree from a JSON value.
    fn from_json(json: &Value) -> Self::Node;

    /// The JSON value at `path`. Worth overriding where it can be borrowed.
    fn view(&self, path: &Path) -> Option<Cow<'_, Value>> {
        self.get(path).map(|node| Cow::Owned(Self::to_json(&node)))
    }

    /// Whether there is anything at `path`. Worth overriding where [`get`](Self::get) copies.
    fn contains(&self, path: &Path) -> bool {
        self.get(path).is_some()
    }
}

/// An edit of a [`Tree`] was not possible.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// There is nothing at the path.
    #[error("there is nothing at `{path}`")]
    Missing {
        /// Where.
        path: Path,
    },
    /// Something is in the way.
    #[error("`{path}` already exists")]
    Taken {
        /// Where.
        path: Path,
    },
    /// The node at the path can't hold what was to be put in.
    #[error("`{path}` is {found} and can't hold entries of this kind")]
    NoContainer {
        /// Where.
        path: Path,
        /// What is there, with its article, such as `a string`.
        found: &'static str,
    },
    /// The operation makes no sense for the whole document.
    #[error("the whole document can't be removed, renamed or moved")]
    Root,
    /// A pattern was given where one node is meant.
    #[error("`{path}` is a pattern, but a single node is needed")]
    Pattern {
        /// The pattern.
        path: Path,
    },
    /// The document refused the edit for a reason of its own.
    #[error("the edit at `{path}` was refused")]
    Refused {
        /// Where.
        path: Path,
        /// The document's reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What a JSON value is, in words with an article.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "a map",
    }
}
