//! How the lines of three texts end, and how they are to: what is woven of texts whose lines end differently would have lines of both kinds.

use std::ops::Range;

use crate::document::Document;
use crate::format::Format;
use crate::tree::Node;

/// How all lines are to end: as in the side that has changed it, or in ours if both have. `None` if one of the texts has line ends of several kinds, or none has any.
pub(super) fn common(texts: [&Document; 3]) -> Option<&'static str> {
    match texts.map(LineEnds::of) {
        kinds if kinds.contains(&LineEnds::Mixed) => None,
        [
            LineEnds::All(base),
            LineEnds::All(ours),
            LineEnds::All(theirs),
        ] if base == ours => Some(theirs),
        [_, LineEnds::All(one), _] | [_, _, LineEnds::All(one)] => Some(one),
        _ => None,
    }
}

/// The document with lines that end so, and the same values; `None` if that can't be.
pub(super) fn with(document: &Document, line_end: &str) -> Option<Document> {
    let ended = |(text, is_string): (&str, bool)| match is_string {
        true => text.to_owned(),
        false => text.replace("\r\n", "\n").replace('\n', line_end),
    };
    let text: String = parts(document).into_iter().map(ended).collect();
    if text == document.text() {
        return Some(document.clone());
    }
    let other = document.with_text(&text).ok()?;
    (other.value() == document.value()).then_some(other)
}

#[derive(Clone, Copy, PartialEq)]
enum LineEnds {
    None,
    All(&'static str),
    Mixed,
}

impl LineEnds {
    fn of(document: &Document) -> Self {
        let parts = parts(document);
        let count = |end: &str| {
            let lines = parts.iter().filter(|(_, is_string)| !is_string);
            lines.map(|(text, _)| text.matches(end).count()).sum()
        };
        let counts: [usize; 3] = ["\r\n", "\n", "\r"].map(count);
        match counts {
            [0, 0, 0] => Self::None,
            [0, _, 0] => Self::All("\n"),
            [both, new, carriage] if both == new && both == carriage => Self::All("\r\n"),
            _ => Self::Mixed,
        }
    }
}

/// The text in parts, and which of them are strings of TOML over several lines: there a line end belongs to the value. In YAML each is `\n` to the value, however it is
/// written, and strings of JSON have none.
fn parts(document: &Document) -> Vec<(&str, bool)> {
    let (text, mut strings) = (document.text(), Vec::new());
    if document.format() == Format::Toml {
        collect(text, &document.tree().node, &mut strings);
        strings.sort_unstable_by_key(|string| string.start);
    }
    let (mut parts, mut at) = (Vec::new(), 0);
    for string in strings {
        parts.extend([
            (&text[at..string.start], false),
            (&text[string.clone()], true),
        ]);
        at = string.end;
    }
    parts.push((&text[at..], false));
    parts
}

fn collect(text: &str, node: &Node, strings: &mut Vec<Range<usize>>) {
    let written = &text[node.span.clone()];
    if ["\"\"\"", "'''"]
        .iter()
        .any(|quotes| written.starts_with(quotes))
    {
        strings.push(node.span.clone());
    }
    for child in &node.children {
        collect(text, child, strings);
    }
}
