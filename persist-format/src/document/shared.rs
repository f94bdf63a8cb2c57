//! Edits of what anchors and aliases share: through every alias at once, or of one place alone, the others written out.

use std::collections::HashMap;
use std::ops::Range;

use super::apply::Splicing;
use super::content::Content;
use super::{Document, OnAlias};
use crate::engine::Op;
use crate::path::{KeyPath, Segment};
use crate::plan;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::tree::{Node, Origin};
use crate::value::Value;

impl Document {
    /// The operations made as the caller chose to treat aliases; `None` if they can't be, or if aliases are to be left alone.
    pub(super) fn through_aliases(
        &self,
        ops: &[Op],
        wanted: &Value,
        reasons: &mut Vec<Refusal>,
    ) -> Option<Reading> {
        let made = match self.on_alias {
            OnAlias::Refuse => return None,
            OnAlias::Follow => match self.followed_at_once(ops, wanted) {
                Some(made) => Ok(made),
                None => self.followed(ops),
            },
            OnAlias::Expand => self.expanded(ops, wanted),
        };
        made.map_err(|reason| reasons.insert(0, reason)).ok()
    }

    /// Several replacements, each made once where its text is written, so that aliases and merge keys stay; `None` if places that share a
    /// text are not to have the same value, or `wanted` has not what the text then says.
    fn followed_at_once(&self, ops: &[Op], wanted: &Value) -> Option<Reading> {
        if ops.len() < 2 {
            return None;
        }
        let written = self.written();
        let mut places: Vec<KeyPath> = Vec::new();
        let mut values: HashMap<KeyPath, &Value> = HashMap::new();
        for op in ops {
            let Op::Replace { path, value } = op else {
                return None;
            };
            let place = written.place(self.tree().find(path)?.1)?;
            match values.insert(place.clone(), value) {
                None => places.push(place.clone()),
                Some(other) if other == value => {}
                Some(_) => return None,
            }
        }
        let replace = |path: KeyPath| {
            let value = values[&path].clone();
            Op::Replace { path, value }
        };
        let ops: Vec<Op> = places.into_iter().map(replace).collect();
        let made = self.spliced(&ops, &self.sharing()).ok()?;
        self.verified(made, wanted).ok()
    }

    fn written(&self) -> Written {
        let tree = self.tree();
        let is_written = |node: &Node| !matches!(node.origin, Origin::Alias { .. });
        let mut written = Written::default();
        for path in places(&tree.value, &tree.node, &is_written) {
            let Some((_, node)) = tree.find(&path) else {
                continue;
            };
            if node.origin == Origin::Anchored {
                written.anchored.insert(node.span.start, path.clone());
            }
            written.all.insert(node.span.clone(), path);
        }
        written
    }

    /// The operations one after the other, each at the place where its text is written.
    fn followed(&self, ops: &[Op]) -> Result<Reading, Refusal> {
        let (first, rest) = ops.split_first().ok_or(Refusal::NO_PLACE)?;
        let mut made = self.followed_once(first)?;
        let mut document = self.clone();
        for op in rest {
            document.content = Content::checked(made);
            made = document.followed_once(op)?;
        }
        Ok(made)
    }

    fn followed_once(&self, op: &Op) -> Result<Reading, Refusal> {
        let op = self.written_at(op).ok_or(Refusal::NO_PLACE)?;
        let tree = self.tree();
        let (old, _) = tree.find(op.path()).ok_or(Refusal::NO_PLACE)?;
        let meant = match &op {
            Op::Replace { value, .. } => value.clone(),
            Op::Reshape { slots, .. } => plan::reshaped(old, slots).ok_or(Refusal::NO_PLACE)?,
        };
        let made = self.spliced(std::slice::from_ref(&op), &self.sharing())?;
        let new = made.trees.get(self.which).ok_or(Refusal::NO_PLACE)?;
        let edit = Edited {
            anchors: anchors_on(&tree.value, &tree.node, op.path()),
            meant: &meant,
        };
        let rest = Some(op.path().segments());
        if !edit.explains(&tree.value, &tree.node, &new.value, rest) {
            return Err(Refusal::OTHERWISE);
        }
        // Other documents are as they were, and another parser agrees.
        let value = new.value.clone();
        self.verified(made, &value)
    }

    /// Operations that may change what aliases repeat.
    fn sharing(&self) -> Splicing<'_> {
        Splicing {
            shared: true,
            ..Splicing::of(self.value())
        }
    }

    /// The operation at the anchored node where its path leads through an alias.
    fn written_at(&self, op: &Op) -> Option<Op> {
        let tree = self.tree();
        let mut path = tree.value.resolve(op.path())?;
        // Each turn goes to an earlier place of the text.
        while let Some((alias, of)) = self.alias_on(&path, matches!(op, Op::Reshape { .. })) {
            let rest = path.segments()[alias.segments().len()..].to_vec();
            let anchored = |node: &Node| node.origin == Origin::Anchored && node.span.start == of;
            let found = places(&tree.value, &tree.node, &anchored)
                .into_iter()
                .next()?;
            path = found.into_iter().chain(rest).collect();
        }
        Some(op.at(path))
    }

    /// The outermost alias that the path leads through (or to, if that counts), and where what it stands for begins.
    fn alias_on(&self, path: &KeyPath, or_to: bool) -> Option<(KeyPath, usize)> {
        let tree = self.tree();
        let (mut value, mut node) = (&tree.value, &tree.node);
        let mut here = KeyPath::root();
        let mut segments = path.segments().iter();
        loop {
            let next = segments.next();
            if let Origin::Alias { of } = node.origin
                && (or_to || next.is_some())
            {
                return Some((here, of));
            }
            let segment = next?;
            let index = segment.find_in(value)?;
            (value, node) = (value.child_at(index)?, node.children.get(index)?);
            here.push(segment.clone());
        }
    }

    /// The aliases that stand in the way are written out, then the operations are made.
    fn expanded(&self, ops: &[Op], wanted: &Value) -> Result<Reading, Refusal> {
        let tree = self.tree();
        let mut out: Vec<KeyPath> = Vec::new();
        let mut rest = Vec::new();
        for op in ops {
            if let Some((alias, _)) = self.alias_on(op.path(), matches!(op, Op::Reshape { .. })) {
                out.push(alias);
                continue;
            }
            for anchor in anchors_on(&tree.value, &tree.node, op.path()) {
                let is_alias = |node: &Node| node.origin == Origin::Alias { of: anchor };
                out.extend(places(&tree.value, &tree.node, &is_alias));
            }
            rest.push(op.clone());
        }
        out.sort_unstable_by_key(|path| path.segments().len());
        let mut outermost: Vec<KeyPath> = Vec::new();
        for path in out {
            if !outermost.iter().any(|outer| path.starts_with(outer)) {
                outermost.push(path);
            }
        }
        let replace = |path: KeyPath| {
            let value = wanted.get(&path)?.clone();
            Some(Op::Replace { path, value })
        };
        let mut ops: Vec<Op> = outermost.into_iter().filter_map(replace).collect();
        ops.extend(rest);
        self.spliced(&ops, &self.sharing())
            .and_then(|made| self.verified(made, wanted))
    }
}

/// The places whose text stands there, by that text.
#[derive(Default)]
struct Written {
    all: HashMap<Range<usize>, KeyPath>,
    /// Those with an anchor, by where they begin.
    anchored: HashMap<usize, KeyPath>,
}

impl Written {
    /// Where the text of a node is written.
    fn place(&self, node: &Node) -> Option<&KeyPath> {
        match node.origin {
            Origin::Alias { of } => self.anchored.get(&of),
            _ => self.all.get(&node.span),
        }
    }
}

/// Where the anchored nodes begin that the path leads through or to.
fn anchors_on(value: &Value, node: &Node, path: &KeyPath) -> Vec<usize> {
    let mut anchors = Vec::new();
    let (mut value, mut node) = (value, node);
    let mut segments = path.segments().iter();
    loop {
        if node.origin == Origin::Anchored {
            anchors.push(node.span.start);
        }
        let next = segments.next().and_then(|segment| {
            let index = segment.find_in(value)?;
            Some((value.child_at(index)?, node.children.get(index)?))
        });
        match next {
            Some(next) => (value, node) = next,
            None => return anchors,
        }
    }
}

/// The places of the nodes that are wanted, among those whose text stands there.
fn places(value: &Value, node: &Node, wanted: &dyn Fn(&Node) -> bool) -> Vec<KeyPath> {
    fn visit(
        value: &Value,
        node: &Node,
        wanted: &dyn Fn(&Node) -> bool,
        path: &mut KeyPath,
        found: &mut Vec<KeyPath>,
    ) {
        if node.origin == Origin::Merged {
            return;
        }
        if wanted(node) {
            found.push(path.clone());
        }
        if matches!(node.origin, Origin::Alias { .. }) {
            return;
        }
        for (index, child) in node.children.iter().enumerate() {
            if let Some(inner) = value.child_at(index) {
                path.push(Segment::of_child(value, index));
                visit(inner, child, wanted, path, found);
                path.pop();
            }
        }
    }
    let mut found = Vec::new();
    visit(value, node, wanted, &mut KeyPath::root(), &mut found);
    found
}

/// An edit of a text that other places share.
struct Edited<'e> {
    /// Where the anchored nodes begin that hold the place.
    anchors: Vec<usize>,
    /// What is to stand at the place.
    meant: &'e Value,
}

impl Edited<'_> {
    /// True if the new value has what was meant at the place that `rest` leads to, and differs elsewhere only behind aliases of what holds the
    /// place, and in entries that merge keys bring in.
    fn explains(&self, old: &Value, node: &Node, new: &Value, rest: Option<&[Segment]>) -> bool {
        if rest.is_some_and(<[Segment]>::is_empty) {
            return new == self.meant;
        }
        if matches!(node.origin, Origin::Alias { of } if self.anchors.contains(&of)) {
            return true;
        }
        match (old, new) {
            (Value::Tagged(a), Value::Tagged(b)) => {
                a.tag == b.tag && self.explains(&a.value, node, &b.value, rest)
            }
            (Value::Sequence(a), Value::Sequence(b)) => {
                a.len() == b.len()
                    && node.children.len() == a.len()
                    && (0..a.len()).all(|index| {
                        let rest = step(rest, old, index);
                        self.explains(&a[index], &node.children[index], &b[index], rest)
                    })
            }
            (Value::Map(a), Value::Map(b)) => {
                let merges = node.children.iter().any(|c| c.origin == Origin::Merged);
                (merges || a.len() == b.len())
                    && a.iter().zip(&node.children).enumerate().all(
                        |(index, ((key, value), child))| {
                            let rest = step(rest, old, index);
                            child.origin == Origin::Merged
                                || b.get_key(key)
                                    .is_some_and(|new| self.explains(value, child, new, rest))
                        },
                    )
            }
            _ => old == new,
        }
    }
}

/// The rest of the path below a child, if it leads there.
fn step<'r>(rest: Option<&'r [Segment]>, container: &Value, index: usize) -> Option<&'r [Segment]> {
    let (first, rest) = rest?.split_first()?;
    (first.find_in(container) == Some(index)).then_some(rest)
}
