//! A difference as lines of text, without the secrets of either side.

use std::io;

use persist_core::{Document, Note, REDACTED, Sensitive};
use similar::{ChangeTag, TextDiff};

use crate::out::{BAD, DIM, GOOD, Out, paint};
use crate::show;

/// Lines of context around those that differ.
const CONTEXT: usize = 3;

/// Two texts that differ, as far as that can be shown.
pub(super) struct TextDifference {
    /// `None` where the sensitive values can't be removed from a text.
    lines: Option<Vec<(Kind, String)>>,
    /// What differs and is not to be seen in the lines, in words.
    pub(super) hidden: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hunk,
    Same,
    Old,
    New,
}

impl TextDifference {
    /// The lines that differ, and what differs where nothing is to be seen of it: `notes` say which values do.
    pub(super) fn between(
        old: &Document,
        new: &Document,
        notes: &[Note],
        sensitive: &Sensitive,
    ) -> Self {
        let [shown_old, shown_new] = sensitive.redacted_texts(old, new);
        let both = shown_old.zip(shown_new);
        let lines = both.map(|(old, new)| lines(&old, &new));
        let hidden = match &lines {
            None => vec![
                "the text can't be shown: its sensitive values can't be removed from it".to_owned(),
            ],
            Some(lines) => hidden(old, new, notes, lines.is_empty()),
        };
        Self { lines, hidden }
    }

    /// The lines as a unified difference.
    pub(super) fn unified(&self) -> Option<String> {
        let lines = self.lines.as_ref()?.iter();
        Some(
            lines
                .map(|(kind, line)| format!("{}{line}\n", kind.sign()))
                .collect(),
        )
    }

    /// Prints the lines; or where there can be none, the keys that differ.
    pub(super) fn show(&self, out: &mut Out, notes: &[Note]) -> io::Result<()> {
        for (kind, line) in self.lines.iter().flatten() {
            let line = format!("{}{line}", kind.sign());
            match kind {
                Kind::Hunk => out.content_line(paint(DIM, line))?,
                Kind::Old => out.content_line(paint(BAD, line))?,
                Kind::New => out.content_line(paint(GOOD, line))?,
                Kind::Same => out.content_line(line)?,
            }
        }
        for words in &self.hidden {
            out.line(paint(DIM, words))?;
        }
        if self.lines.is_none() {
            notes
                .iter()
                .try_for_each(|note| out.line(show::note(note)))?;
        }
        Ok(())
    }
}

impl Kind {
    fn sign(self) -> &'static str {
        match self {
            Kind::Hunk => "",
            Kind::Same => " ",
            Kind::Old => "-",
            Kind::New => "+",
        }
    }
}

fn lines(old: &str, new: &str) -> Vec<(Kind, String)> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        lines.push((Kind::Hunk, hunk.header().to_string()));
        lines.extend(hunk.iter_changes().map(|change| {
            let kind = match change.tag() {
                ChangeTag::Delete => Kind::Old,
                ChangeTag::Insert => Kind::New,
                ChangeTag::Equal => Kind::Same,
            };
            let line = change.value().trim_end_matches(['\r', '\n']);
            (kind, line.to_owned())
        }));
    }
    lines
}

/// What differs and is not to be seen in lines. Where `nothing` is seen, whatever differs is hidden.
fn hidden(old: &Document, new: &Document, notes: &[Note], nothing: bool) -> Vec<String> {
    let is_hidden = |note: &&Note| {
        let value = note.old.as_ref().filter(|old| old.contains(REDACTED));
        value.is_some() && note.old == note.new
    };
    let keys: Vec<String> = notes.iter().filter(is_hidden).map(Note::key).collect();
    let words = match (keys.as_slice(), nothing) {
        ([], false) => return Vec::new(),
        ([], true) if old.bytes() == new.bytes() => return Vec::new(),
        ([], true) if old.text() == new.text() => {
            "same text, with a byte order mark on one side alone".to_owned()
        }
        ([], true) => {
            "what differs is hidden: how sensitive values are written, or comments beside them"
                .to_owned()
        }
        ([key], _) => format!("a sensitive value differs, which is not shown: {key}"),
        (keys, _) => format!(
            "sensitive values differ, which are not shown: {}",
            keys.join(", ")
        ),
    };
    vec![words]
}
