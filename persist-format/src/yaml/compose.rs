//! From the [`Cst`] to values: aliases and merge keys expanded, tags resolved, duplicate keys rejected.

use std::collections::HashMap;
use std::ops::Range;

use super::cst::{Cst, Entry, Id, Item, NodeKind};
use super::scalar;
use super::weight::weigh;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::path::{KeyPath, Segment};
use crate::tree::{Node, Origin, Tree};
use crate::value::{Map, Value};

/// The spanned tree of one document.
pub(super) fn compose(text: &str, cst: &Cst, root: Id, limits: &Limits) -> Result<Tree, Error> {
    // Without aliases it weighs what the parser has counted.
    if !cst.aliases.is_empty() {
        weigh(text, cst, root, limits)?;
    }
    let mut composer = Composer {
        text,
        cst,
        limits,
        aliases: Vec::new(),
        depth: 0,
    };
    let (value, node) = composer.node(root)?;
    Ok(Tree { value, node })
}

struct Composer<'c> {
    text: &'c str,
    cst: &'c Cst,
    limits: &'c Limits,
    /// The anchored nodes that are being expanded.
    aliases: Vec<Id>,
    /// The collections around, those that aliases brought in counted too: what reads or drops the value recurses.
    depth: usize,
}

/// A collection's value and the nodes of its children.
type Composed = (Value, Vec<Node>);

/// An entry of a mapping while it is put together.
struct PendingEntry {
    key: Value,
    value: Value,
    node: Node,
}

impl Composer<'_> {
    /// An error at the node that is composed; the collections around it add their steps to its path.
    fn fail(&self, kind: ErrorKind, message: impl Into<String>, span: Range<usize>) -> Error {
        Error::at(kind, message, self.text, span).with_path(KeyPath::root())
    }

    fn node(&mut self, id: Id) -> Result<(Value, Node), Error> {
        let node = &self.cst.nodes[id];
        let tag = node.tag.as_ref().map(|tag| tag.name.as_str());
        let mut spanned = Node::new(node.start..node.end);
        if node.anchor.as_ref().is_some_and(|anchor| anchor.aliased) {
            spanned.origin = Origin::Anchored;
        }
        let (value, children) = match &node.kind {
            NodeKind::Alias { target } => return self.alias(id, *target),
            NodeKind::Scalar { text, style } => {
                let value = scalar::resolve(text, *style, tag, self.limits).map_err(|wrong| {
                    self.fail(wrong.kind, wrong.message, node.content..node.end)
                })?;
                return Ok((value, spanned));
            }
            NodeKind::Sequence { items, .. } => self.nested(id, |this| this.sequence(items))?,
            NodeKind::Mapping { entries, .. } => self.nested(id, |this| this.mapping(entries))?,
        };
        spanned.children = children;
        Ok((self.collection_tag(value, tag, id)?, spanned))
    }

    fn nested(
        &mut self,
        id: Id,
        read: impl FnOnce(&mut Self) -> Result<Composed, Error>,
    ) -> Result<Composed, Error> {
        if self.depth >= self.limits.max_depth() {
            let message = format!(
                "collections nested deeper than {}, aliases expanded",
                self.limits.max_depth()
            );
            let start = self.cst.nodes[id].start;
            return Err(self.fail(ErrorKind::Limit, message, start..start + 1));
        }
        self.depth += 1;
        let composed = read(self);
        self.depth -= 1;
        composed
    }

    fn collection_tag(&self, value: Value, tag: Option<&str>, id: Id) -> Result<Value, Error> {
        let Some(tag) = tag else { return Ok(value) };
        let is_map = value.is_map();
        match tag.strip_prefix(scalar::CORE) {
            Some("map" | "set") if is_map => Ok(value),
            Some("seq" | "omap" | "pairs") if !is_map => Ok(value),
            Some(
                "map" | "set" | "seq" | "omap" | "pairs" | "str" | "int" | "float" | "bool"
                | "null" | "binary",
            ) => {
                let node = &self.cst.nodes[id];
                Err(self.fail(
                    ErrorKind::Syntax,
                    format!("{} can't have the tag {tag}", value.a_kind()),
                    node.start..node.content,
                ))
            }
            _ if tag == "!" => Ok(value),
            _ => Ok(scalar::tagged(tag, value)),
        }
    }

    fn alias(&mut self, id: Id, target: Id) -> Result<(Value, Node), Error> {
        let alias = &self.cst.nodes[id];
        let span = alias.start..alias.end;
        // The anchored node has not ended yet where the alias stands within it.
        if self.aliases.contains(&target) || self.cst.nodes[target].end >= alias.end {
            return Err(self.fail(
                ErrorKind::Syntax,
                "an alias inside the node that it refers to",
                span,
            ));
        }
        self.aliases.push(target);
        let (value, mut node) = self.node(target)?;
        self.aliases.pop();
        node.span = span;
        node.origin = Origin::Alias {
            of: self.cst.nodes[target].start,
        };
        Ok((value, node))
    }

    fn sequence(&mut self, items: &[Item]) -> Result<Composed, Error> {
        let mut values = Vec::with_capacity(items.len());
        let mut nodes = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let item = self.node(item.node);
            let (value, node) = item.map_err(|e| e.within(Segment::Index(index)))?;
            values.push(value);
            nodes.push(node);
        }
        Ok((Value::Sequence(values), nodes))
    }

    fn mapping(&mut self, entries: &[Entry]) -> Result<Composed, Error> {
        if entries.iter().any(|e| self.cst.is_merge_key(e.key)) {
            return self.merged_mapping(entries);
        }
        let mut map = Map::new();
        let mut nodes = Vec::with_capacity(entries.len());
        for entry in entries {
            let slot = self.entry(entry)?;
            match map.put(slot.key, slot.value) {
                (_, None) => nodes.push(slot.node),
                (twin, Some(_)) if self.limits.allow_duplicate_keys => nodes[twin] = slot.node,
                (twin, Some(_)) => {
                    let key = map.entry_at(twin).map(|(key, _)| key);
                    return Err(self.stands_twice(key.unwrap_or(&Value::Null), entry));
                }
            }
        }
        Ok((Value::Map(map), nodes))
    }

    fn stands_twice(&self, key: &Value, entry: &Entry) -> Error {
        let node = &self.cst.nodes[entry.key];
        self.fail(
            ErrorKind::DuplicateKey,
            format!("duplicate key {key}"),
            node.start..node.end,
        )
        .with_help("remove or rename one of the two")
    }

    /// A mapping with merge keys.
    fn merged_mapping(&mut self, entries: &[Entry]) -> Result<Composed, Error> {
        let mut slots: Vec<PendingEntry> = Vec::with_capacity(entries.len());
        // Where in `slots` each key is.
        let mut seen: HashMap<Value, usize> = HashMap::with_capacity(entries.len());
        let mut merged: Vec<(usize, PendingEntry)> = Vec::new();
        for entry in entries {
            if self.cst.is_merge_key(entry.key) {
                self.merge(entry, slots.len(), &mut merged)?;
                continue;
            }
            let slot = self.entry(entry)?;
            match seen.insert(slot.key.clone(), slots.len()) {
                None => slots.push(slot),
                Some(twin) if self.limits.allow_duplicate_keys => {
                    seen.insert(slot.key.clone(), twin);
                    slots[twin] = slot;
                }
                Some(_) => return Err(self.stands_twice(&slot.key, entry)),
            }
        }
        // Own entries win over merged ones; merged ones stand where the merge key does.
        merged.retain(|(_, slot)| seen.insert(slot.key.clone(), 0).is_none());
        let mut merged = merged.into_iter().peekable();
        let mut all = Vec::with_capacity(slots.len() + merged.len());
        for (at, slot) in slots.into_iter().enumerate() {
            while let Some((_, slot)) = merged.next_if(|(place, _)| *place <= at) {
                all.push(slot);
            }
            all.push(slot);
        }
        all.extend(merged.map(|(_, slot)| slot));
        let mut map = Map::new();
        let mut nodes = Vec::with_capacity(all.len());
        for slot in all {
            map.insert(slot.key, slot.value);
            nodes.push(slot.node);
        }
        Ok((Value::Map(map), nodes))
    }

    fn entry(&mut self, entry: &Entry) -> Result<PendingEntry, Error> {
        let (key, _) = self.node(entry.key)?;
        let value = self.node(entry.value);
        let (value, mut node) = value.map_err(|e| {
            let text = key.as_key_text().unwrap_or_else(|| key.to_string());
            e.within(Segment::Key(text))
        })?;
        let key_node = &self.cst.nodes[entry.key];
        node.key = Some(key_node.start..key_node.end);
        Ok(PendingEntry { key, value, node })
    }

    /// The entries of the mapping, or of each mapping in a sequence (the first that has a key wins).
    fn merge(
        &mut self,
        entry: &Entry,
        place: usize,
        merged: &mut Vec<(usize, PendingEntry)>,
    ) -> Result<(), Error> {
        let (value, node) = self.node(entry.value)?;
        let sources = match value {
            Value::Map(map) => vec![(Value::Map(map), node)],
            Value::Sequence(items) if items.iter().all(Value::is_map) => {
                items.into_iter().zip(node.children).collect()
            }
            other => {
                let written = &self.cst.nodes[entry.value];
                let message = format!(
                    "a merge key needs a mapping or a sequence of mappings, found {}",
                    other.kind()
                );
                return Err(self.fail(ErrorKind::Syntax, message, written.start..written.end));
            }
        };
        for (source, node) in sources {
            let Value::Map(map) = source else { continue };
            for ((key, value), mut node) in map.into_iter().zip(node.children) {
                node.origin = Origin::Merged;
                merged.push((place, PendingEntry { key, value, node }));
            }
        }
        Ok(())
    }
}
