//! Edges for those who keep a struct for each version: `impl From<SettingsV1> for SettingsV2`.

use semver::Version;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Edge, StepError};
use crate::path::Path;
use crate::tree::{Tree, TreeError};

impl<D: Tree + 'static> Edge<D> {
    /// An edge that reads the document as `A` and makes a `B` of it.
    ///
    /// Only what differs between the two is written, so that fields neither of them knows stay as they are, and fields
    /// that are missing in the file and filled by a default stay missing.
    ///
    /// ```
    /// use persist_migrate::{Edge, MigrationGraph, Version};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct V1 { zoom: u32 }
    /// #[derive(Serialize, Deserialize)]
    /// struct V2 { zoom_percent: u32 }
    /// impl From<V1> for V2 {
    ///     fn from(old: V1) -> Self { Self { zoom_percent: old.zoom * 100 } }
    /// }
    /// impl From<V2> for V1 {
    ///     fn from(new: V2) -> Self { Self { zoom: new.zoom_percent / 100 } }
    /// }
    ///
    /// let (one, two) = (Version::new(1, 0, 0), Version::new(2, 0, 0));
    /// let mut graph = MigrationGraph::new();
    /// graph.add_edge(Edge::typed::<V1, V2>(one.clone(), two.clone()).typed_down::<V2, V1>())?;
    ///
    /// let mut settings = serde_json::json!({ "zoom": 2, "of a plug-in": true });
    /// let plan = graph.plan(&one, &two)?;
    /// graph.run(&plan, &mut settings, &mut Default::default())?;
    /// assert_eq!(settings, serde_json::json!({ "zoom_percent": 200, "of a plug-in": true }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn typed<A, B>(from: Version, to: Version) -> Self
    where
        A: Serialize + DeserializeOwned + 'static,
        B: Serialize + From<A> + 'static,
    {
        Self::new(from, to).up(through::<D, A, B>)
    }

    /// The way back of a typed edge.
    #[must_use]
    pub fn typed_down<B, A>(self) -> Self
    where
        B: Serialize + DeserializeOwned + 'static,
        A: Serialize + From<B> + 'static,
    {
        self.down(through::<D, B, A>)
    }
}

fn through<D, A, B>(document: &mut D) -> Result<(), StepError>
where
    D: Tree,
    A: Serialize + DeserializeOwned,
    B: Serialize + From<A>,
{
    let root = Path::root();
    let old: A = {
        let value = document
            .view(&root)
            .ok_or(TreeError::Missing { path: root.clone() })?;
        serde_path_to_error::deserialize(&*value)?
    };
    let known = serde_json::to_value(&old)?;
    let wanted = serde_json::to_value(B::from(old))?;
    write(document, &known, &wanted, &root)?;
    Ok(())
}

/// Writes what differs between two values of the part of a document that is known.
fn write<D: Tree>(
    document: &mut D,
    known: &Value,
    wanted: &Value,
    path: &Path,
) -> Result<(), TreeError> {
    match (known, wanted) {
        (old, new) if old == new => Ok(()),
        (Value::Object(old), Value::Object(new)) if document.keys(path).is_some() => {
            for gone in old.keys().filter(|key| !new.contains_key(*key)) {
                document.remove(&path.child(gone.as_str()))?;
            }
            for (key, value) in new {
                let place = path.child(key.as_str());
                match old.get(key) {
                    Some(before) => write(document, before, value, &place)?,
                    None => document.set(&place, D::from_json(value))?,
                }
            }
            Ok(())
        }
        (Value::Array(old), Value::Array(new))
            if old.len() == new.len() && document.len(path) == Some(new.len()) =>
        {
            let mut pairs = old.iter().zip(new).enumerate();
            pairs.try_for_each(|(index, (old, new))| write(document, old, new, &path.child(index)))
        }
        (_, new) => document.set(path, D::from_json(new)),
    }
}
