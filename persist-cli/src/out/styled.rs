//! Text in colours, none of which can come from what the text quotes.
//!
//! Results quote files and journals, in which anything may stand: a terminal that is sent an escape sequence hides lines,
//! moves its cursor or renames its window. So a style is no escape sequence until the last moment. [`paint`] puts it
//! between marks, and [`render`] makes colours of what is between marks, and escapes such as `\u{1b}` of every other
//! character that a terminal acts upon. A mark holds a number drawn anew by every process, which no file can know.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use anstyle::Style;

static MARK: LazyLock<String> = LazyLock::new(|| {
    let number = RandomState::new().hash_one("mark");
    format!("\u{1}{number:016x}\u{2}")
});

/// `text` in `style`.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    let mark = MARK.as_str();
    format!("{mark}{style}{mark}{text}{mark}{style:#}{mark}")
}

/// What a renderer of ours has coloured, as if it had been painted. Only for text whose escape sequences are all its own.
pub(crate) fn adopt(coloured: &str) -> String {
    let mut text = String::with_capacity(coloured.len());
    let mut rest = coloured;
    while let Some((before, style, after)) = next_style(rest) {
        let mark = MARK.as_str();
        text.extend([before, mark, style, mark]);
        rest = after;
    }
    text + rest
}

/// Splits at the first sequence that does nothing but choose colours: before, itself, after.
fn next_style(text: &str) -> Option<(&str, &str, &str)> {
    let sequence = |(start, _)| {
        let inner: &str = &text[start..];
        let numbers = inner.strip_prefix("\u{1b}[")?;
        let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        let style = inner.get(..end + 3).filter(|s| s.ends_with('m'))?;
        Some((&text[..start], style, &inner[style.len()..]))
    };
    text.match_indices('\u{1b}').find_map(sequence)
}

/// How text leaves the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rendering {
    /// Styles become escape sequences; else nothing.
    pub(super) coloured: bool,
    /// Control characters become visible; else they stay.
    pub(super) visible: bool,
}

/// Marks become colours, all else what is wanted of it.
pub(super) fn render(text: &str, how: Rendering) -> String {
    let mut rendered = String::with_capacity(text.len());
    for (i, part) in text.split(MARK.as_str()).enumerate() {
        // Marks come in pairs, and between the two of a pair there is a style.
        match i % 2 == 1 {
            true if how.coloured => rendered.push_str(part),
            true => {}
            false if how.visible => rendered.push_str(&visible(part)),
            false => rendered.push_str(part),
        }
    }
    rendered
}

/// The text with an escape such as `\u{1b}` for every character that a terminal acts upon.
///
/// Ends of lines, of both kinds, and tabs stay what they are.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_terminal) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => shown.push(c),
            c if acts_on_terminal(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown.into()
}

/// The same JSON, with escapes for what a terminal acts upon: `serde_json` writes DEL, C1 and the marks of direction as
/// they are.
pub(super) fn visible_json(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_terminal) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts_on_terminal(c) {
            // All of them have four hexadecimal digits. Writing to a string does not fail.
            write!(shown, "\\u{:04x}", u32::from(c)).ok();
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// C0, DEL and C1, and what turns the direction of text around (CVE-2021-42574).
fn acts_on_terminal(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::out::BAD;

    const TERMINAL: Rendering = Rendering {
        coloured: true,
        visible: true,
    };

    #[test]
    fn only_what_was_painted_is_coloured() {
        let text = paint(BAD, format!("a\u{1b}[2Jb {}", paint(BAD, "c")));
        let shown = render(&format!("\u{9b}1m{text}\u{7f}"), TERMINAL);
        let red = "\u{1b}[31m";
        let end = "\u{1b}[0m";
        assert_eq!(
            shown,
            format!("\\u{{9b}}1m{red}a\\u{{1b}}[2Jb {red}c{end}{end}\\u{{7f}}")
        );
    }

    #[test]
    fn text_for_a_pipe_is_as_it_was() {
        let plain = Rendering {
            coloured: false,
            visible: false,
        };
        let content = "a\u{1b}[31m\0\r\n\u{202e}";
        assert_eq!(render(&paint(BAD, content), plain), content);
    }

    #[test]
    fn ends_of_lines_and_tabs_stay() {
        assert_eq!(visible("a\tb\r\nc\n"), "a\tb\r\nc\n");
        assert_eq!(visible("a\rb\u{202e}"), "a\\u{d}b\\u{202e}");
    }

    #[test]
    fn only_colours_are_adopted() {
        let drawn = "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m \u{1b}[2J \u{1b}]0;t\u{7} \u{1b}[";
        let shown = render(&adopt(drawn), TERMINAL);
        assert_eq!(
            shown,
            "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m \\u{1b}[2J \\u{1b}]0;t\\u{7} \\u{1b}["
        );
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({"a\u{202e}": ["\u{9b}", "\u{7f}\u{1b}\t"]});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = visible_json(&text);
        assert!(!shown.contains(acts_on_terminal), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, value);
    }
}
