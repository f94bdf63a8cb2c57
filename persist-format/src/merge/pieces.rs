//! A text in pieces that can be told apart: each entry of a map by its path, whatever it says.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::owners::{Begun, Nodes, Owner};
use crate::document::Document;
use crate::format::Format;
use crate::lines::line_end;
use crate::path::{KeyPath, Segment};
use crate::reading::comment_words;
use crate::value::Value;

/// A stretch of text. Two are the same piece if they have the same name, or, having none, say the same.
#[derive(Clone, Debug)]
pub(super) struct Piece<'t> {
    pub(super) text: Cow<'t, str>,
    /// The entry that begins, goes on or ends here.
    name: Option<Name>,
    is_comment: bool,
    /// Where it begins in its text, after the space before it.
    start: usize,
    owner: Option<Owner>,
}

/// What of which entry a piece is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Name {
    Entry(KeyPath),
    CommaAfter(KeyPath),
    EndOf(KeyPath),
    CommentBeside(KeyPath),
    /// A blank line, by what comes after it.
    BlankBefore(Option<Box<Name>>),
}

impl Piece<'_> {
    /// The same piece with another text.
    pub(super) fn reading(&self, text: String) -> Self {
        Self {
            text: Cow::Owned(text),
            name: self.name.clone(),
            is_comment: self.is_comment,
            start: self.start,
            owner: self.owner.clone(),
        }
    }

    /// The entry or item that begins here.
    pub(super) fn begun(&self) -> Option<&Begun> {
        match &self.owner {
            Some(Owner::Itself(begun)) => Some(begun),
            _ => None,
        }
    }

    /// What it is a part of; `None` if it goes on with what comes before it.
    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Whether it is a comment on the line of what comes before it.
    pub(super) fn is_beside(&self) -> bool {
        matches!(self.owner, Some(Owner::Line))
    }

    /// Whether it is a comment or a blank line of what comes next.
    pub(super) fn is_lead(&self) -> bool {
        matches!(self.owner, Some(Owner::Next))
    }

    /// Where it begins in its text, after the space before it.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Whether it stands within what goes on to this byte of its text.
    pub(super) fn is_before(&self, end: usize) -> bool {
        self.start < end
    }

    pub(super) fn is_comma(&self) -> bool {
        self.text.trim() == ","
    }

    /// The entry that begins here.
    pub(super) fn entry(&self) -> Option<&KeyPath> {
        match &self.name {
            Some(Name::Entry(path)) => Some(path),
            _ => None,
        }
    }

    pub(super) fn is_comment(&self) -> bool {
        self.is_comment
    }

    /// Whether it is a comment that goes on to the end of its line.
    pub(super) fn is_line_comment(&self) -> bool {
        self.is_comment && !self.text.trim_start().starts_with("/*")
    }

    /// What tells it from others if it has no name: of a comment what it says, wherever on a line.
    fn words(&self) -> &str {
        match self.is_comment {
            true => self.text.trim(),
            false => &self.text,
        }
    }

    /// The space before it, with the line end, and what it says.
    pub(super) fn space_and_words(&self) -> (&str, &str) {
        let words = self.text.trim_start();
        self.text.split_at(self.text.len() - words.len())
    }

    /// Whether it is a comment of no entry.
    pub(super) fn is_loose_comment(&self) -> bool {
        self.name.is_none() && self.is_comment
    }

    /// Whether it is a comment on a line of its own.
    pub(super) fn is_comment_line(&self) -> bool {
        self.is_loose_comment() && self.text.starts_with(['\n', '\r'])
    }

    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// The entry that ends here with a bracket.
    pub(super) fn end_of(&self) -> Option<&KeyPath> {
        match &self.name {
            Some(Name::EndOf(path)) => Some(path),
            _ => None,
        }
    }

    /// The entry that the comment is beside.
    pub(super) fn comment_beside(&self) -> Option<&KeyPath> {
        match &self.name {
            Some(Name::CommentBeside(path)) => Some(path),
            _ => None,
        }
    }

    /// The entry that the comma is written after.
    pub(super) fn comma_after(&self) -> Option<&KeyPath> {
        match &self.name {
            Some(Name::CommaAfter(path)) => Some(path),
            _ => None,
        }
    }
}

/// Pieces that are the same only where nothing has changed.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Exactly<'p> {
    name: &'p Option<Name>,
    text: &'p str,
}

pub(super) fn exactly<'p>(pieces: &'p [Piece<'_>], of: &[usize]) -> Vec<Exactly<'p>> {
    let exactly = |at: &usize| Exactly {
        name: &pieces[*at].name,
        text: &pieces[*at].text,
    };
    of.iter().map(exactly).collect()
}

/// The event tells those who count comparisons.
impl PartialEq for Piece<'_> {
    fn eq(&self, other: &Self) -> bool {
        tracing::trace!(name: "compare", "compared two pieces");
        self.name == other.name && (self.name.is_some() || self.words() == other.words())
    }
}

impl Eq for Piece<'_> {}

impl Hash for Piece<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.name {
            Some(name) => name.hash(state),
            None => self.words().hash(state),
        }
    }
}

/// An entry of a map, from its key to the end of all below it.
struct Entry {
    path: KeyPath,
    extent: Range<usize>,
    /// Without entries of its own.
    leaf: bool,
}

/// Lines, cut before their line ends, so that what is inserted after a line is one run; and within them entries, commas, closing
/// brackets and comments, each a piece: a neighbour that comes or goes changes the comma alone.
///
/// The event tells those who count cuts.
pub(super) fn of(document: &Document) -> Vec<Piece<'_>> {
    let text = document.text();
    tracing::debug!(name: "cut", bytes = text.len(), "cut a text into pieces");
    let mut entries = Vec::new();
    collect(document, document.value(), &KeyPath::root(), &mut entries);
    let bounds = Bounds::of(&entries);
    let nodes = Nodes::of(document);
    let mut comments = document.comment_extents();
    for comment in &mut comments {
        comment.end = comment.start + text[comment.clone()].trim_end().len();
    }
    let ends: HashSet<usize> = comments.iter().map(|comment| comment.end).collect();
    let mut owners = nodes.owners(&comments);
    let mut starts = starts(text, &comments);
    starts.extend(
        entries
            .iter()
            .map(|entry| indented(text, entry.extent.start)),
    );
    if document.format() == Format::Yaml {
        item_entries(document, document.value(), &KeyPath::root(), &mut starts);
    }
    let pieces = cut(text, starts).map(|range| {
        let (text, end) = (&text[range.clone()], range.end);
        let is_comment = ends.contains(&end);
        let start = end - text.trim_start().len();
        Piece {
            name: bounds.name(&nodes, document.text(), range, is_comment),
            text: Cow::Borrowed(text),
            is_comment,
            start,
            owner: match is_comment {
                true => owners.remove(&start),
                false => nodes.beginning(start).cloned().map(Owner::Itself),
            },
        }
    });
    let mut pieces: Vec<_> = pieces.collect();
    name_blanks(&mut pieces, &bounds, text.len());
    own_blanks(&mut pieces);
    begin_with_line_end(&mut pieces, text);
    pieces
}

/// Every line has a line end before it, also the first, so that it can stand elsewhere. [`joined`] takes it away again.
fn begin_with_line_end(pieces: &mut Vec<Piece<'_>>, text: &str) {
    let line_end = line_end(text);
    match pieces.first_mut() {
        Some(first) if !text.starts_with(['\n', '\r']) => {
            first.text.to_mut().insert_str(0, line_end);
        }
        _ => pieces.insert(
            0,
            Piece {
                text: Cow::Borrowed(line_end),
                name: None,
                is_comment: false,
                start: 0,
                owner: None,
            },
        ),
    }
}

/// Where a comment stands: on a line of its own or not, and beside or above what. Elements of arrays have no names.
pub(super) type Place = (bool, Option<Name>);

/// How often each comment is there, by what it says and where.
pub(super) fn comments(pieces: &[Piece<'_>]) -> BTreeMap<(String, Place), usize> {
    let (mut counts, mut next) = (BTreeMap::new(), None);
    for piece in pieces.iter().rev() {
        if piece.is_comment {
            let name = piece.name.as_ref().or(next).cloned();
            let comment = (comment_words(&piece.text), (piece.is_comment_line(), name));
            *counts.entry(comment).or_default() += 1;
        } else if let Some(Name::Entry(_) | Name::EndOf(_)) = &piece.name {
            next = piece.name.as_ref();
        }
    }
    counts
}

/// The text of which these are the pieces.
pub(super) fn joined<'p>(pieces: impl Iterator<Item = &'p str>) -> String {
    without_line_end(pieces.collect())
}

/// The text without the line end that it begins with.
pub(super) fn without_line_end(text: String) -> String {
    let mut ends = ["\r\n", "\n", "\r"].into_iter();
    let rest = ends.find_map(|end| text.strip_prefix(end));
    rest.map(str::to_owned).unwrap_or(text)
}

/// One blank line looks like the other: only what comes after it tells which it is. Within a value it is like any other line.
fn name_blanks(pieces: &mut [Piece<'_>], bounds: &Bounds<'_>, mut end: usize) {
    let mut next = None;
    for piece in pieces.iter_mut().rev() {
        match &piece.name {
            Some(name @ (Name::Entry(_) | Name::EndOf(_))) => next = Some(name.clone()),
            None if piece.text.trim().is_empty() && !bounds.within_value(end) => {
                piece.name = Some(Name::BlankBefore(next.clone().map(Box::new)));
            }
            _ => {}
        }
        end -= piece.text.len();
    }
}

/// A blank line goes with what comes after it, also to the end of what comes before; after a comment of the whole text it is a part of that.
fn own_blanks(pieces: &mut [Piece<'_>]) {
    let is_blank = |piece: &Piece<'_>| matches!(piece.name, Some(Name::BlankBefore(_)));
    let mut next = Owner::Next;
    for piece in pieces.iter_mut().rev() {
        if is_blank(piece) {
            piece.owner = Some(next.clone());
            continue;
        }
        next = match &piece.owner {
            Some(owner @ (Owner::EndOf(_) | Owner::Text)) => owner.clone(),
            _ => Owner::Next,
        };
    }
    let mut is_text = false;
    for piece in pieces {
        if is_blank(piece) && is_text {
            piece.owner = Some(Owner::Text);
        }
        is_text = matches!(piece.owner, Some(Owner::Text));
    }
}

/// Words, spaces and marks.
pub(super) fn words(text: &str) -> Vec<Piece<'_>> {
    let (mut starts, mut before) = (Vec::new(), None);
    for (at, c) in text.char_indices() {
        let kind = match c {
            ' ' | '\t' => Some(0),
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(1),
            _ => None,
        };
        if kind.is_none() || kind != before {
            starts.push(at);
        }
        before = kind;
    }
    let nameless = |range: Range<usize>| Piece {
        text: Cow::Borrowed(&text[range.clone()]),
        name: None,
        is_comment: false,
        start: range.start,
        owner: None,
    };
    cut(text, starts).map(nameless).collect()
}

fn cut(text: &str, mut starts: Vec<usize>) -> impl Iterator<Item = Range<usize>> {
    starts.extend([0, text.len()]);
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.clone().into_iter().skip(1);
    starts.into_iter().zip(ends).map(|(start, end)| start..end)
}

fn starts(text: &str, comments: &[Range<usize>]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut rest = comments.iter().peekable();
    for (at, found) in text.match_indices(['\n', ',', '}', ']']) {
        while rest.next_if(|comment| comment.end <= at).is_some() {}
        if rest.peek().is_some_and(|comment| comment.contains(&at)) {
            continue;
        }
        match found {
            "\n" => starts.push(at - usize::from(text[..at].ends_with('\r'))),
            _ => starts.extend([indented(text, at), at + 1]),
        }
    }
    let comments = comments
        .iter()
        .flat_map(|c| [indented(text, c.start), c.end]);
    starts.extend(comments);
    starts
}

/// `at`, or where the space before it begins, with the line end before that.
fn indented(text: &str, at: usize) -> usize {
    let before = text[..at].trim_end_matches([' ', '\t']);
    let line = before.strip_suffix('\n').unwrap_or(before);
    let line = if line.len() < before.len() {
        line.strip_suffix('\r').unwrap_or(line)
    } else {
        line
    };
    line.len()
}

fn collect(document: &Document, value: &Value, path: &KeyPath, entries: &mut Vec<Entry>) {
    let Value::Map(map) = value.untagged() else {
        return;
    };
    for (key, value) in map.iter() {
        let path = path.join(Segment::Key(key.as_key_text().unwrap_or_default()));
        let Some(mut extent) = document.extent(&path) else {
            continue;
        };
        let from = entries.len();
        collect(document, value, &path, entries);
        for inner in &entries[from..] {
            extent.start = extent.start.min(inner.extent.start);
            extent.end = extent.end.max(inner.extent.end);
        }
        let leaf = entries.len() == from;
        entries.push(Entry { path, extent, leaf });
    }
}

/// Where an entry begins that is on a line of an item, after the space or dashes before it: the dash is the item's and goes from one entry to another.
fn item_entries(document: &Document, value: &Value, path: &KeyPath, starts: &mut Vec<usize>) {
    let text = document.text();
    let mut inner = |path: KeyPath, value: &Value| {
        let is_in_item = matches!(
            path.parent().and_then(|p| p.segments().last().cloned()),
            Some(Segment::Index(_))
        );
        if let Some(extent) = document.extent(&path).filter(|_| is_in_item) {
            let before = text[..extent.start].trim_end_matches([' ', '\t', '-']);
            if before.ends_with('\n') {
                starts.push(extent.start);
            }
        }
        item_entries(document, value, &path, starts);
    };
    match value.untagged() {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                inner(path.child(&key.as_key_text().unwrap_or_default()), value);
            }
        }
        Value::Sequence(items) => {
            for (index, value) in items.iter().enumerate() {
                inner(path.item(index), value);
            }
        }
        _ => {}
    }
}

/// Where entries begin, of several the innermost, and end, of several the outermost.
struct Bounds<'e> {
    starts: BTreeMap<usize, &'e KeyPath>,
    ends: BTreeMap<usize, &'e KeyPath>,
    /// Where entries without entries of their own begin and end.
    values: BTreeMap<usize, usize>,
}

impl<'e> Bounds<'e> {
    /// Inner entries come before the ones around them.
    fn of(entries: &'e [Entry]) -> Self {
        let starts = entries.iter().rev();
        let ends = entries.iter();
        Self {
            starts: starts
                .map(|entry| (entry.extent.start, &entry.path))
                .collect(),
            ends: ends.map(|entry| (entry.extent.end, &entry.path)).collect(),
            values: entries
                .iter()
                .filter(|entry| entry.leaf)
                .map(|entry| (entry.extent.start, entry.extent.end))
                .collect(),
        }
    }

    fn within_value(&self, at: usize) -> bool {
        let last = self.values.range(..at).next_back();
        last.is_some_and(|(_, end)| at < *end)
    }

    fn name(
        &self,
        nodes: &Nodes<'_>,
        text: &str,
        range: Range<usize>,
        is_comment: bool,
    ) -> Option<Name> {
        let (piece, end) = (&text[range.clone()], range.end);
        let at = end - piece.trim_start().len();
        if let Some(path) = self.starts.get(&at) {
            return Some(Name::Entry((*path).clone()));
        }
        match piece.trim_start() {
            _ if is_comment => {
                let beside = |(from, path): (&usize, &&KeyPath)| {
                    let on_line = !text[*from..at].contains('\n');
                    on_line.then(|| Name::CommentBeside((*path).clone()))
                };
                let begun = self.starts.range(..at).next_back().and_then(beside);
                // Beside the last item of an entry that is a list it is the item's.
                let last = || self.ends.range(..=at).next_back();
                let ended = || last().filter(|(end, _)| !nodes.is_end_of_item(**end));
                begun.or_else(|| ended().and_then(beside))
            }
            "}" => self.ends.get(&end).map(|path| Name::EndOf((*path).clone())),
            "," => {
                let (end, path) = self.ends.range(..=at).next_back()?;
                // Else it stands within the value of an entry that has begun since.
                let between = self.starts.range(*end..at).next().is_none();
                between.then(|| Name::CommaAfter((*path).clone()))
            }
            _ => None,
        }
    }
}
