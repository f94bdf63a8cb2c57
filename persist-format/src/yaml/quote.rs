//! How a string is written so that readers of YAML 1.1 and of 1.2 see the same string.
//!
//! A string is left plain only if no reader can take it for anything else: a version like `1.0.0`, but not `no`, `on` or `y`, not `12:30`, `1_000`,
//! `0o17` or a date, not `=` or `<<`, and nothing with an indicator in a place where some parser minds it, in block or flow style. Line
//! separators and other characters that readers normalise, drop or refuse are escaped.

use crate::escape::Escapes;

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
}

/// Keys longer than 1,024 characters are no implicit keys; ours stay well below.
pub(super) const LONGEST_KEY: usize = 1_000;

/// The string in the wanted style if that is safe, else in the quotes for such cases.
pub(super) fn scalar(text: &str, wanted: Style, quotes: Style) -> String {
    let quotes = if wanted == Style::Plain {
        quotes
    } else {
        wanted
    };
    match (wanted, quotes) {
        (Style::Plain, _) if is_plain(text) => text.to_owned(),
        (_, Style::Single) if is_printable(text) => format!("'{}'", text.replace('\'', "''")),
        // Fewer escapes read better.
        (Style::Plain, _)
            if is_printable(text) && text.contains(['"', '\\']) && !text.contains('\'') =>
        {
            format!("'{text}'")
        }
        _ => ESCAPES.quoted(text),
    }
}

/// True if no reader takes the plain text for anything but this string.
pub(super) fn is_plain(text: &str) -> bool {
    is_printable(text)
        && text.trim() == text
        && starts_plain(text)
        && !text.contains([',', '[', ']', '{', '}', '\t'])
        && !text.contains(": ")
        && !text.contains(":?")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !is_word(text)
        && !looks_numeric(text)
}

fn starts_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    match first {
        None => false,
        Some('-') => second.is_some_and(|c| c != ' ') && !text.starts_with("---"),
        Some('.') => !text.starts_with("..."),
        Some(
            '?' | ':' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' | '=',
        ) => false,
        Some(_) => true,
    }
}

/// Words that YAML 1.1 or 1.2 reads as booleans, null or merge keys.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "~", "<<",
    ];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Numbers, dates and sexagesimals begin with a digit, sign or point and are made of digits, punctuation and few letters.
fn looks_numeric(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let certain = |c: char| {
        c.is_alphabetic()
            && !matches!(
                c.to_ascii_lowercase(),
                'a'..='f' | 'i' | 'n' | 'o' | 't' | 'x' | 'z'
            )
    };
    begins && !text.contains(certain) && !is_version(text)
}

/// Three parts or more that begin with a digit, with points between: `1.0.0`, `1.2.3-beta.1`, `10.0.0.1`. No reader has numbers or dates with two
/// points; a timestamp has colons too.
fn is_version(text: &str) -> bool {
    let written = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    let starts = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let mut parts = text.split('.');
    let first = parts.next().is_some_and(|part| {
        part.len() <= 9 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
    });
    let second = parts
        .next()
        .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    first && second && parts.next().is_some_and(starts) && text.chars().all(written)
}

/// True if the text can stand within single quotes on one line.
fn is_printable(text: &str) -> bool {
    !text.chars().any(must_escape)
}

/// True for what readers refuse, drop or take for a line break, and for invisible marks that change the direction of text.
pub(super) fn must_escape(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const ESCAPES: Escapes = Escapes {
    short: &[
        ('\n', 'n'),
        ('\t', 't'),
        ('\r', 'r'),
        ('\0', '0'),
        ('\u{7}', 'a'),
        ('\u{8}', 'b'),
        ('\u{1b}', 'e'),
    ],
    must: must_escape,
    bytes: true,
};

/// The lines of a literal block scalar and its header, if the text can be one that every reader reads alike.
pub(super) fn literal(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let header = if body.len() == text.len() { "|-" } else { "|" };
    let lines: Vec<&str> = body.split('\n').collect();
    let safe = |line: &&str| {
        !line.chars().any(|c| must_escape(c) && c != '\t') && line.trim_end() == *line
    };
    let first_is_text = !lines[0].is_empty() && !lines[0].starts_with([' ', '\t']);
    let last_is_text = lines.last().is_some_and(|line| !line.is_empty());
    let fits = lines.len() > 1 && first_is_text && last_is_text && lines.iter().all(safe);
    fits.then_some((header, lines))
}
