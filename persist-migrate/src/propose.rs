//! A first draft of an edge, from two documents or two schemas.

mod leaves;
mod pairs;
mod skeleton;

use serde::Serialize;
use serde_json::Value;

use self::leaves::Leaves;
use self::skeleton::{MAX_VALUES, skeleton};
use crate::check::size;
use crate::lens::{Lens, Type};
use crate::path::{Path, Step};
use crate::tree::Tree;

/// A draft of an edge, for a person to read and correct.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Proposal {
    /// The lenses, in their order.
    pub lenses: Vec<Lens>,
    /// Where the new document is still of another shape after these lenses. Empty for a draft that explains all.
    pub unexplained: Vec<Path>,
}

/// Drafts the lenses that lead from the shape of one document to that of another.
///
/// Values are taken as hints only: a field that is at another place with the same telling value, or under a name that
/// differs in spelling only, has been moved or renamed; a field whose type differs has been converted; what remains
/// has been removed or added. Different values of the same type are no change of a schema. In an array of maps each map counts, and none
/// must have all fields.
///
/// Documents of more than 2,000 values are not compared: the draft is empty, and the root unexplained.
///
/// ```
/// use serde_json::json;
/// let old = json!({ "fontSize": 13, "host": "a.example" });
/// let new = json!({ "font_size": 13, "server": { "host": "a.example" }, "theme": "dark" });
/// let draft = persist_migrate::propose(&old, &new);
/// assert_eq!(serde_json::to_value(&draft.lenses)?, json!([
///     { "rename": { "path": "/fontSize", "to": "font_size" } },
///     { "move": { "from": "/host", "to": "/server/host" } },
///     { "add": { "path": "/theme", "value": "dark" } },
/// ]));
/// assert!(draft.unexplained.is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn propose(old: &Value, new: &Value) -> Proposal {
    if size(old) > MAX_VALUES || size(new) > MAX_VALUES {
        return Proposal::nothing();
    }
    let mut draft = Draft {
        document: old.clone(),
        lenses: Vec::new(),
    };
    draft.containers(new);
    draft.fields(new);
    draft.splits(new);
    draft.types(new);
    draft.elements(new);
    draft.rest(new);
    let unexplained = shape_differences(&draft.document, new);
    Proposal {
        lenses: draft.lenses,
        unexplained,
    }
}

/// Drafts the lenses that lead from one JSON Schema to another, by documents that have all their properties.
///
/// As [`propose`] has it, such documents of more than 2,000 values are not compared.
pub fn propose_from_schemas(old: &Value, new: &Value) -> Proposal {
    match (skeleton(old), skeleton(new)) {
        (Some(old), Some(new)) => propose(&old, &new),
        _ => Proposal::nothing(),
    }
}

impl Proposal {
    /// That of documents that are too large.
    fn nothing() -> Self {
        Self {
            lenses: Vec::new(),
            unexplained: vec![Path::root()],
        }
    }

    /// Whether the documents were too large to be compared.
    pub fn is_refused(&self) -> bool {
        self.lenses.is_empty() && self.unexplained.iter().any(Path::is_root)
    }
}

/// The old document as the lenses so far have made it.
struct Draft {
    document: Value,
    lenses: Vec<Lens>,
}

impl Draft {
    /// Takes a lens into the draft if it works on the document.
    fn take(&mut self, lens: Lens) -> bool {
        let mut after = self.document.clone();
        let works =
            lens.validate().is_ok() && lens.apply(&mut after).is_ok() && after != self.document;
        if works {
            self.document = after;
            self.lenses.push(lens);
        }
        works
    }

    fn relocate(&mut self, from: &Path, to: &Path) {
        let same_map = from.parent() == to.parent();
        let key = to.last().and_then(crate::Step::key).filter(|_| same_map);
        let renamed = key.is_some_and(|key| {
            self.take(Lens::Rename {
                path: from.clone(),
                to: key.into_owned(),
            })
        });
        // Also a key that a rename takes for a path.
        if !renamed {
            self.take(Lens::Move {
                from: from.clone(),
                to: to.clone(),
            });
        }
    }

    /// Maps that are elsewhere with the same keys in them.
    fn containers(&mut self, new: &Value) {
        for (from, to) in pairs::containers(&self.document, new) {
            self.relocate(&from, &to);
        }
    }

    /// Fields that are elsewhere.
    fn fields(&mut self, new: &Value) {
        for (from, to) in pairs::fields(&self.document, new) {
            self.relocate(&from, &to);
        }
    }

    /// Strings that have been cut into fields, and fields that have been put together.
    fn splits(&mut self, new: &Value) {
        let (gone, added) = Leaves::only_in(&self.document, new);
        for (path, separator, parts) in pairs::cut(&gone, &added) {
            self.take(Lens::Split {
                path,
                separator,
                into: parts,
            });
        }
        for (path, separator, parts) in pairs::cut(&added, &gone) {
            self.take(Lens::Join {
                path,
                separator,
                from: parts,
            });
        }
    }

    /// Fields at the same place that have another type.
    fn types(&mut self, new: &Value) {
        for (path, old) in Leaves::of(&self.document.clone()).entries {
            let Some(wanted) = new.view(&path) else {
                continue;
            };
            if let Some(lens) = retype(&path, &old, &wanted) {
                self.take(lens);
            }
        }
    }

    /// Maps in arrays: what leads from one that has the fields of all the old ones to such a one of the new.
    fn elements(&mut self, new: &Value) {
        for (path, old, new) in element_pairs(&self.document, new) {
            let each = path.child(Step::Each);
            for mut lens in propose(&old, &new).lenses {
                for inner in lens.paths_mut() {
                    *inner = each.join(inner.steps());
                }
                self.take(lens);
            }
        }
    }

    /// What is left is removed or added, as large a piece as possible.
    fn rest(&mut self, new: &Value) {
        for path in pairs::topmost(&self.document, new) {
            let value = self.document.view(&path).map(std::borrow::Cow::into_owned);
            self.take(Lens::Remove { path, value });
        }
        for path in pairs::topmost(new, &self.document) {
            let value = new.view(&path).map(std::borrow::Cow::into_owned);
            self.take(Lens::Add { path, value });
        }
    }
}

/// Arrays with maps in them that both documents have, and one map with the fields of all for each.
fn element_pairs(old: &Value, new: &Value) -> Vec<(Path, Value, Value)> {
    let arrays = Leaves::of(old).entries.into_iter();
    let pairs = arrays.filter_map(|(path, old)| {
        let (old, new) = (united(&old)?, united(&*new.view(&path)?)?);
        Some((path, old, new))
    });
    pairs.collect()
}

/// The first value of each field; `None` for what is no array with a map in it.
fn united(array: &Value) -> Option<Value> {
    let mut fields = serde_json::Map::new();
    let maps: Vec<_> = array
        .as_array()?
        .iter()
        .filter_map(Value::as_object)
        .collect();
    for (key, value) in maps.iter().copied().flatten() {
        if !fields.contains_key(key) {
            fields.insert(key.clone(), value.clone());
        }
    }
    (!maps.is_empty()).then_some(Value::Object(fields))
}

/// The lens that makes a value of one type one of another, if there is one that loses nothing of this value.
fn retype(path: &Path, old: &Value, new: &Value) -> Option<Lens> {
    let path = path.clone();
    match (old, new) {
        (Value::Array(items), scalar)
            if items.len() <= 1 && Type::of(scalar).is_some() && !scalar.is_string() =>
        {
            Some(Lens::Unwrap { path, key: None })
        }
        (Value::String(_), Value::Array(_)) | (Value::Array(_), Value::String(_)) => {
            pairs::cut_in_place(path, old, new)
        }
        (scalar, Value::Array(_)) if Type::of(scalar).is_some() => {
            Some(Lens::Wrap { path, key: None })
        }
        _ => {
            let (from, to) = (Type::of(old)?, Type::of(new)?);
            let widens = (from, to) == (Type::Integer, Type::Number);
            let narrows = (from, to) == (Type::Number, Type::Integer);
            if from == to || widens || (narrows && to.convert(old).is_err()) {
                return None;
            }
            // The new document's value will do where one can't be converted.
            let otherwise = to.convert(old).is_err().then(|| new.clone());
            Some(Lens::Convert {
                path,
                from,
                to,
                otherwise,
                otherwise_back: None,
            })
        }
    }
}

/// Where two documents differ in fields or types, whatever the values.
fn shape_differences(a: &Value, b: &Value) -> Vec<Path> {
    let (gone, added) = Leaves::only_in(a, b);
    let kind = |value: &Value| std::mem::discriminant(value);
    let other_kind = Leaves::of(a).entries.into_iter().filter(|(path, old)| {
        b.view(path)
            .is_some_and(|new| kind(&new) != kind(old) && !old.is_null() && !new.is_null())
    });
    let paths = gone
        .entries
        .into_iter()
        .chain(added.entries)
        .chain(other_kind);
    let mut paths: Vec<Path> = paths.map(|(path, _)| path).collect();
    for (path, a, b) in element_pairs(a, b) {
        let each = path.child(Step::Each);
        let inner = shape_differences(&a, &b);
        paths.extend(inner.iter().map(|inner| each.join(inner.steps())));
    }
    paths.sort();
    paths.dedup();
    paths
}
