//! What a schema may be large, before anything is made of it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::resources::{Resources, Subschema};
use crate::error::{Error, ErrorKind};

/// Different patterns in one schema.
pub(super) const MAX_PATTERNS: usize = 1_000;

/// Bytes of one pattern.
pub(super) const MAX_PATTERN: usize = 16 << 10;

/// JSON values in a schema. The largest that we know of in one piece, of Kubernetes, has some 70,000.
pub(super) const MAX_VALUES: usize = 150_000;

/// Resources with an `$id` of their own within a schema.
const MAX_RESOURCES: usize = 500;

/// Ways through the resources of a schema: the validator compiles a resource anew for each.
const MAX_WAYS: usize = 5_000;

/// A limit that a schema, or a document with it, is beyond: what, where, and what to do.
pub(super) fn beyond(what: &str, pointer: &str, remedy: &str) -> Error {
    let place = if pointer.is_empty() {
        "its root"
    } else {
        pointer
    };
    let message = format!("the JSON Schema {what}, at `{place}`");
    Error::new(ErrorKind::Limit, message).with_help(remedy)
}

/// The patterns of a schema, each once.
#[derive(Debug, Default)]
pub(super) struct Inventory<'s> {
    pub(super) patterns: BTreeSet<&'s str>,
    /// Those of them that are for keys.
    pub(super) keys: BTreeSet<&'s str>,
    values: usize,
}

/// Takes stock of a schema.
pub(super) fn inventory<'s>(
    root: &'s Json,
    resources: &Resources<'s>,
) -> Result<Inventory<'s>, Error> {
    let mut found = Inventory::default();
    found.add(root, resources)?;
    if resources.embedded > MAX_RESOURCES {
        let what = format!("has more than {MAX_RESOURCES} resources with an `$id` of their own");
        return Err(beyond(&what, "", "refer to definitions by `#/$defs/…`"));
    }
    if resources.embedded > 1 {
        ways(resources)?;
    }
    Ok(found)
}

impl<'s> Inventory<'s> {
    fn add(&mut self, schema: &'s Json, resources: &Resources<'s>) -> Result<(), Error> {
        self.values += 1;
        if self.values > MAX_VALUES {
            let what = format!("has more than {MAX_VALUES} values");
            return Err(beyond(
                &what,
                &resources.pointer(schema),
                "leave out what is not needed",
            ));
        }
        match schema {
            Json::Array(items) => items.iter().try_for_each(|item| self.add(item, resources)),
            Json::Object(map) => {
                let keys = map.get("patternProperties").and_then(Json::as_object);
                let keys = keys
                    .into_iter()
                    .flatten()
                    .map(|(pattern, _)| pattern.as_str());
                for pattern in keys {
                    self.pattern(pattern, schema, resources)?;
                    self.keys.insert(pattern);
                }
                if let Some(pattern) = map.get("pattern").and_then(Json::as_str) {
                    self.pattern(pattern, schema, resources)?;
                }
                map.values()
                    .try_for_each(|inner| self.add(inner, resources))
            }
            _ => Ok(()),
        }
    }

    fn pattern(
        &mut self,
        pattern: &'s str,
        schema: &Json,
        resources: &Resources<'s>,
    ) -> Result<(), Error> {
        let too_long = pattern.len() > MAX_PATTERN;
        self.patterns.insert(pattern);
        if too_long || self.patterns.len() > MAX_PATTERNS {
            let what = match too_long {
                true => format!("has a regular expression of more than {MAX_PATTERN} bytes"),
                false => format!("has more than {MAX_PATTERNS} different regular expressions"),
            };
            return Err(beyond(
                &what,
                &resources.pointer(schema),
                "use fewer and simpler ones",
            ));
        }
        Ok(())
    }
}

/// Counts the ways through embedded resources by going them.
fn ways(resources: &Resources<'_>) -> Result<(), Error> {
    let root = Subschema {
        schema: resources.root,
        resource: resources.root,
    };
    let mut left = MAX_WAYS;
    go(resources, root, &mut Vec::new(), &mut left).map_err(|resource| {
        let what = format!("has more than {MAX_WAYS} ways through its resources with an `$id`");
        beyond(
            &what,
            &resources.pointer(resource),
            "refer to definitions by `#/$defs/…`",
        )
    })
}

fn go<'s>(
    resources: &Resources<'s>,
    at: Subschema<'s>,
    on: &mut Vec<&'s Json>,
    left: &mut usize,
) -> Result<(), &'s Json> {
    *left = left.checked_sub(1).ok_or(at.resource)?;
    on.push(at.resource);
    let mut next = Vec::new();
    leads_to(resources, at, &mut next);
    for target in next {
        if !on.iter().any(|seen| std::ptr::eq(*seen, target)) {
            let target = Subschema {
                schema: target,
                resource: target,
            };
            go(resources, target, on, left)?;
        }
    }
    on.pop();
    Ok(())
}

/// The other resources that one refers to.
fn leads_to<'s>(resources: &Resources<'s>, at: Subschema<'s>, found: &mut Vec<&'s Json>) {
    if let Some(reference) = at.schema.get("$ref").and_then(Json::as_str) {
        for target in resources.resolve(reference, at) {
            let other = !std::ptr::eq(target.resource, at.resource);
            if other
                && !found
                    .iter()
                    .any(|known| std::ptr::eq(*known, target.resource))
            {
                found.push(target.resource);
            }
        }
    }
    let inner: Vec<&'s Json> = match at.schema {
        Json::Object(map) => map.values().collect(),
        Json::Array(items) => items.iter().collect(),
        _ => return,
    };
    for inner in inner {
        let inner = at.inner(inner);
        if std::ptr::eq(inner.resource, at.resource) {
            leads_to(resources, inner, found);
        }
    }
}
