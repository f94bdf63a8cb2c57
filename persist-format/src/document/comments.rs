//! Comments on their way into another format: those above a line and those at its end go with what the line is about.

use std::collections::HashMap;
use std::ops::Range;

use super::Document;
use super::content::Content;
use crate::format::Format;
use crate::path::{KeyPath, Segment};
use crate::reading::Reading;
use crate::tree::{Node, Origin};
use crate::value::Value;

/// A comment and where in the new document it belongs.
struct Comment {
    /// Its lines, without marks.
    lines: Vec<String>,
    place: CommentPlace,
    /// The line it stands on, counted from 0.
    line: usize,
}

enum CommentPlace {
    /// Above everything.
    Top,
    /// Above the line of a value.
    Above(KeyPath),
    /// At the end of that line.
    Beside(KeyPath),
    /// Below everything.
    Bottom,
    /// About nothing that has a place elsewhere.
    Nowhere,
}

impl Document {
    /// Puts this document's comments into `fresh`, which says the same in another format; the lines, counted from 1, of those that found no place.
    pub(super) fn carry_comments(&self, fresh: &mut Self) -> Vec<usize> {
        let comments = Lines::of(self).comments();
        let all = || comments.iter().map(|comment| comment.line + 1).collect();
        let Some(mark) = fresh.format().engine().comment_mark() else {
            return all();
        };
        let target = Lines::of(fresh);
        let mut dropped = Vec::new();
        let mut places: Vec<(usize, String)> = Vec::new();
        let mut count = 0;
        for comment in &comments {
            match target.written(comment, mark, &places) {
                Some(place) => {
                    count += comment.lines.len();
                    places.push(place);
                }
                None => dropped.push(comment.line + 1),
            }
        }
        // A stable sort: what goes to one place keeps its order.
        places.sort_by_key(|(at, _)| *at);
        if comments
            .iter()
            .any(|c| matches!(c.place, CommentPlace::Top))
        {
            let after = places.partition_point(|(at, _)| *at == 0);
            let tops = comments
                .iter()
                .filter(|c| matches!(c.place, CommentPlace::Top));
            places.insert(tops.count().min(after), (0, "\n".into()));
        }
        if fresh.holds(&places, count) {
            dropped
        } else {
            all()
        }
    }

    /// Makes the insertions if the text then says the same and has so many comments.
    fn holds(&mut self, places: &[(usize, String)], comments: usize) -> bool {
        let mut text = String::with_capacity(self.content.text.len());
        let mut from = 0;
        for (at, new) in places {
            text.push_str(&self.content.text[from..*at]);
            text.push_str(new);
            from = *at;
        }
        text.push_str(&self.content.text[from..]);
        let Ok(reading) = Reading::again(text, self.format(), &self.limits) else {
            return false;
        };
        if reading.comments().len() != comments {
            return false;
        }
        match self.verified(reading, self.value()) {
            Ok(verified) => {
                self.content = Content::checked(verified);
                true
            }
            Err(_) => false,
        }
    }
}

/// A document's text as lines, and what is on them.
struct Lines<'d> {
    document: &'d Document,
    starts: Vec<usize>,
    /// The first value that begins on a line.
    begin: HashMap<usize, KeyPath>,
    /// The outermost value that ends on a line.
    end: HashMap<usize, KeyPath>,
}

impl<'d> Lines<'d> {
    fn of(document: &'d Document) -> Self {
        let breaks = document
            .content
            .text
            .match_indices('\n')
            .map(|(at, _)| at + 1);
        let mut lines = Self {
            document,
            starts: std::iter::once(0).chain(breaks).collect(),
            begin: HashMap::new(),
            end: HashMap::new(),
        };
        let tree = document.tree();
        lines.note(&mut KeyPath::root(), &tree.value, &tree.node);
        lines
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    fn text(&self, line: usize) -> &'d str {
        let end = self.starts.get(line + 1).copied();
        &self.document.content.text
            [self.starts[line]..end.unwrap_or(self.document.content.text.len())]
    }

    fn note(&mut self, path: &mut KeyPath, value: &Value, node: &Node) {
        // What stands elsewhere has its comments there; of a table that only longer headers speak of no line is its own, and no root but JSON's
        // has more than its first key.
        let is_here = matches!(node.origin, Origin::Own | Origin::Anchored);
        let is_written = if path.is_root() {
            matches!(self.document.format(), Format::Json | Format::Jsonc)
        } else {
            node.origin != Origin::Merged && node.key.as_ref() != Some(&node.span)
        };
        if is_written {
            let (first, last) = (self.line(node.start()), self.line(node.span.end));
            self.begin.entry(first).or_insert_with(|| path.clone());
            self.end.entry(last).or_insert_with(|| path.clone());
        }
        for (index, child) in node.children.iter().enumerate().filter(|_| is_here) {
            if let Some(inner) = value.child_at(index) {
                path.push(Segment::of_child(value, index));
                self.note(path, inner, child);
                path.pop();
            }
        }
    }

    fn comments(&self) -> Vec<Comment> {
        let text = &self.document.content.text;
        let spans = self.document.comment_extents();
        let own = self.document.format().engine().schema_mark();
        let whole = |span: &Range<usize>| {
            let (first, last) = (self.line(span.start), self.line(span.end));
            let before = &text[self.starts[first]..span.start];
            let after = &text[span.end..self.starts[last] + self.text(last).len()];
            before.trim().is_empty() && after.trim().is_empty()
        };
        let mut comments: Vec<Comment> = Vec::new();
        // From the last to the first, so that one above another knows what that is above of.
        let mut below: Option<(usize, KeyPath)> = None;
        for span in spans.into_iter().rev() {
            let (first, last) = (self.line(span.start), self.line(span.end));
            let place = if own.is_some_and(|own| text[span.clone()].starts_with(own)) {
                // What editors read is said in another way.
                continue;
            } else if whole(&span) {
                let next = match &below {
                    Some((line, path)) if *line == last + 1 => Some(path),
                    _ => self.begin.get(&(last + 1)),
                };
                let next = next.cloned();
                below = next.clone().map(|path| (first, path));
                self.above(next, first)
            } else if first == last {
                self.beside(&span, first)
            } else {
                CommentPlace::Nowhere
            };
            comments.push(Comment {
                lines: content(&text[span]),
                place,
                line: first,
            });
        }
        comments.reverse();
        comments
    }

    /// The place of a comment that has its lines for itself, above of `next` if there is anything directly below.
    fn above(&self, next: Option<KeyPath>, line: usize) -> CommentPlace {
        match next {
            Some(path) if !path.is_root() => CommentPlace::Above(path),
            _ if self.begin.keys().all(|begin| *begin > line) => CommentPlace::Top,
            _ if self.end.keys().all(|end| *end < line) => CommentPlace::Bottom,
            _ => CommentPlace::Nowhere,
        }
    }

    /// The place of a comment that follows something on its line.
    fn beside(&self, span: &Range<usize>, line: usize) -> CommentPlace {
        let rest = &self.document.content.text[span.end..self.starts[line] + self.text(line).len()];
        let about = self.begin.get(&line).or_else(|| self.end.get(&line));
        match about {
            Some(path) if rest.trim().is_empty() && !path.is_root() => {
                CommentPlace::Beside(path.clone())
            }
            _ => CommentPlace::Nowhere,
        }
    }

    /// Where in this, the new document, a comment is put in and what; `None` if its place has no line of its own here.
    fn written(
        &self,
        comment: &Comment,
        mark: &str,
        taken: &[(usize, String)],
    ) -> Option<(usize, String)> {
        let (path, beside) = match &comment.place {
            CommentPlace::Top | CommentPlace::Bottom => (None, false),
            CommentPlace::Above(path) => (Some(path), false),
            CommentPlace::Beside(path) => (Some(path), true),
            CommentPlace::Nowhere => return None,
        };
        let mut at = match comment.place {
            CommentPlace::Bottom => self.document.content.text.len(),
            _ => 0,
        };
        let mut indent = "";
        if let Some(path) = path {
            let (_, node) = self.document.tree().find(path)?;
            let line = self.line(node.start());
            let before = &self.document.content.text[self.starts[line]..node.start()];
            let is_header = self.document.format() == Format::Toml && before.starts_with('[');
            if !is_header && !before.chars().all(|c| matches!(c, ' ' | '-')) {
                return None;
            }
            at = self.starts[line];
            indent = &before[..before.len() - before.trim_start().len()];
            if beside {
                let end = at + self.text(line).trim_end().len();
                let [text] = comment.lines.as_slice() else {
                    return None;
                };
                let free = taken.iter().all(|(other, _)| *other != end);
                return free.then(|| (end, format!(" {mark}{text}")));
            }
        }
        let lines = comment.lines.iter();
        Some((
            at,
            lines
                .map(|text| format!("{indent}{mark}{text}\n"))
                .collect(),
        ))
    }
}

/// A comment's lines without the marks.
fn content(comment: &str) -> Vec<String> {
    let line = |text: &str| text.trim_end().to_owned();
    if let Some(text) = comment.strip_prefix('#').or(comment.strip_prefix("//")) {
        return vec![line(text)];
    }
    let inner = comment.strip_prefix("/*").unwrap_or(comment);
    let inner = inner.strip_suffix("*/").unwrap_or(inner);
    let text = |part: &str| {
        let part = part.trim();
        line(&format!(
            " {}",
            part.strip_prefix('*').unwrap_or(part).trim()
        ))
    };
    let lines: Vec<String> = inner.lines().map(text).collect();
    let is_blank = |text: &&String| text.is_empty();
    let skipped = lines.iter().take_while(is_blank).count();
    let kept = lines.len() - lines.iter().rev().take_while(is_blank).count();
    lines.get(skipped..kept).unwrap_or_default().to_vec()
}
