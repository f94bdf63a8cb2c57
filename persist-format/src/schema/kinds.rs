//! What a schema says of one place, before anything is there: the kinds that it allows, and whether it knows the key.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Compiled;
use super::resources::Subschema;
use crate::kind::{Kind, Kinds};
use crate::path::{KeyPath, Segment};
use crate::value::Value;

/// What a schema says of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The kinds that it allows; [`Kinds::ALL`] where it says nothing, or what can't be told without the values.
    pub kinds: Kinds,
    /// The key, or one on the way to it, that the schema has no word for, although it has for others beside it.
    pub unknown: Option<Unknown>,
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            kinds: Kinds::ALL,
            unknown: None,
        }
    }
}

/// A key that the schema does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unknown {
    /// Where it would be.
    pub path: KeyPath,
    /// The key that was meant, perhaps.
    pub near: Option<String>,
}

/// Subschemas that are looked at for one place, at most.
const MOST: u32 = 10_000;
/// Subschemas within one another.
const DEEPEST: u32 = 100;

impl Compiled<'_> {
    /// What the schema says of a place in a document of this value. Conditions (`if`, `dependentSchemas` and the like) are passed over.
    #[must_use]
    pub fn expected(&self, value: &Value, path: &KeyPath) -> Expected {
        let root = Subschema {
            schema: self.resources.root,
            resource: self.resources.root,
        };
        let steps = steps(value, path);
        let mut look = Look {
            compiled: self,
            left: MOST,
        };
        let kinds = look.kinds(root, &steps, DEEPEST);
        let unknown = (0..steps.len()).find_map(|at| {
            let Step::Key(key) = &steps[at] else {
                return None;
            };
            let mut known = Known::default();
            look.keys(root, &steps[..at], DEEPEST, &mut known);
            let is_known =
                known.open || known.names.is_empty() || known.names.contains(key.as_str());
            let near = || crate::suggest::nearest(key, known.names.iter().copied());
            (!is_known).then(|| Unknown {
                path: path.segments()[..=at].iter().cloned().collect(),
                near: near().map(str::to_owned),
            })
        });
        Expected {
            kinds: match look.left > 0 && kinds != Kinds::NONE {
                true => kinds,
                false => Kinds::ALL,
            },
            unknown: unknown.filter(|_| look.left > 0),
        }
    }
}

/// A step into a document.
enum Step {
    Key(String),
    Item(usize),
}

/// The path as steps: what a segment means depends on what is there.
fn steps(value: &Value, path: &KeyPath) -> Vec<Step> {
    let mut here = Some(value);
    let mut steps = Vec::new();
    for segment in path.segments() {
        let items = here.and_then(|value| value.untagged().as_sequence());
        let len = items.map(<[Value]>::len);
        steps.push(match (segment, len) {
            (Segment::Key(key), None) => Step::Key(key.clone()),
            (segment, len) => Step::Item(segment.index_in(len.unwrap_or(0)).unwrap_or(usize::MAX)),
        });
        here = here.and_then(|value| value.child_at(segment.find_in(value)?));
    }
    steps
}

#[derive(Default)]
struct Known<'s> {
    names: BTreeSet<&'s str>,
    /// Whether there are rules for keys that are not named.
    open: bool,
}

struct Look<'c, 's> {
    compiled: &'c Compiled<'s>,
    left: u32,
}

impl<'s> Look<'_, 's> {
    /// The kinds that a subschema allows where these steps lead from it.
    fn kinds(&mut self, place: Subschema<'s>, steps: &[Step], depth: u32) -> Kinds {
        if !self.may_look(depth) {
            return Kinds::ALL;
        }
        let Some((step, rest)) = steps.split_first() else {
            let own = own(place.schema);
            return own.and(self.combined(place, steps, depth));
        };
        let container = match step {
            Step::Key(_) => Kind::Map,
            Step::Item(_) => Kind::List,
        };
        if !own(place.schema).has(container) {
            return Kinds::NONE;
        }
        let mut kinds = Kinds::ALL;
        for inner in self.inner(place, step) {
            kinds = kinds.and(self.kinds(inner, rest, depth - 1));
        }
        kinds.and(self.combined(place, steps, depth))
    }

    /// The same of the subschemas that speak of the same place.
    fn combined(&mut self, place: Subschema<'s>, steps: &[Step], depth: u32) -> Kinds {
        let mut kinds = Kinds::ALL;
        for target in self.all_of(place) {
            kinds = kinds.and(self.kinds(target, steps, depth - 1));
        }
        for branches in any_of(place) {
            let mut any = Kinds::NONE;
            for branch in branches {
                any = any.or(self.kinds(branch, steps, depth - 1));
            }
            kinds = kinds.and(any);
        }
        kinds
    }

    /// The keys that are named where the steps lead.
    fn keys(&mut self, place: Subschema<'s>, steps: &[Step], depth: u32, known: &mut Known<'s>) {
        if !self.may_look(depth) {
            return;
        }
        let next = match steps.split_first() {
            Some((step, rest)) => {
                for inner in self.inner(place, step) {
                    self.keys(inner, rest, depth - 1, known);
                }
                steps
            }
            None => {
                let names = place.schema.get("properties").and_then(Json::as_object);
                known.names.extend(
                    names
                        .into_iter()
                        .flat_map(|names| names.keys())
                        .map(String::as_str),
                );
                let rules = |keyword: &str| {
                    let rule = place.schema.get(keyword);
                    rule.and_then(Json::as_object)
                        .is_some_and(|rule| !rule.is_empty())
                };
                known.open |= [
                    "patternProperties",
                    "additionalProperties",
                    "unevaluatedProperties",
                ]
                .into_iter()
                .any(rules);
                steps
            }
        };
        let branches = any_of(place).into_iter().flatten();
        for other in self.all_of(place).into_iter().chain(branches) {
            self.keys(other, next, depth - 1, known);
        }
    }

    fn may_look(&mut self, depth: u32) -> bool {
        self.left = match depth {
            0 => 0,
            _ => self.left.saturating_sub(1),
        };
        self.left > 0
    }

    /// The subschemas for one step.
    fn inner(&self, place: Subschema<'s>, step: &Step) -> Vec<Subschema<'s>> {
        let get = |keyword: &str| place.schema.get(keyword);
        let found: Vec<&'s Json> = match step {
            Step::Key(key) => {
                let named = get("properties").and_then(|named| named.get(key));
                let patterns = get("patternProperties").and_then(Json::as_object);
                let patterns = patterns.into_iter().flatten();
                let matching = patterns
                    .filter(|(pattern, _)| self.compiled.patterns.may_match(pattern, key))
                    .map(|(_, schema)| schema);
                let found: Vec<_> = named.into_iter().chain(matching).collect();
                match found.is_empty() {
                    true => get("additionalProperties").into_iter().collect(),
                    false => found,
                }
            }
            Step::Item(index) => {
                let lists = ["prefixItems", "items"].into_iter().filter_map(get);
                let mut placed = lists.filter_map(Json::as_array);
                let first = placed.find_map(|list| list.get(*index));
                let rest = || match get("items") {
                    Some(Json::Array(_)) => get("additionalItems"),
                    other => other,
                };
                first.or_else(rest).into_iter().collect()
            }
        };
        // What is forbidden is for the whole check to say.
        let said = found.into_iter().filter(|schema| schema.is_object());
        said.map(|schema| place.inner(schema)).collect()
    }

    /// Subschemas that hold for the same value.
    fn all_of(&self, place: Subschema<'s>) -> Vec<Subschema<'s>> {
        let reference = |keyword: &str| place.schema.get(keyword).and_then(Json::as_str);
        let mut all: Vec<Subschema<'s>> = Vec::new();
        if let Some(reference) = reference("$ref") {
            // One name may be several resources; then nothing is known.
            let found = self.compiled.resources.resolve(reference, place);
            all.extend(<[Subschema<'s>; 1]>::try_from(found).into_iter().flatten());
        }
        all.extend(listed(place, "allOf"));
        all
    }
}

/// Lists of subschemas one of which holds for the same value.
fn any_of<'s>(place: Subschema<'s>) -> Vec<Vec<Subschema<'s>>> {
    let lists = ["anyOf", "oneOf"].into_iter();
    let lists = lists.map(|keyword| listed(place, keyword).collect::<Vec<_>>());
    lists.filter(|list| !list.is_empty()).collect()
}

fn listed<'s>(
    place: Subschema<'s>,
    keyword: &str,
) -> impl Iterator<Item = Subschema<'s>> + use<'s> {
    let list = place.schema.get(keyword).and_then(Json::as_array);
    list.into_iter()
        .flatten()
        .map(move |schema| place.inner(schema))
}

/// The kinds that the subschema's own words allow.
fn own(schema: &Json) -> Kinds {
    if schema == &Json::Bool(false) {
        return Kinds::NONE;
    }
    let mut kinds = match schema.get("type") {
        Some(Json::String(name)) => of_type(name),
        Some(Json::Array(names)) => {
            let names = names.iter().filter_map(Json::as_str).map(of_type);
            names.fold(Kinds::NONE, Kinds::or)
        }
        _ => Kinds::ALL,
    };
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        kinds = kinds.and(values.iter().map(of_json).fold(Kinds::NONE, Kinds::or));
    }
    if let Some(value) = schema.get("const") {
        kinds = kinds.and(of_json(value));
    }
    kinds
}

fn of_type(name: &str) -> Kinds {
    match name {
        "null" => Kind::Null.into(),
        "boolean" => Kind::Switch.into(),
        "integer" => Kinds::WHOLE,
        "number" => Kind::Number.into(),
        "string" => text(),
        "array" => Kind::List.into(),
        "object" => Kind::Map.into(),
        _ => Kinds::ALL,
    }
}

fn of_json(value: &Json) -> Kinds {
    match value {
        Json::Null => Kind::Null.into(),
        Json::Bool(_) => Kind::Switch.into(),
        Json::Number(number) if !number.is_f64() => Kinds::WHOLE,
        Json::Number(_) => Kind::Number.into(),
        Json::String(_) => text(),
        Json::Array(_) => Kind::List.into(),
        Json::Object(_) => Kind::Map.into(),
    }
}

/// What a schema sees as text.
fn text() -> Kinds {
    [Kind::Text, Kind::Date, Kind::Bytes].into_iter().collect()
}
