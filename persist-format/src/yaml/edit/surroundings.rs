//! What is around a value: the indicator before it, the comment after it, the style it is in.

use granit_parser::ScalarStyle;

use super::layout::key_style;
use super::{Indicator, Parent, Spot, YamlEditor};
use crate::yaml::cst::{Id, Node, NodeKind};
use crate::yaml::emit::Layout;
use crate::yaml::quote::Style;

impl YamlEditor<'_> {
    /// The layout with the quotes that the old value has.
    pub(super) fn layout_like(&self, node: &Node) -> Layout {
        let strings = style_of(node).unwrap_or(self.layout.strings);
        Layout {
            strings,
            ..self.layout.clone()
        }
    }

    /// The layout with the quotes that the old key has.
    pub(super) fn layout_like_key(&self, key: &Node) -> Layout {
        let keys = style_of(key).unwrap_or(self.layout.keys);
        Layout {
            keys,
            ..self.layout.clone()
        }
    }

    /// The layout with keys like those that are there.
    pub(super) fn layout_among(&self, keys: impl Iterator<Item = Id>) -> Layout {
        let keys = key_style(self.cst, keys).unwrap_or(self.layout.keys);
        Layout {
            keys,
            ..self.layout.clone()
        }
    }

    /// Block scalars only where they are safe: not where comments after them would become text, and not at the very end of a text without
    /// a last line break, where parsers disagree on it.
    pub(super) fn layout_for(&self, spot: Spot, node: &Node) -> Layout {
        let mut layout = self.layout_like(node);
        let end = self.page.next_line(node.end);
        let unfinished = self.is_unfinished(end);
        let column = match spot.parent {
            Parent::Block(Indicator::Dash { column, .. } | Indicator::Entry { column, .. }) => {
                column
            }
            _ => 0,
        };
        layout.literals = !unfinished
            && layout.strings == Style::Plain
            && !self.deep_comment_follows(end, column);
        layout
    }

    /// True if the next line with anything on it is a comment further right than the column.
    pub(super) fn deep_comment_follows(&self, mut line: usize, column: usize) -> bool {
        while line < self.page.text.len()
            && self
                .page
                .slice(line..self.page.line_end(line))
                .trim()
                .is_empty()
        {
            line = self.page.next_line(line);
        }
        self.page.comment_column(line).is_some_and(|at| at > column)
    }

    /// One past the indicator that the value's place begins after; the start of the value where there is none.
    pub(super) fn indicator_end(&self, spot: Spot) -> usize {
        let node = &self.cst.nodes[spot.id];
        match spot.parent {
            Parent::Block(Indicator::Dash { dash, .. }) => dash + 1,
            Parent::Block(Indicator::Entry { entry, .. }) => {
                entry.colon.map_or(node.content, |colon| colon + 1)
            }
            Parent::Document => {
                let document = &self.cst.documents[self.which];
                if document.explicit_start {
                    document.start
                } else {
                    node.start
                }
            }
            Parent::Flow(_) => node.start,
        }
    }

    /// What comes between the indicator and the value on its line.
    pub(super) fn space_before(&self, spot: Spot, indicator: usize) -> String {
        match spot.parent {
            Parent::Document if indicator == self.page.line_start(indicator) => String::new(),
            Parent::Block(Indicator::Entry { entry, column }) if entry.colon.is_none() => {
                format!("{}{}: ", self.page.newline, " ".repeat(column))
            }
            _ => {
                let rest = self.page.slice(indicator..self.page.line_end(indicator));
                let spaces = rest.len() - rest.trim_start_matches(' ').len();
                let kept = if spaces == rest.len() || rest[spaces..].starts_with('#') {
                    1
                } else {
                    spaces.max(1)
                };
                " ".repeat(kept)
            }
        }
    }

    /// The end of the value's last line with the comment on it, or of a block scalar with the comment after its header: where the value with that comment
    /// ends, and the comment with the space before it.
    pub(super) fn tail(&self, node: &Node) -> (usize, &str) {
        if node.is_block_scalar() {
            let header = self
                .page
                .slice(node.content..self.page.line_end(node.content));
            return (
                node.end,
                header.find(" #").map_or("", |at| header[at..].trim_end()),
            );
        }
        let end = self.page.line_end(node.end);
        (end, self.page.slice(node.end..end).trim_end())
    }
}

/// How a scalar is written on one line; `None` for all else.
fn style_of(node: &Node) -> Option<Style> {
    match node.kind {
        NodeKind::Scalar {
            style: ScalarStyle::SingleQuoted,
            ..
        } => Some(Style::Single),
        NodeKind::Scalar {
            style: ScalarStyle::DoubleQuoted,
            ..
        } => Some(Style::Double),
        NodeKind::Scalar {
            style: ScalarStyle::Plain,
            ..
        } if !node.is_absent() => Some(Style::Plain),
        _ => None,
    }
}
