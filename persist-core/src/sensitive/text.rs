//! A whole document's text without its secrets: values, and what comments tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use persist_format::{Document, KeyPath, Value};

use super::embedded::{mask, replace, within};
use super::rules::{REDACTED, Sensitive};
use super::steps::count;
use super::walk::Walk;

/// The texts of secret values, to be found again in comments.
#[derive(Clone, Default)]
pub struct SecretTexts {
    /// The long ones by their first bytes.
    long: BTreeMap<[u8; PREFIX], BTreeSet<String>>,
    /// The others, which a comment may well have in other words.
    words: BTreeSet<String>,
}

/// From so many bytes on a text is no coincidence, whatever it stands in.
const PREFIX: usize = 4;

/// Texts that begin alike and are compared at a place, at most; of more, all that begins so is hidden to the end of its line, which is
/// as much as one of them can be.
const MOST_ALIKE: usize = 16;

impl SecretTexts {
    /// The lines of a text; they may be in a comment one by one.
    fn add(&mut self, text: &str) {
        for line in text.lines().map(str::trim) {
            match line.as_bytes().first_chunk::<PREFIX>() {
                Some(start) => {
                    let alike = self.long.entry(*start).or_default();
                    alike.insert(line.to_owned());
                }
                None if line.is_empty() => {}
                None => drop(self.words.insert(line.to_owned())),
            }
        }
    }

    /// Those of two documents.
    #[must_use]
    pub fn and(mut self, other: &SecretTexts) -> SecretTexts {
        for (start, texts) in &other.long {
            let alike = self.long.entry(*start).or_default();
            alike.extend(texts.iter().cloned());
        }
        self.words.extend(other.words.iter().cloned());
        self
    }

    /// Where they are in a comment, in order.
    fn within(&self, comment: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut end = 0;
        for (at, _) in comment.char_indices() {
            let rest = &comment[at..];
            let len = self.long_at(rest).or_else(|| self.word_at(comment, at));
            let Some(len) = len.filter(|len| at + len > end) else {
                continue;
            };
            found.push(at.max(end)..at + len);
            end = at + len;
        }
        found
    }

    /// The length of the longest one that `rest` begins with.
    fn long_at(&self, rest: &str) -> Option<usize> {
        let alike = self.long.get(rest.as_bytes().first_chunk::<PREFIX>()?)?;
        if alike.len() > MOST_ALIKE {
            let end = rest.find('\n');
            return Some(end.unwrap_or(rest.len()));
        }
        count(alike.len());
        let here = alike.iter().filter(|text| rest.starts_with(*text));
        here.map(String::len).max()
    }

    /// The same of a word as a whole.
    fn word_at(&self, comment: &str, at: usize) -> Option<usize> {
        if self.words.is_empty() || comment[..at].ends_with(char::is_alphanumeric) {
            return None;
        }
        let is_here = |len: &usize| {
            let word = comment[at..].split_at_checked(*len);
            word.is_some_and(|(word, after)| {
                self.words.contains(word) && !after.starts_with(char::is_alphanumeric)
            })
        };
        (1..PREFIX).rev().find(is_here)
    }
}

impl Sensitive {
    /// The texts that redaction takes out of `value`, the root of a document.
    pub fn secret_texts(&self, value: &Value) -> SecretTexts {
        let mut texts = SecretTexts::default();
        Walk::at(self, &KeyPath::root()).scalars(value, &mut |_, value, is_secret| match (
            value.untagged(),
            is_secret,
        ) {
            (Value::String(text), true) => texts.add(text),
            (Value::String(text), false) => {
                within(text).into_iter().for_each(|at| texts.add(&text[at]));
            }
            (Value::Null | Value::Bool(_), _) | (_, false) => {}
            (other, true) => texts.add(&other.to_string()),
        });
        texts
    }

    /// The text of a document, all that are in it, with `[redacted]` in place of sensitive values. In comments stars hide what stands after a telling word, `known`
    /// secrets, and all that stands beside a redacted value: it may be what the value was before. `None` where a value can't be replaced in place.
    pub fn redacted_text(&self, document: &Document, known: &SecretTexts) -> Option<String> {
        let mut copy = document.clone();
        for index in 0..copy.documents() {
            let mut one = copy.select(index)?;
            let redacted = self.redact(&KeyPath::root(), one.value());
            if redacted != *one.value() {
                // One edit for all, as each is read back; a text in place of another is nothing to warn of.
                drop(one.apply(&redacted).ok()?);
            }
            copy = one;
        }
        let known = (0..document.documents())
            .filter_map(|index| document.clone().select(index))
            .fold(known.clone(), |known, one| {
                known.and(&self.secret_texts(one.value()))
            });
        let text = copy.text();
        let mut shown = String::with_capacity(text.len());
        let mut comments = copy.comment_extents().into_iter().peekable();
        let mut start = 0;
        // A comment of several lines is beside what its first or last line is beside: they are one.
        while start < text.len() {
            let mut end = line_end(text, start);
            let mut within = Vec::new();
            while let Some(comment) = comments.next_if(|comment| comment.start < end) {
                end = line_end(text, comment.end.max(end - 1));
                within.push(comment.start - start..comment.end - start);
            }
            shown.push_str(&self.lines(&text[start..end], &within, &known));
            start = end;
        }
        Some(shown)
    }

    /// Whole lines, and where in them the comments are.
    fn lines(&self, lines: &str, comments: &[Range<usize>], known: &SecretTexts) -> String {
        let code = |lines: &str| replace(lines, comments, |_| String::new());
        if code(lines).contains(REDACTED) {
            return replace(lines, comments, |comment| {
                let marks = ["#", "//", "/*"];
                let mark = marks.into_iter().find(|mark| comment.starts_with(mark));
                let (mark, told) = comment.split_at(mark.map_or(0, str::len));
                let end = if mark == "/*" { "*/" } else { "" };
                let told = told.strip_suffix(end).unwrap_or(told);
                [mark, &mask(told), end].concat()
            });
        }
        let masked = replace(lines, comments, |comment| {
            replace(comment, &known.within(comment), mask)
        });
        let masked = masked.split_inclusive('\n');
        masked.map(|line| self.mask_line(line)).collect()
    }
}

/// Where the line ends that `at` is on, with its line feed.
fn line_end(text: &str, at: usize) -> usize {
    let feed = text.as_bytes()[at..].iter().position(|byte| *byte == b'\n');
    feed.map_or(text.len(), |feed| at + feed + 1)
}
