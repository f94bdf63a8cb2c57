//! What must still be there after an edit.

use std::collections::HashMap;

use persist_format::{Document, KeyPath, Value};

use crate::edits::{Act, paths};

/// Lines that an edit may touch, counted from 0.
pub(crate) struct Touched(Vec<bool>);

fn line_of(document: &Document, path: &KeyPath) -> Option<usize> {
    document.location(path).map(|at| at.line - 1)
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//") || line.starts_with("/*")
}

impl Touched {
    /// The lines of what is at the edit's place, of its siblings on both sides (their commas), and the comment lines directly above.
    pub(crate) fn by(act: &Act, document: &Document) -> Option<Self> {
        let lines: Vec<&str> = document.text().split('\n').collect();
        let mut touched = vec![false; lines.len() + 1];
        let mut place = act.place()?.clone();
        while document.get(&place).is_none() {
            place.pop()?;
        }
        let mut inside = Vec::new();
        paths(document.get(&place)?, &place, &mut inside);
        let count = |offset: usize| document.text()[..offset].matches('\n').count();
        let spans = inside.iter().filter_map(|path| document.extent(path));
        let lines_of = spans.map(|span| (count(span.start), count(span.end)));
        let (first, last) = lines_of.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        touched[first..=last].fill(true);
        // Where a moved value arrives, the sibling before it may get a comma.
        if let Act::Move(_, to) = act {
            if let Some(span) = to.parent().and_then(|parent| document.extent(&parent)) {
                touched[count(span.start)] = true;
                touched[count(span.end)] = true;
            }
            let siblings = to
                .parent()
                .and_then(|parent| Some((document.get(&parent)?, parent)));
            let mut children = Vec::new();
            if let Some((container, parent)) = siblings {
                paths(container, &parent, &mut children);
                let depth = parent.segments().len() + 1;
                children.retain(|path| path.segments().len() == depth);
            }
            for end in children.iter().filter_map(|path| document.extent(path)) {
                touched[count(end.end)] = true;
            }
        }
        let above = lines[..first]
            .iter()
            .rev()
            .take_while(|line| is_comment(line))
            .count();
        touched[first - above..first].fill(true);
        Some(Self(touched))
    }
}

/// The comments of the old text that are gone and were not on touched lines.
pub(crate) fn lost_comments(
    old: &Document,
    new: &Document,
    touched: Option<&Touched>,
) -> Vec<String> {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for comment in new.comments() {
        *left.entry(comment).or_insert(0) += 1;
    }
    // Comments that may go count as if they were still there: which of several equal ones went can't be told.
    for comment in old.comments() {
        let start = comment.as_ptr() as usize - old.text().as_ptr() as usize;
        let line = old.text()[..start].matches('\n').count();
        if touched.is_none_or(|touched| touched.0[line]) {
            *left.entry(comment).or_insert(0) += 1;
        }
    }
    let mut missing = Vec::new();
    for comment in old.comments() {
        match left.get_mut(comment) {
            Some(count) if *count > 0 => *count -= 1,
            _ => missing.push(comment.to_owned()),
        }
    }
    missing
}

/// Of the scalars that the edit didn't concern: how many stand on a line that is byte for byte as before, and how many there are.
pub(crate) fn lines_kept(
    act: &Act,
    old: &Document,
    new: &Document,
    touched: &Touched,
) -> (usize, usize) {
    let old_lines: Vec<&str> = old.text().split('\n').collect();
    let new_lines: Vec<&str> = new.text().split('\n').collect();
    let mut all = Vec::new();
    paths(old.value(), &KeyPath::root(), &mut all);
    let place = act.place().cloned().unwrap_or_default();
    let parent = place.parent().unwrap_or_default();
    let in_list = old.get(&parent).is_some_and(Value::is_sequence);
    let (mut kept, mut count) = (0, 0);
    for path in all.iter().filter(|path| !path.starts_with(&place)) {
        // In a list places shift; what stands in it is looked at by its comments only.
        if old.get(path).is_none_or(Value::is_container)
            || (in_list && path.starts_with(&parent))
            || old.get(path) != new.get(path)
        {
            continue;
        }
        let (Some(a), Some(b)) = (line_of(old, path), line_of(new, path)) else {
            continue;
        };
        let near = touched.0[a] || touched.0[a + 1] || is_neighbour(&parent, path, old);
        if near {
            continue;
        }
        count += 1;
        kept += usize::from(old_lines[a] == new_lines[b]);
    }
    (kept, count)
}

/// True for the last of the children before the place: a comma may be added or taken after it.
fn is_neighbour(parent: &KeyPath, path: &KeyPath, old: &Document) -> bool {
    let text = old.text();
    let ends = |path: &KeyPath| {
        old.extent(path)
            .map(|span| text[span.end..].trim_start().chars().next())
    };
    path.starts_with(parent) && matches!(ends(path), Some(Some(',' | ']' | '}')))
}
