//! What it costs to hold a document against a schema, before it is done.
//!
//! A validator visits a subschema once for each way that leads to it. With references these are exponentially many: a chain of
//! definitions each of which names the next one twice has 2^n, and a definition that names itself twice doubles its
//! work with each level of the document. So the visits are *counted* first, the way dynamic programming does: what a
//! reference costs for one value is computed once, and taken from a table after that. The count takes as many steps
//! as there are different pairs of definition and value, however large the number that it gives.
//!
//! A limit on the expanded schema alone, tried first, is worse both ways: an honest schema whose definitions share others (Kubernetes has
//! one) expands to millions, of which a document meets a few thousand; and a recursive one has no such size at all.
//!
//! The count is an upper bound: it takes every alternative and every branch of an `if`, where a validator stops at the first that fits.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::patterns::{Patterns, is_heavy};
use super::resources::{Resources, Subschema};

/// Subschemas within subschemas while one document is checked, references counted. A validator recurses.
pub(super) const MAX_DEPTH: usize = 512;

/// Visits that a document without content may cost; see [`limit`].
const VISITS: u64 = 2_000_000;

/// Visits more for each value of the document.
const VISITS_PER_VALUE: u64 = 200;

/// The most visits that a document may cost. A match that can be left unfinished makes the validator start over, 64 times at
/// most, so a schema with such patterns has less.
pub(super) fn limit(values: u64, heavy: bool) -> u64 {
    let limit = VISITS.saturating_add(VISITS_PER_VALUE.saturating_mul(values));
    if heavy { limit / 16 } else { limit }
}

/// What checking costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// Pairs of subschema and value that are looked at.
    pub(super) visits: u64,
    /// What the errors hold, if everything fails: alternatives copy the values that they are about.
    pub(super) errors: u64,
    /// What the largest group of alternatives holds.
    pub(super) largest: u64,
    /// What the errors would hold within alternatives.
    copied: u64,
}

impl Cost {
    fn and(self, other: Cost) -> Cost {
        Cost {
            visits: self.visits.saturating_add(other.visits),
            errors: self.errors.saturating_add(other.errors),
            largest: self.largest.max(other.largest),
            copied: self.copied.saturating_add(other.copied),
        }
    }

    fn or(self, other: Cost) -> Cost {
        Cost {
            visits: self.visits.max(other.visits),
            errors: self.errors.max(other.errors),
            largest: self.largest.max(other.largest),
            copied: self.copied.max(other.copied),
        }
    }
}

/// Why a document is not checked.
#[derive(Debug, PartialEq)]
pub(super) enum TooMuch<'s> {
    /// More visits than the limit.
    Visits(&'s Json),
    /// More subschemas within each other than [`MAX_DEPTH`].
    Depth(&'s Json),
    /// A definition that is its own part, without a step into the document.
    Circle(&'s Json),
}

/// Counts what checking `instance` costs.
pub(super) fn count<'s>(
    resources: &Resources<'s>,
    patterns: &Patterns,
    instance: &Json,
    limit: u64,
) -> Result<Cost, TooMuch<'s>> {
    let mut counter = Counter {
        resources,
        patterns,
        limit,
        steps: 0,
        known: HashMap::new(),
        sizes: HashMap::new(),
    };
    counter.measure(instance);
    let root = Subschema {
        schema: resources.root,
        resource: resources.root,
    };
    counter.visit(root, instance, 0)
}

/// Values in a tree, and what its long texts are worth.
pub(super) fn size(value: &Json) -> u64 {
    match value {
        Json::Array(items) => 1 + items.iter().map(size).sum::<u64>(),
        Json::Object(map) => {
            1 + map
                .iter()
                .map(|(key, inner)| text_size(key) + size(inner))
                .sum::<u64>()
        }
        Json::String(text) => 1 + text_size(text),
        _ => 1,
    }
}

fn text_size(text: &str) -> u64 {
    text.len() as u64 / 64
}

struct Counter<'s, 'r> {
    resources: &'r Resources<'s>,
    patterns: &'r Patterns,
    limit: u64,
    steps: u64,
    /// By the addresses of the target of a reference and of a value. `None` while it is being counted.
    known: HashMap<(usize, usize), Option<Cost>>,
    /// By the address of a container.
    sizes: HashMap<usize, u64>,
}

fn address(value: &Json) -> usize {
    std::ptr::from_ref(value) as usize
}

impl<'s> Counter<'s, '_> {
    fn measure(&mut self, value: &Json) -> u64 {
        let inner: u64 = match value {
            Json::Array(items) => items.iter().map(|item| self.measure(item)).sum(),
            Json::Object(map) => map
                .iter()
                .map(|(key, inner)| text_size(key) + self.measure(inner))
                .sum(),
            scalar => return size(scalar),
        };
        self.sizes.insert(address(value), 1 + inner);
        1 + inner
    }

    fn size(&self, value: &Json) -> u64 {
        self.sizes
            .get(&address(value))
            .copied()
            .unwrap_or_else(|| size(value))
    }

    fn visit(
        &mut self,
        at: Subschema<'s>,
        value: &Json,
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        self.steps += 1;
        if self.steps > self.limit {
            return Err(TooMuch::Visits(at.schema));
        }
        if depth > MAX_DEPTH {
            return Err(TooMuch::Depth(at.schema));
        }
        let size = self.size(value);
        let mut cost = Cost {
            visits: 1,
            errors: 4,
            largest: 0,
            copied: 4 + size,
        };
        let Json::Object(schema) = at.schema else {
            return Ok(cost);
        };
        cost.visits += self.own(schema, value, size);
        let depth = depth + 1;
        let in_place = self.in_place((at, schema), value, depth)?;
        cost = cost.and(in_place);
        if schema.contains_key("unevaluatedProperties") || schema.contains_key("unevaluatedItems") {
            // What is in place is asked again for what it has evaluated.
            cost = cost.and(in_place);
        }
        cost = cost.and(self.inside((at, schema), value, depth)?);
        if cost.visits > self.limit {
            return Err(TooMuch::Visits(at.schema));
        }
        Ok(cost)
    }

    /// The keywords that look at the value alone.
    fn own(&self, schema: &Map<String, Json>, value: &Json, size: u64) -> u64 {
        let length = |keyword: &str| {
            schema
                .get(keyword)
                .and_then(Json::as_array)
                .map_or(0, Vec::len) as u64
        };
        let pattern = schema.get("pattern").and_then(Json::as_str);
        let matched = match (value, pattern) {
            (Json::String(text), Some(pattern)) => match_cost(pattern, text),
            _ => 0,
        };
        let walked = ["uniqueItems", "const", "enum"]
            .iter()
            .any(|keyword| schema.contains_key(*keyword));
        matched + (length("enum") + length("required")) / 8 + if walked { size } else { 0 }
    }

    /// The subschemas for the same value.
    fn in_place(
        &mut self,
        (at, schema): (Subschema<'s>, &'s Map<String, Json>),
        value: &Json,
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        let mut cost = Cost::default();
        for (keyword, inner) in schema {
            let reference = inner.as_str();
            match (keyword.as_str(), reference) {
                ("$ref", Some(reference)) => {
                    let targets = self.resources.resolve(reference, at);
                    cost = cost.and(self.targets(&targets, value, depth)?);
                }
                ("$dynamicRef" | "$recursiveRef", Some(reference)) => {
                    let targets = self.resources.resolve_dynamic(reference, at);
                    cost = cost.and(self.targets(&targets, value, depth)?);
                }
                ("allOf", _) => cost = cost.and(self.all(at, inner, value, depth)?),
                ("anyOf" | "oneOf", _) => {
                    let all = self.all(at, inner, value, depth)?;
                    cost = cost.and(Cost {
                        errors: all.copied,
                        largest: all.copied,
                        ..all
                    });
                }
                ("not" | "if" | "then" | "else", _) => {
                    cost = cost.and(self.visit(at.inner(inner), value, depth)?);
                }
                ("dependentSchemas" | "dependencies", _) => {
                    for (key, inner) in inner.as_object().into_iter().flatten() {
                        if value.get(key).is_some() {
                            cost = cost.and(self.visit(at.inner(inner), value, depth)?);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(cost)
    }

    fn all(
        &mut self,
        at: Subschema<'s>,
        list: &'s Json,
        value: &Json,
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        let mut cost = Cost::default();
        for inner in list.as_array().into_iter().flatten() {
            cost = cost.and(self.visit(at.inner(inner), value, depth)?);
        }
        Ok(cost)
    }

    /// The dearest of what a reference may mean.
    fn targets(
        &mut self,
        targets: &[Subschema<'s>],
        value: &Json,
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        // A published meta-schema, which the validator brings along: linear, and nothing else can be read.
        let mut cost = match targets.is_empty() {
            true => Cost {
                visits: 50 * self.size(value),
                ..Cost::default()
            },
            false => Cost::default(),
        };
        for target in targets {
            let key = (address(target.schema), address(value));
            let known = match self.known.insert(key, None) {
                Some(Some(known)) => known,
                Some(None) => return Err(TooMuch::Circle(target.schema)),
                None => self.visit(*target, value, depth)?,
            };
            self.known.insert(key, Some(known));
            cost = cost.or(known);
        }
        Ok(cost)
    }

    /// The subschemas for what is in the value.
    fn inside(
        &mut self,
        (at, schema): (Subschema<'s>, &'s Map<String, Json>),
        value: &Json,
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        match value {
            Json::Object(map) => self.members((at, schema), map, depth),
            Json::Array(items) => self.items((at, schema), items, depth),
            _ => Ok(Cost::default()),
        }
    }

    fn members(
        &mut self,
        (at, schema): (Subschema<'s>, &'s Map<String, Json>),
        map: &Map<String, Json>,
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        let mut cost = Cost::default();
        let properties = schema.get("properties").and_then(Json::as_object);
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        for (key, inner) in map {
            let named = properties.and_then(|properties| properties.get(key));
            let mut schemas: Vec<&'s Json> = named.into_iter().collect();
            for (pattern, schema) in patterns.into_iter().flatten() {
                cost.visits = cost.visits.saturating_add(1 + match_cost(pattern, key));
                self.steps += 1;
                if self.patterns.may_match(pattern, key) {
                    schemas.push(schema);
                }
            }
            if schemas.is_empty() {
                schemas.extend(schema.get("additionalProperties"));
            }
            schemas.extend(schema.get("unevaluatedProperties"));
            for schema in schemas {
                cost = cost.and(self.visit(at.inner(schema), inner, depth)?);
            }
            if let Some(names) = schema.get("propertyNames") {
                // A value of its own for each key, at an address that the next one may have: it has a table of its own.
                let name = Json::String(key.clone());
                let known = std::mem::take(&mut self.known);
                cost = cost.and(self.visit(at.inner(names), &name, depth)?);
                self.known = known;
            }
        }
        Ok(cost)
    }

    fn items(
        &mut self,
        (at, schema): (Subschema<'s>, &'s Map<String, Json>),
        items: &[Json],
        depth: usize,
    ) -> Result<Cost, TooMuch<'s>> {
        let mut cost = Cost::default();
        let lists =
            ["prefixItems", "items"].map(|keyword| schema.get(keyword).and_then(Json::as_array));
        let each = ["items", "additionalItems", "contains", "unevaluatedItems"];
        let each = each.map(|keyword| schema.get(keyword).filter(|inner| !inner.is_array()));
        for (index, item) in items.iter().enumerate() {
            let fixed = lists
                .into_iter()
                .flatten()
                .filter_map(|list| list.get(index));
            for schema in fixed.chain(each.into_iter().flatten()) {
                cost = cost.and(self.visit(at.inner(schema), item, depth)?);
            }
        }
        Ok(cost)
    }
}

/// A linear engine takes the text's length; one that goes back may take its whole allowance.
fn match_cost(pattern: &str, text: &str) -> u64 {
    text_size(text)
        + if is_heavy(pattern) {
            text.len().min(200) as u64
        } else {
            0
        }
}
