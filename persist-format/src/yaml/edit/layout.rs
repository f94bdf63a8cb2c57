//! How a document is laid out, so that new text looks like the text around it.

use std::collections::BTreeMap;

use granit_parser::ScalarStyle;

use super::page::Page;
use crate::yaml::cst::{Cst, Id, NodeKind};
use crate::yaml::emit::Layout;
use crate::yaml::quote::{self, Style};

/// The layout that most of the document has.
pub(super) fn layout(page: &Page<'_>, cst: &Cst) -> Layout {
    let mut steps = Votes::default();
    let mut dashes = Votes::default();
    let mut styles = Votes::default();
    let mut keys = Vec::new();
    for node in &cst.nodes {
        let NodeKind::Mapping { entries, .. } = &node.kind else {
            continue;
        };
        for entry in entries {
            keys.push(entry.key);
            let value = &cst.nodes[entry.value];
            let deeper = || {
                let column = page.column(entry.start(cst));
                page.column(value.content).saturating_sub(column)
            };
            match &value.kind {
                NodeKind::Mapping { flow: false, .. } => steps.add(deeper()),
                NodeKind::Sequence { flow: false, .. } => dashes.add(deeper()),
                NodeKind::Scalar { style, text } if is_text(*style, text) => {
                    styles.add(*style as usize);
                }
                _ => {}
            }
        }
    }
    let step = steps.winner().filter(|&step| step > 0).unwrap_or(2);
    let quoted = |style: ScalarStyle| styles.count(style as usize);
    let (single, double) = (
        quoted(ScalarStyle::SingleQuoted),
        quoted(ScalarStyle::DoubleQuoted),
    );
    let quotes = if single > double {
        Style::Single
    } else {
        Style::Double
    };
    let always = quoted(ScalarStyle::Plain) == 0 && single + double > 2;
    Layout {
        step,
        dash: dashes.winner().unwrap_or(step.min(2)),
        strings: if always { quotes } else { Style::Plain },
        keys: key_style(cst, keys.into_iter()).unwrap_or(Style::Plain),
        quotes,
        literals: true,
    }
}

/// How most of the keys are written that could as well be plain; `None` if there are none.
pub(super) fn key_style(cst: &Cst, keys: impl Iterator<Item = Id>) -> Option<Style> {
    let mut votes = Votes::default();
    for key in keys {
        if let NodeKind::Scalar { style, text } = &cst.nodes[key].kind
            && is_text(*style, text)
            && (*style == ScalarStyle::Plain || quote::is_plain(text))
        {
            votes.add(*style as usize);
        }
    }
    [
        (ScalarStyle::Plain, Style::Plain),
        (ScalarStyle::SingleQuoted, Style::Single),
        (ScalarStyle::DoubleQuoted, Style::Double),
    ]
    .into_iter()
    .find(|(written, _)| votes.winner() == Some(*written as usize))
    .map(|(_, style)| style)
}

/// Strings that could as well be plain say whether the writer quotes strings.
fn is_text(style: ScalarStyle, text: &str) -> bool {
    match style {
        ScalarStyle::Plain => {
            text.starts_with(|c: char| c.is_alphabetic())
                && !["true", "false", "null"].contains(&text)
        }
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => true,
        ScalarStyle::Literal | ScalarStyle::Folded => false,
    }
}

#[derive(Default)]
struct Votes(BTreeMap<usize, usize>);

impl Votes {
    fn add(&mut self, vote: usize) {
        *self.0.entry(vote).or_default() += 1;
    }

    fn count(&self, vote: usize) -> usize {
        self.0.get(&vote).copied().unwrap_or_default()
    }

    /// The most frequent; of equals the least.
    fn winner(&self) -> Option<usize> {
        self.0
            .iter()
            .max_by_key(|&(&vote, &count)| (count, std::cmp::Reverse(vote)))
            .map(|(&vote, _)| vote)
    }
}
