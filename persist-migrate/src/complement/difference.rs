//! How a document differs from one that came back.

use std::borrow::Cow;

use serde_json::Value;

use super::entry::{Difference, Element};
use crate::path::Path;
use crate::tree::Tree;

/// The entries that make `full` out of `without`.
///
/// Entries go as deep as the two agree in shape, so that a change to one key does not tie its neighbours.
pub(crate) fn difference<T: Tree>(
    without: &T,
    full: &T,
) -> Result<Vec<Difference>, serde_json::Error> {
    let root = Path::root();
    let (old, new) = (without.view(&root), full.view(&root));
    let mut entries = Vec::new();
    Walk {
        full,
        entries: &mut entries,
    }
    .compare(old.as_deref(), new.as_deref(), &root, &root)?;
    Ok(entries)
}

struct Walk<'a, T> {
    full: &'a T,
    entries: &'a mut Vec<Difference>,
}

impl<T: Tree> Walk<'_, T> {
    /// `path` is where the node is in the document, `named` how its entry calls it.
    fn compare(
        &mut self,
        without: Option<&Value>,
        full: Option<&Value>,
        path: &Path,
        named: &Path,
    ) -> Result<(), serde_json::Error> {
        match (without, full) {
            (old, new) if old == new => Ok(()),
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                let gone = old.keys().filter(|key| !new.contains_key(*key));
                for key in gone.chain(new.keys()) {
                    let step = key.as_str();
                    self.compare(
                        old.get(key),
                        new.get(key),
                        &path.child(step),
                        &named.child(step),
                    )?;
                }
                Ok(())
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) if old.len() == new.len() => {
                self.compare_elements(old, new, path, named)
            }
            (old, _) => {
                let node = self.full.get(path).map(serde_json::to_value).transpose()?;
                self.entries.push(Difference::Node {
                    path: named.clone(),
                    node,
                    without: old.cloned(),
                });
                Ok(())
            }
        }
    }

    fn compare_elements(
        &mut self,
        old: &[Value],
        new: &[Value],
        path: &Path,
        named: &Path,
    ) -> Result<(), serde_json::Error> {
        let mut elements = Vec::new();
        // Those that do not differ too: each that is known again leaves fewer to choose from.
        for (index, (without, full)) in old.iter().zip(new).enumerate() {
            let mut entries = Vec::new();
            let mut inner = Walk {
                full: self.full,
                entries: &mut entries,
            };
            inner.compare(Some(without), Some(full), &path.child(index), &Path::root())?;
            elements.push(Element {
                index,
                without: without.clone(),
                entries,
            });
        }
        self.entries.push(Difference::Elements {
            path: named.clone(),
            elements,
        });
        Ok(())
    }
}

/// The value at `path`, or null where there is nothing.
pub(super) fn value_at<'t, T: Tree>(tree: &'t T, path: &Path) -> Cow<'t, Value> {
    tree.view(path).unwrap_or(Cow::Owned(Value::Null))
}
