//! YAML: block by block. A block is a line with all that is indented further; one that does not read alone is split into those within
//! it, and what can't be split is dropped with what is nested under it.

mod anchors;
mod lines;

use std::collections::HashSet;

use persist_format::{Format, Map, Value};

use super::pieces::Piece;
use super::reading::parse;
use anchors::Anchors;
use lines::{blocks, indent, is_item, is_layout};

pub(super) use lines::certain_lines;

/// How deep blocks are split. Each level reads the text once more.
const LEVELS: usize = 8;

/// The pieces of the lines that are kept, one for each block at the root.
pub(super) fn pass<'a>(lines: &[&'a str]) -> Vec<Piece<'a>> {
    let mut anchors = Anchors::default();
    let texts = children(lines, &mut anchors, 0);
    texts.into_iter().map(Piece::new).collect()
}

/// What the blocks of one collection have in common.
#[derive(Default)]
struct Siblings {
    indent: Option<usize>,
    keys: HashSet<Value>,
}

/// The blocks that are kept, with the comments and blank lines between them.
fn children(lines: &[&str], anchors: &mut Anchors, level: usize) -> Vec<String> {
    let mut siblings = Siblings::default();
    let mut items = None;
    let mut kept = Vec::new();
    for block in blocks(lines) {
        let first = block[0];
        if is_layout(first) {
            kept.push(first.to_owned());
            continue;
        }
        let in_line = siblings.indent.is_none_or(|column| column == indent(first));
        if !in_line || items.is_some_and(|items| items != is_item(first)) {
            continue;
        }
        let text = match whole(block, &mut siblings.keys, anchors) {
            Some(text) => text,
            None => match split(block, &mut siblings.keys, anchors, level) {
                Some(text) => text,
                None => continue,
            },
        };
        siblings.indent = Some(indent(first));
        items = Some(is_item(first));
        anchors.define(&text);
        kept.push(text);
    }
    kept
}

/// The block, if it reads alone and its keys are new.
fn whole(block: &[&str], keys: &mut HashSet<Value>, anchors: &Anchors) -> Option<String> {
    let text = block.concat();
    let entries = read(&text, is_item(block[0]), anchors)?;
    take(keys, &entries).then_some(text)
}

/// The block with those of its children that can be kept, if it has a key alone on its line.
fn split(
    block: &[&str],
    keys: &mut HashSet<Value>,
    anchors: &mut Anchors,
    level: usize,
) -> Option<String> {
    let (first, below) = block.split_first()?;
    if level >= LEVELS || is_item(first) || below.is_empty() {
        return None;
    }
    let entries = read(first, false, anchors)?;
    let is_empty = entries.values().all(|value| value.untagged().is_null());
    if !is_empty || entries.len() != 1 {
        return None;
    }
    let kept = children(below, anchors, level + 1);
    // Without a child it would be null, which nobody wrote.
    let found = kept.iter().any(|text| !is_layout(text));
    (found && take(keys, &entries)).then(|| [first, &*kept.concat()].concat())
}

/// Takes the keys, if none of them is taken.
fn take(taken: &mut HashSet<Value>, entries: &Map) -> bool {
    let is_new = !entries.keys().any(|key| taken.contains(key));
    if is_new {
        taken.extend(entries.keys().cloned());
    }
    is_new
}

/// The entries of a block that is a map; none, if it is an item of a sequence and is to be one. A text without a key is no map.
fn read(text: &str, is_item: bool, anchors: &Anchors) -> Option<Map> {
    let stand_ins = anchors.stand_ins(text, is_item);
    let added = usize::from(stand_ins.is_some());
    let text = [&stand_ins.unwrap_or_default(), text].concat();
    match parse(&text, Format::Yaml).ok()?.into_value() {
        Value::Sequence(_) if is_item => Some(Map::new()),
        Value::Map(map) if !is_item => Some(map.into_iter().skip(added).collect()),
        _ => None,
    }
}
