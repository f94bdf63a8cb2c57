//! Where the references of a schema lead, within its own document. Nothing else is ever looked at.

use std::collections::HashMap;

use serde_json::Value as Json;

/// A subschema, and the root of the resource that its references start from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subschema<'s> {
    pub(super) schema: &'s Json,
    pub(super) resource: &'s Json,
}

impl<'s> Subschema<'s> {
    /// A subschema below: its own resource where it has an `$id`.
    pub(super) fn inner(self, schema: &'s Json) -> Subschema<'s> {
        let resource = match id_of(schema) {
            Some(_) => schema,
            None => self.resource,
        };
        Subschema { schema, resource }
    }
}

/// The embedded resources and the anchors of a schema.
#[derive(Debug)]
pub(super) struct Resources<'s> {
    pub(super) root: &'s Json,
    /// Each by the last part of its `$id`. A base URI can change the rest, so all that end alike are candidates.
    by_name: HashMap<&'s str, Vec<&'s Json>>,
    /// Each with the resource that it is in.
    anchors: HashMap<&'s str, Vec<Subschema<'s>>>,
    /// How many resources are within the root.
    pub(super) embedded: usize,
}

impl<'s> Resources<'s> {
    pub(super) fn of(root: &'s Json) -> Resources<'s> {
        let mut resources = Resources {
            root,
            by_name: HashMap::new(),
            anchors: HashMap::new(),
            embedded: 0,
        };
        let place = Subschema {
            schema: root,
            resource: root,
        };
        resources.collect(place);
        resources
    }

    /// What stands in an `enum` or the like is taken for a schema too: one candidate more does no harm.
    fn collect(&mut self, place: Subschema<'s>) {
        if let Some(id) = id_of(place.schema) {
            self.embedded += usize::from(!std::ptr::eq(place.schema, self.root));
            self.by_name
                .entry(last_part(id))
                .or_default()
                .push(place.schema);
        }
        let text = |keyword: &str| place.schema.get(keyword).and_then(Json::as_str);
        let old = ["$id", "id"].map(|keyword| text(keyword).and_then(|id| id.strip_prefix('#')));
        let names = ["$anchor", "$dynamicAnchor"]
            .map(text)
            .into_iter()
            .chain(old);
        for name in names.flatten() {
            self.anchors.entry(name).or_default().push(place);
        }
        let inner: Box<dyn Iterator<Item = &'s Json>> = match place.schema {
            Json::Object(map) => Box::new(map.values()),
            Json::Array(items) => Box::new(items.iter()),
            _ => return,
        };
        inner.for_each(|inner| self.collect(place.inner(inner)));
    }

    /// All that a reference may mean; none if it leads out of the document.
    pub(super) fn resolve(&self, reference: &str, from: Subschema<'s>) -> Vec<Subschema<'s>> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let roots = match base {
            "" => vec![from.resource],
            _ => self
                .by_name
                .get(last_part(base))
                .cloned()
                .unwrap_or_default(),
        };
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let named = self.anchors.get(fragment).into_iter().flatten();
            let here = |place: &&Subschema<'s>| {
                roots.iter().any(|root| std::ptr::eq(*root, place.resource))
            };
            return named.filter(here).copied().collect();
        }
        roots
            .into_iter()
            .filter_map(|root| below(root, fragment))
            .collect()
    }

    /// All that a dynamic reference may mean: which of them depends on how it is come by.
    pub(super) fn resolve_dynamic(
        &self,
        reference: &str,
        from: Subschema<'s>,
    ) -> Vec<Subschema<'s>> {
        let name = reference.split_once('#').map_or("", |(_, name)| name);
        let mut found = self.resolve(reference, from);
        found.extend(self.anchors.get(name).into_iter().flatten());
        if name.is_empty() {
            let resources = self.by_name.values().flatten().chain([&self.root]);
            found.extend(resources.map(|root| Subschema {
                schema: root,
                resource: root,
            }));
        }
        found
    }

    /// The JSON Pointer of a subschema.
    pub(super) fn pointer(&self, schema: &Json) -> String {
        let mut pointer = String::new();
        find(self.root, schema, &mut pointer);
        pointer
    }
}

/// The `$id` of a resource. One that is a mere fragment is an anchor, as the drafts up to 7 have it.
fn id_of(schema: &Json) -> Option<&str> {
    let id = schema.get("$id").or_else(|| schema.get("id"))?.as_str()?;
    (!id.starts_with('#')).then_some(id)
}

fn last_part(uri: &str) -> &str {
    let uri = uri
        .split('#')
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    uri.rsplit(['/', ':']).next().unwrap_or_default()
}

/// What a JSON Pointer in a fragment leads to (RFC 6901, section 6).
fn below<'s>(root: &'s Json, fragment: &str) -> Option<Subschema<'s>> {
    let mut place = Subschema {
        schema: root,
        resource: root,
    };
    for part in fragment.split('/').skip(1) {
        let key = percent_decoded(part).replace("~1", "/").replace("~0", "~");
        let inner = match place.schema {
            Json::Object(map) => map.get(&key),
            Json::Array(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        };
        place = place.inner(inner?);
    }
    Some(place)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Appends the way to `wanted`, which is known by its address: equal subschemas stand at many places.
fn find(schema: &Json, wanted: &Json, pointer: &mut String) -> bool {
    if std::ptr::eq(schema, wanted) {
        return true;
    }
    let length = pointer.len();
    let mut step = |key: &str, inner: &Json| {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let found = find(inner, wanted, pointer);
        if !found {
            pointer.truncate(length);
        }
        found
    };
    match schema {
        Json::Object(map) => map.iter().any(|(key, inner)| step(key, inner)),
        Json::Array(items) => {
            let mut items = items.iter().enumerate();
            items.any(|(index, inner)| step(&index.to_string(), inner))
        }
        _ => false,
    }
}
