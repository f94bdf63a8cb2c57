//! One difference between the document as it was and as it would come back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::path::Path;

/// One difference between the document as it was and as it would come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Difference {
    /// A node was there, or was not.
    Node {
        path: Path,
        /// The node as the tree serializes it; `None` if nothing was there.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        node: Option<Value>,
        /// The JSON value that coming back gives; `None` for nothing.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        without: Option<Value>,
    },
    /// Elements of an array differ; here are all of them. They may be elsewhere when the document comes back.
    Elements { path: Path, elements: Vec<Element> },
}

/// One element of an array, known again by what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Element {
    pub(crate) index: usize,
    /// The element that coming back gives.
    pub(crate) without: Value,
    /// The differences inside of it; their paths start at the element.
    pub(crate) entries: Vec<Difference>,
}

/// Tells a null that was there from nothing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
