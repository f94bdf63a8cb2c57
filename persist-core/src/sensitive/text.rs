//! A whole document's text without its secrets: values, and what comments tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use persist_format::{Document, KeyPath, OnAlias, Value};

use super::embedded::{mask, replace, within};
use super::following::stream;
use super::places::Places;
use super::rules::{REDACTED, Sensitive};
use super::steps::count;
use super::texts::Texts;
use super::walk::key_text;

/// The texts of secret values, to be found again in comments.
#[derive(Default)]
struct SecretTexts {
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
    /// The texts that redaction takes out of `value`, the root of a document.
    fn add_all(&mut self, rules: &Sensitive, value: &Value) {
        let secrets = Texts::of(rules, value, &Places::default()).secrets;
        secrets.all().for_each(|text| self.add(text));
    }

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

    /// What the keys of `value` hold of secrets, such as the password of an address.
    fn add_keys(&mut self, value: &Value) {
        match value.untagged() {
            Value::Map(map) => map.iter().for_each(|(key, value)| {
                let key = key_text(key);
                within(&key).into_iter().for_each(|at| self.add(&key[at]));
                self.add_keys(value);
            }),
            Value::Sequence(items) => items.iter().for_each(|item| self.add_keys(item)),
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.long.is_empty() && self.words.is_empty()
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
    /// The text of a document, all that are in it, with `[redacted]` in place of sensitive values and of what repeats them
    /// ([`in_document`](Self::in_document)). In comments stars hide what stands after a telling word, the secrets of the text, and all that stands
    /// beside a redacted value or a telling key: it may be what the value was before. Of the text outside of comments nothing else
    /// changes, so it has the same structure. `None` where a value can't be replaced in place.
    pub fn redacted_text(&self, document: &Document) -> Option<String> {
        let [text] = self.redacted([document]);
        text
    }

    /// The texts of two documents that are shown side by side, each without the secrets of both, wherever they have gone from one to the other.
    ///
    /// ```
    /// use persist_core::{Document, Format, Sensitive};
    /// let old = Document::parse(b"token: hunter2\n", Format::Yaml)?;
    /// let new = Document::parse(b"shown: hunter2 # renamed\n", Format::Yaml)?;
    /// let [old, new] = Sensitive::new().redacted_texts(&old, &new);
    /// assert_eq!(old.as_deref(), Some("token: \"[redacted]\"\n"));
    /// assert_eq!(new.as_deref(), Some("shown: \"[redacted]\" # *******\n"));
    /// # Ok::<(), persist_core::format::Error>(())
    /// ```
    pub fn redacted_texts(&self, old: &Document, new: &Document) -> [Option<String>; 2] {
        self.redacted([old, new])
    }

    fn redacted<const N: usize>(&self, documents: [&Document; N]) -> [Option<String>; N] {
        let texts = documents.map(stream);
        let rules = self.of_texts(&texts);
        let mut hiding = Hiding {
            rules: self.clone(),
            known: SecretTexts::default(),
            in_keys: SecretTexts::default(),
        };
        for (document, rules) in texts.iter().flatten().zip(rules.iter().flatten()) {
            hiding.rules.marked.extend(rules.marked.iter().cloned());
            hiding.known.add_all(rules, document.value());
            hiding.in_keys.add_keys(document.value());
        }
        let mut rules = rules.iter();
        documents.map(|document| hiding.text(document, rules.next()?))
    }
}

/// What is hidden in the texts that are shown together.
struct Hiding {
    rules: Sensitive,
    /// What is hidden in comments.
    known: SecretTexts,
    /// What keys hold.
    in_keys: SecretTexts,
}

impl Hiding {
    fn text(&self, document: &Document, rules: &[Sensitive]) -> Option<String> {
        let mut copy = document.clone().on_alias(OnAlias::Follow);
        for (number, rules) in rules.iter().enumerate() {
            let mut one = copy.select(number)?;
            let redact = |value: &Value| rules.redact(&KeyPath::root(), value);
            let redacted = redact(one.value());
            if redacted != *one.value() {
                // One edit for all, as each is read back; a text in place of another is nothing to warn of.
                drop(one.apply(&redacted).ok()?);
                // More may be hidden than was asked for, where an alias repeats it.
                if redact(one.value()) != *one.value() {
                    return None;
                }
            }
            copy = one;
        }
        let shown = self.shown(&copy);
        // A key that has lost a part may be none any more, or be another's.
        let still_parses = || Document::parse(shown.as_bytes(), copy.format()).is_ok();
        (self.in_keys.is_empty() || still_parses()).then_some(shown)
    }

    /// The text of a document whose values are redacted.
    fn shown(&self, document: &Document) -> String {
        let text = document.text();
        let mut shown = Shown {
            hiding: self,
            text: String::with_capacity(text.len()),
            in_key_file: false,
        };
        let mut comments = document.comment_extents().into_iter().peekable();
        let mut start = 0;
        // A comment of several lines is beside what its first or last line is beside: they are one.
        while start < text.len() {
            let mut end = line_end(text, start);
            let mut within = Vec::new();
            while let Some(comment) = comments.next_if(|comment| comment.start < end) {
                end = line_end(text, comment.end.max(end - 1));
                within.push(comment.start - start..comment.end - start);
            }
            shown.add_lines(&text[start..end], &within);
            start = end;
        }
        shown.text
    }
}

/// A text as it is shown, while it is put together line by line.
struct Shown<'a> {
    hiding: &'a Hiding,
    text: String,
    /// Whether a comment has begun a key file, and none has ended it.
    in_key_file: bool,
}

impl Shown<'_> {
    /// Whole lines, and where in them the comments are. What is no comment has been redacted by its values: a mask that went by its words would
    /// take brackets for a secret.
    fn add_lines(&mut self, lines: &str, comments: &[Range<usize>]) {
        let code = replace(lines, comments, |_| String::new());
        let is_beside =
            code.contains(REDACTED) || code.lines().any(|c| self.hiding.rules.is_telling(c));
        self.in_key_file &= code.trim().is_empty();
        let mut done = 0;
        for comment in comments {
            self.add_code(&lines[done..comment.start]);
            self.add_comment(&lines[comment.clone()], is_beside);
            done = comment.end;
        }
        self.add_code(&lines[done..]);
    }

    fn add_code(&mut self, code: &str) {
        let shown = replace(code, &self.hiding.in_keys.within(code), mask);
        self.text.push_str(&shown);
    }

    fn add_comment(&mut self, comment: &str, is_beside: bool) {
        let marks = ["#", "//", "/*"];
        let mark = marks.into_iter().find(|mark| comment.starts_with(mark));
        let (mark, told) = comment.split_at(mark.map_or(0, str::len));
        let end = if mark == "/*" { "*/" } else { "" };
        let told = told.strip_suffix(end).unwrap_or(told);
        let mut shown = match is_beside {
            true => mask(told),
            false => {
                let masked = replace(told, &self.hiding.known.within(told), mask);
                let lines = masked.split_inclusive('\n');
                lines.map(|line| self.told_line(line)).collect()
            }
        };
        if mark == "/*" {
            shown = shown.replace("*/", "**"); // a star before a slash would end it
        }
        self.text.extend([mark, &shown, end]);
    }

    /// A line of a comment. A key file in comments has its secrets on lines that do not tell.
    fn told_line(&mut self, line: &str) -> String {
        const BEGIN: &str = "-----BEGIN";
        let begin = match self.in_key_file {
            true => Some(0),
            false => line.find(BEGIN).map(|at| at + BEGIN.len()),
        };
        let Some(begin) = begin else {
            return self.hiding.rules.mask_line(line);
        };
        self.in_key_file = !line[begin..].contains("-----END");
        let from = self.hiding.rules.value_at(line);
        let (shown, rest) = line.split_at(from.map_or(begin, |from| from.min(begin)));
        [shown, &mask(rest)].concat()
    }
}

/// Where the line ends that `at` is on, with its line feed.
fn line_end(text: &str, at: usize) -> usize {
    let feed = text.as_bytes()[at..].iter().position(|byte| *byte == b'\n');
    feed.map_or(text.len(), |feed| at + feed + 1)
}
