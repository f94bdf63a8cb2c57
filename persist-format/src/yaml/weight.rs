//! What a document weighs with its aliases expanded, found without expanding them.

use std::collections::HashMap;

use super::cst::{Cst, Id, NodeKind};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

/// Values and bytes, saturating.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    /// Values that come in by aliases.
    repeated_nodes: usize,
    /// Bytes of the text that stand for scalars.
    bytes: usize,
    /// Bytes that stand for scalars and come in by aliases.
    repeated: usize,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.repeated_nodes = self.repeated_nodes.saturating_add(other.repeated_nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.repeated = self.repeated.saturating_add(other.repeated);
    }
}

/// Refuses a document that would weigh more than the limits allow. Linear in the text.
pub(super) fn weigh(text: &str, cst: &Cst, root: Id, limits: &Limits) -> Result<(), Error> {
    let weight = Scales {
        cst,
        known: HashMap::new(),
    }
    .node(root);
    let beyond = |message: String, limit: &str| {
        let help = format!("if the file is to be trusted, raise the limit `{limit}`");
        Err(Error::at(ErrorKind::Limit, message, text, first_alias(cst, root)).with_help(help))
    };
    if weight.nodes > limits.nodes {
        return beyond(
            format!("more than {} values, aliases expanded", limits.nodes),
            "nodes",
        );
    }
    if weight.repeated_nodes > limits.alias_nodes {
        return beyond(
            format!("aliases repeat more than {} values", limits.alias_nodes),
            "alias_nodes",
        );
    }
    if weight.repeated > limits.alias_bytes {
        return beyond(
            format!("aliases repeat more than {} bytes", limits.alias_bytes),
            "alias_bytes",
        );
    }
    Ok(())
}

fn first_alias(cst: &Cst, root: Id) -> std::ops::Range<usize> {
    let rest = cst.nodes.get(root..).unwrap_or_default();
    let alias = rest
        .iter()
        .find(|node| matches!(node.kind, NodeKind::Alias { .. }));
    alias
        .or(rest.first())
        .map_or(0..0, |node| node.start..node.end)
}

struct Scales<'c> {
    cst: &'c Cst,
    /// Of the anchored nodes.
    known: HashMap<Id, Weight>,
}

impl Scales<'_> {
    /// Recurses no deeper than the parser let collections nest.
    fn node(&mut self, id: Id) -> Weight {
        let node = &self.cst.nodes[id];
        let mut weight = Weight {
            nodes: 1,
            ..Weight::default()
        };
        match &node.kind {
            NodeKind::Scalar { text, .. } => weight.bytes = text.len(),
            // A target that is not known yet has not ended: composing refuses that.
            NodeKind::Alias { target } => {
                let target = self.known.get(target).copied().unwrap_or_default();
                weight.add(Weight {
                    repeated_nodes: target.nodes,
                    repeated: target.bytes,
                    ..target
                });
            }
            NodeKind::Sequence { items, .. } => items
                .iter()
                .for_each(|item| weight.add(self.node(item.node))),
            NodeKind::Mapping { entries, .. } => {
                for entry in entries {
                    // The key itself is counted with its value, what is in it is not.
                    let key = self.node(entry.key);
                    weight.add(Weight {
                        nodes: key.nodes.saturating_sub(1),
                        ..key
                    });
                    weight.add(self.node(entry.value));
                }
            }
        }
        if node.anchor.is_some() {
            self.known.insert(id, weight);
        }
        weight
    }
}
