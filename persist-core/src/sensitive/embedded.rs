//! Secrets within texts: passwords of addresses, and values that are assigned to a telling name.

use std::ops::Range;

use super::names::{ends_in_secret, named};
use super::steps::count;

/// Every character hidden, the same width, so that columns still point where they did.
pub(crate) fn mask(text: &str) -> String {
    let hidden = |c: char| if c.is_whitespace() { c } else { '*' };
    text.chars().map(hidden).collect()
}

/// Where in `text` the secrets are, in order.
pub(super) fn within(text: &str) -> Vec<Range<usize>> {
    if !may_be_within(text) {
        return Vec::new();
    }
    let mut found = passwords(text);
    found.extend(assigned(text));
    found.extend(words(text).filter(|word| is_token(&text[word.clone()])));
    found.extend(after_bearer(text));
    found.sort_unstable_by_key(|range| range.start);
    let mut end = 0;
    found.retain_mut(|range| {
        range.start = range.start.max(end);
        end = end.max(range.end);
        range.start < range.end
    });
    found
}

/// Whether there can be any, by one look at the bytes, which rules out most texts: an address has a colon, an assignment a colon, an equals sign or
/// an option, and a token is a long word.
fn may_be_within(text: &str) -> bool {
    let (mut word, mut before) = (0, 0);
    text.bytes().any(|byte| {
        let is_option = (before, byte) == (b'-', b'-');
        word = if is_of_word(char::from(byte)) {
            word + 1
        } else {
            0
        };
        before = byte;
        is_option || matches!(byte, b':' | b'=') || word >= LONG_WORD
    })
}

/// Where in `text` the passwords of addresses are: `scheme://user:password@host` (RFC 3986, 3.2.1).
/// Characters that should be escaped in a password, but for the slash, do not end it.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '<' | '>');
    let password = |(at, slashes): (usize, &str)| {
        let start = at + slashes.len();
        let rest = &text[start..];
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let Some((user_info, _host)) = authority.rsplit_once('@') else {
            return with_slash(text, start, authority.len());
        };
        match user_info.split_once(':') {
            Some((user, password)) => {
                let from = start + user.len() + 1;
                Some(from..from + password.len()).filter(|range| !range.is_empty())
            }
            // Where a name would stand, too long for one.
            None if text[..at].ends_with(['p', 's']) && user_info.len() >= TOKEN => {
                Some(start..start + user_info.len())
            }
            None => None,
        }
    };
    text.match_indices("://").filter_map(password).collect()
}

/// Characters of an address in which the end of its password is looked for.
const LONGEST_PASSWORD: usize = 500;

/// A password with a slash in it, which ends the authority: what stands before the slash would be a port, were it a number.
fn with_slash(text: &str, start: usize, authority: usize) -> Option<Range<usize>> {
    let (user, before_slash) = text[start..start + authority].split_once(':')?;
    // Not further, or many addresses in one long word would each be read to its end.
    let rest = &text[start + authority..];
    let rest = rest
        .char_indices()
        .nth(LONGEST_PASSWORD)
        .map_or(rest, |(end, _)| &rest[..end]);
    let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
    let end = word.rfind('@')?;
    let is_port = before_slash.chars().all(|c| c.is_ascii_digit());
    (!is_port).then(|| start + user.len() + 1..start + authority + end)
}

/// The fewest characters of what is taken for a token by its look alone.
const TOKEN: usize = 20;

/// The fewest characters of what is taken for one after `Bearer`.
const LONG_WORD: usize = TOKEN / 2;

/// How the tokens of well-known services begin.
const PREFIXES: [&str; 13] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "sk-",
    "AKIA",
    "eyJ",
];

fn is_token(word: &str) -> bool {
    word.len() >= TOKEN && PREFIXES.iter().any(|prefix| word.starts_with(prefix))
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_of_word)?;
        let rest = &text[start..];
        at = start + rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        Some(start..at)
    })
}

fn after_bearer(text: &str) -> Option<Range<usize>> {
    let mut words = words(text);
    words.find(|word| text[word.clone()].eq_ignore_ascii_case("bearer"))?;
    words.next().filter(|word| word.len() >= LONG_WORD)
}

/// Where what is assigned to a telling name is: `PASSWORD=…` of an environment, `--token=…`, `?api_key=…&`, `Pwd=…;`, and
/// `Authorization: …` where a line begins with it.
fn assigned(text: &str) -> Vec<Range<usize>> {
    let signs = text.match_indices('=').chain(text.match_indices(": "));
    let signs = signs.chain(text.match_indices(' '));
    let mut values = Values::of(text);
    signs
        .filter_map(|(at, sign)| values.assigned(at, sign))
        .collect()
}

/// Finds where assigned values end, each place once: in a text such as `password=password=…` thousands end at one.
struct Values<'t> {
    text: &'t str,
    /// For each kind of [`End`], where one was looked for last, and where it is.
    known: [(usize, usize); 3],
}

/// What ends a value.
#[derive(Clone, Copy)]
enum End {
    Quote,
    Word,
    Line,
}

impl End {
    fn is(self, c: char) -> bool {
        match self {
            End::Quote => matches!(c, '"' | '\'' | '\n'),
            End::Word => c.is_whitespace() || matches!(c, '&' | ';' | '"' | '\'' | '#'),
            End::Line => c == '\n',
        }
    }
}

impl<'t> Values<'t> {
    fn of(text: &'t str) -> Values<'t> {
        Values {
            text,
            known: [(1, 0); 3],
        }
    }

    /// The value after a sign, if it stands after a telling name.
    fn assigned(&mut self, at: usize, sign: &str) -> Option<Range<usize>> {
        let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let text = self.text;
        // In a text that is JSON itself the name is quoted.
        let before = text[..at].strip_suffix('"').unwrap_or(&text[..at]);
        let quoted = before.len() < at;
        let (before, name) = before.split_at(before.trim_end_matches(is_of_name).len());
        let indented = before.trim_end_matches([' ', '\t']);
        let begins = before.is_empty() || indented.ends_with('\n');
        let opened = before.ends_with(['"', '\'']);
        // After a space it is the value of an option.
        let fits = match sign {
            ": " => begins || quoted || opened,
            " " => name.starts_with("--"),
            _ => true,
        };
        // What the name says is asked last: every space of every text comes here.
        if !fits || !(named(name) || ends_in_secret(name)) {
            return None;
        }
        let rest = text[at + sign.len()..].trim_start_matches(['"', '\'']);
        let from = text.len() - rest.len();
        let end = match (sign, quoted) {
            (": ", false) if opened => End::Quote,
            (" ", _) | (_, true) => End::Word,
            _ if begins => End::Line,
            _ => End::Word,
        };
        Some(from..self.end(from, end))
    }

    fn end(&mut self, from: usize, end: End) -> usize {
        let (looked, found) = &mut self.known[end as usize];
        if !(*looked..=*found).contains(&from) {
            let rest = &self.text[from..];
            *looked = from;
            *found = from + rest.find(|c| end.is(c)).unwrap_or(rest.len());
            count(*found - from);
        }
        *found
    }
}

/// Whether it is an option of a command whose value comes as the next argument, such as `--password`.
pub(super) fn is_telling_option(argument: &str) -> bool {
    let name = argument.trim_start_matches('-');
    name.len() < argument.len()
        && !name.contains(['=', ' '])
        && (named(name) || ends_in_secret(name))
}

/// Where the first word ends that names a secret; without a parser's word, what follows may be one.
pub(super) fn after_telling_word(line: &str) -> Option<usize> {
    let telling = |word: &Range<usize>| {
        let word = &line[word.clone()];
        named(word) || ends_in_secret(word)
    };
    words(line).find(telling).map(|word| word.end)
}

/// `text` with each of the `parts` replaced.
pub(super) fn replace(text: &str, parts: &[Range<usize>], with: impl Fn(&str) -> String) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for part in parts {
        replaced.push_str(&text[done..part.start]);
        replaced.push_str(&with(&text[part.clone()]));
        done = part.end;
    }
    replaced.push_str(&text[done..]);
    replaced
}
