//! Lines of a text, masked by the words in them: for texts that do not parse, and for what redaction of values leaves.

use super::embedded::{after_telling_word, mask, replace, within};
use super::names::{ends_in_secret, named};
use super::rules::Sensitive;
use super::steps::count;

impl Sensitive {
    /// A line of a document, with what follows a sensitive key hidden, and secrets within what is left.
    pub fn mask_line(&self, line: &str) -> String {
        match self.value_at(line) {
            Some(at) => {
                let (shown, rest) = line.split_at(at);
                [shown, &mask(rest)].concat()
            }
            None if line.contains("-----BEGIN") => "-----BEGIN *****".into(),
            None => replace(line, &within(line), mask),
        }
    }

    /// A line of a text that does not parse. There is nothing better to go by than the words in it.
    pub(crate) fn mask_broken_line(&self, line: &str) -> String {
        let masked = self.mask_line(line);
        let Some(word) = after_telling_word(&masked) else {
            return masked;
        };
        // What stands between the word and its value shows that it is a key, and nothing else.
        let separates = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '=');
        let value = self.value_at(line);
        let value = value.filter(|value| {
            (line.get(word..*value)).is_some_and(|between| between.chars().all(separates))
        });
        let from = value.unwrap_or(word);
        [&masked[..from], &mask(&masked[from..])].concat()
    }

    /// Whether a line that is drawn of a broken text may be part of a sensitive value: one that comes after a sensitive key whose
    /// value does not end, or does not even begin, on its line. Where it ends is not to be told in a text that does not parse.
    /// `is_drawn` says of each line of the text whether it is the drawn one; more may look like it, and each is judged.
    ///
    /// Only the lines before those are looked at, each once, so that an error in a file of 100,000 lines does not cost them all.
    pub(crate) fn continues(&self, lines: &[&str], is_drawn: impl Fn(&str) -> bool) -> bool {
        let mut hidden_to = 0;
        let mut judged = 0;
        for (at, line) in lines.iter().enumerate() {
            if !is_drawn(line) {
                continue;
            }
            let from = judged.max(at.saturating_sub(OPEN_LINES));
            for (index, before) in (from..).zip(&lines[from..at]) {
                hidden_to = hidden_to.max(index + self.hides_after(before));
            }
            judged = at;
            if at <= hidden_to && at > 0 {
                return true;
            }
        }
        false
    }

    /// How many lines after this one may be part of a sensitive value that begins on it.
    fn hides_after(&self, line: &str) -> usize {
        let value = self.value_at(line);
        let opens = match value {
            Some(at) => is_open(line[at..].trim_start()),
            None => self.is_heading(line) || line.contains("-----BEGIN"),
        };
        match (opens, value) {
            (true, _) => OPEN_LINES,
            // A value that lost the quotes or the indent of its second line.
            (false, Some(_)) => 1,
            (false, None) => 0,
        }
    }

    /// Whether a line names a sensitive key, as that of a value or as a heading.
    pub(super) fn is_telling(&self, line: &str) -> bool {
        self.value_at(line).is_some() || self.is_heading(line)
    }

    /// Where on a line the value of a sensitive key begins.
    pub(super) fn value_at(&self, line: &str) -> Option<usize> {
        let mut after = 0_usize;
        for (at, _) in line.match_indices(['=', ':']) {
            // A key may hold what separates it from its value. In a word of nothing else each end would be that of a longer key.
            let mut from = after.saturating_sub(LONGEST_KEY);
            while !line.is_char_boundary(from) {
                from -= 1;
            }
            let before = line[from..at].trim_end_matches([' ', '\t', '"', '\'']);
            let key = before.rsplit([' ', '\t', '"', '\'', ',', '{', '[']).next();
            after = at + 1;
            count(at - from);
            // An escape in a key can spell anything.
            if key.is_some_and(|key| {
                self.names_secret(key) || ends_in_secret(key) || key.contains('\\')
            }) {
                return Some(after);
            }
        }
        None
    }

    /// A TOML table or a YAML key that is sensitive, its value on the lines below.
    fn is_heading(&self, line: &str) -> bool {
        let line = line.trim_start();
        let name = line.strip_prefix('?').or_else(|| line.strip_prefix('['));
        name.is_some_and(|name| self.names_secret(name.trim_matches(['[', ']', ' ', '"', '\''])))
    }

    /// Whether a key as it is written, dotted perhaps, has a sensitive part.
    fn names_secret(&self, key: &str) -> bool {
        key.split('.')
            .map(|part| part.trim_matches([' ', '"', '\'']))
            .any(|part| named(part) || self.matches(part) || self.marked.contains(part))
    }
}

/// Characters in which a name is looked for before the last `=` or `:` within a key.
const LONGEST_KEY: usize = 64;

/// Lines after the begin of a sensitive value that are taken for its continuation.
const OPEN_LINES: usize = 40;

/// Whether a value, as it begins on its key's line, may go on below.
fn is_open(value: &str) -> bool {
    let quotes = |quote| value.matches(quote).count() % 2 == 1;
    let begins = |starts: &[&str]| starts.iter().any(|start| value.starts_with(start));
    value.is_empty()
        || begins(&["#", "{", "[", "|", ">", "&", "!", "\"\"\"", "'''"])
        || quotes('"')
        || quotes('\'')
}
