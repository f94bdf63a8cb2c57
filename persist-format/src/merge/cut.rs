//! A document in pieces.

use std::collections::BTreeMap;
use std::ops::Range;

use super::pieces::{self, Piece, Place};
use crate::document::Document;
use crate::lines;

/// A document with the pieces of its text and its comments. Whoever merges it cuts it once and hands this on.
pub(super) struct Cut<'d> {
    pub(super) document: &'d Document,
    pub(super) pieces: Vec<Piece<'d>>,
    /// How often each comment is there, by what it says.
    pub(super) comments: BTreeMap<String, usize>,
    /// The same by what it says and where it stands.
    pub(super) placed: BTreeMap<(String, Place), usize>,
}

impl<'d> Cut<'d> {
    pub(super) fn of(document: &'d Document) -> Self {
        let pieces = pieces::of(document);
        Self {
            document,
            comments: document.comment_counts(),
            placed: pieces::comments(&pieces),
            pieces,
        }
    }

    /// The document cut, if its text is another than this one's.
    pub(super) fn if_other<'o>(&self, document: &'o Document) -> Option<Cut<'o>> {
        (document.text() != self.document.text()).then(|| Cut::of(document))
    }

    /// Where each piece is in the text, with a line end thought before it as in [`TextEdits`](super::TextEdits).
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let range = |piece: &Piece<'_>| {
            let start = at;
            at += piece.text.len();
            start..at
        };
        self.pieces.iter().map(range).collect()
    }

    pub(super) fn line_end(&self) -> &'static str {
        lines::line_end(self.document.text())
    }
}
