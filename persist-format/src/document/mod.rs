//! A document: text, spanned tree and value, and the edits that keep them together.

mod apply;
mod batch;
mod bytes;
mod choice;
mod comments;
mod content;
mod detect;
mod edit;
mod fresh;
mod larger;
mod outcome;
mod rearrange;
mod reference;
mod shared;
mod spelling;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

pub use batch::Edits;
pub use choice::Choice;
pub use outcome::{Edit, Extent, OnAlias, OnLoss};

use bytes::Envelope;
use content::Content;

use crate::convert::{self, Loss, Warning};

use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::limits::Limits;
use crate::location::Location;
use crate::path::KeyPath;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::tree::{Node, Origin, Tree};
use crate::value::Value;

/// A configuration file's content: the text as it was written and the value it stands for. A copy shares both with the original.
///
/// Its `Debug` output tells format and size, never content: that may hold secrets.
#[derive(Clone)]
pub struct Document {
    limits: Limits,
    envelope: Envelope,
    content: Arc<Content>,
    which: usize,
    selected: bool,
    on_loss: OnLoss,
    on_alias: OnAlias,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.format())
            .field("bytes", &self.content.text.len())
            .finish_non_exhaustive()
    }
}

impl Document {
    /// Reads a document with the default [`Limits`].
    ///
    /// # Errors
    ///
    /// Text that is not in the format, a duplicate key, bytes that are no UTF-8, or a limit exceeded; with its line and column.
    pub fn parse(bytes: &[u8], format: Format) -> Result<Self, Error> {
        Self::parse_with(bytes, format, &Limits::default())
    }

    /// Reads a document within limits.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    pub fn parse_with(bytes: &[u8], format: Format, limits: &Limits) -> Result<Self, Error> {
        crate::budget::Budget::text(limits, bytes.len())?;
        let (envelope, text) = bytes::open(bytes)?;
        Ok(Self {
            content: Content::read(Reading::of(text, format, limits)?),
            limits: limits.clone(),
            envelope,
            which: 0,
            selected: false,
            on_loss: OnLoss::default(),
            on_alias: OnAlias::default(),
        })
    }

    /// Has the second parser read the text, if it has not yet: a document that came from [`Document::parse`] is read by one parser, one that was edited or
    /// written afresh by both. What it finds is kept, also for copies, until the text is another.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the other parser sees other values: other programs may, too.
    pub fn check(&self) -> Result<(), Error> {
        self.content.check()
    }

    /// Writes a value as a fresh document, which is read again and compared; with what the format could not carry.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unrepresentable`](crate::ErrorKind::Unrepresentable) if the format can't say the value.
    pub fn encode(value: &Value, format: Format) -> Result<(Self, Vec<Warning>), Error> {
        Self::encode_within(value, format, Limits::default())
    }

    fn encode_within(
        value: &Value,
        format: Format,
        limits: Limits,
    ) -> Result<(Self, Vec<Warning>), Error> {
        let (fitted, warnings) = convert::fitted(value, format)?;
        let document = Self {
            content: Content::checked(fresh::fresh(&fitted, format, &limits)?),
            limits,
            envelope: Envelope::PLAIN,
            which: 0,
            selected: false,
            on_loss: OnLoss::default(),
            on_alias: OnAlias::default(),
        };
        Ok((document, warnings))
    }

    /// Says what edits do that can't be made in place; [`OnLoss::Refuse`] if this is never called.
    #[must_use]
    pub fn on_loss(mut self, on_loss: OnLoss) -> Self {
        self.on_loss = on_loss;
        self
    }

    /// Says what edits do to what anchors and aliases of YAML share; [`OnAlias::Refuse`] if this is never called.
    #[must_use]
    pub fn on_alias(mut self, on_alias: OnAlias) -> Self {
        self.on_alias = on_alias;
        self
    }

    /// How many documents the text holds: one, but for YAML streams.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.content.trees.len()
    }

    /// Chooses the document that is read and edited, counted from 0; `None` if there are not so many. It is the first if this is never called.
    #[must_use]
    pub fn select(mut self, index: usize) -> Option<Self> {
        self.which = index;
        self.selected = true;
        (index < self.content.trees.len()).then_some(self)
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.content.format
    }

    /// The document as reading its bytes gives it: the first of its stream chosen, and edits that lose something refused. It shares
    /// the text and what is known of it.
    #[must_use]
    pub fn as_read(&self) -> Self {
        Self {
            which: 0,
            selected: false,
            on_loss: OnLoss::default(),
            on_alias: OnAlias::default(),
            ..self.clone()
        }
    }

    /// The limits that it was read within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The exact bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.envelope.close(&self.content.text)
    }

    /// The text, without the byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.content.text
    }

    /// The same document (format, limits, byte order mark, choice) with another text, which is read by both parsers.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the parsers don't read the same, or if a document of the stream that was not
    /// chosen would change.
    pub fn with_text(&self, text: &str) -> Result<Self, Error> {
        crate::budget::Budget::text(&self.limits, text.len())?;
        let reading = Reading::of(text, self.format(), &self.limits)?;
        let refused = |why: Refusal| Error::new(ErrorKind::Refused, why.to_string());
        let chosen = reading.trees.get(self.which).map(|tree| tree.value.clone());
        let chosen = chosen.ok_or_else(|| refused(Refusal::OTHER_NUMBER))?;
        let verified = self.verified(reading, &chosen).map_err(refused)?;
        Ok(Self {
            content: Content::checked(verified),
            ..self.clone()
        })
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.tree().value
    }

    /// The value, the text let go.
    #[must_use]
    pub fn into_value(self) -> Value {
        match Arc::try_unwrap(self.content) {
            Ok(content) => content.into_reading().trees.swap_remove(self.which).value,
            Err(shared) => shared.trees[self.which].value.clone(),
        }
    }

    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &KeyPath) -> Option<&Value> {
        self.value().get(path)
    }

    /// Where in the text the value at a path stands.
    #[must_use]
    pub fn location(&self, path: &KeyPath) -> Option<Location> {
        Some(Location::of(
            &self.content.text,
            self.span(path, false)?.start,
        ))
    }

    /// The bytes of the text from the key, if there is one, to the end of the value at a path. Of a TOML table under a header it is the
    /// header; its lines are those of its children.
    #[must_use]
    pub fn extent(&self, path: &KeyPath) -> Option<Range<usize>> {
        let (_, node) = self.tree().find(path)?;
        let key_end = node.key.as_ref().map_or(node.span.end, |key| key.end);
        Some(node.start()..key_end.max(node.span.end))
    }

    /// The bytes of the value at a path, or of its key.
    pub(crate) fn span(&self, path: &KeyPath, key: bool) -> Option<Range<usize>> {
        let (_, node) = self.tree().find(path)?;
        let key = node.key.clone().filter(|_| key);
        Some(key.unwrap_or_else(|| node.span.clone()))
    }

    /// The comments of the text in order, with their marks.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        let extents = self.comment_extents().into_iter();
        extents.map(|extent| &self.content.text[extent])
    }

    /// The bytes of each comment, in order.
    pub fn comment_extents(&self) -> Vec<Range<usize>> {
        self.content.comments()
    }

    pub(crate) fn comment_counts(&self) -> BTreeMap<String, usize> {
        self.content.comment_counts()
    }

    /// The text of the stream's other documents: before this one and after it.
    pub(crate) fn around(&self) -> (&str, &str) {
        self.content.around(self.which)
    }

    /// The document in another format, written afresh, with all that could not be carried. Comments go along where they stand on lines of their own above
    /// a value or at the end of its line, and the value has a line in the new text; those at the top stay there.
    ///
    /// # Errors
    ///
    /// As [`Document::encode`]; and [`ErrorKind::Unrepresentable`](crate::ErrorKind::Unrepresentable) for a stream of several YAML documents of
    /// which none was chosen by [`Document::select`].
    pub fn convert(&self, format: Format) -> Result<(Self, Vec<Warning>), Error> {
        if self.content.trees.len() > 1 && !self.selected {
            let message = format!("the stream holds {} documents", self.content.trees.len());
            return Err(Error::new(ErrorKind::Unrepresentable, message)
                .with_help("put the one that is to be converted into a file of its own"));
        }
        let (mut document, mut warnings) =
            Self::encode_within(self.value(), format, self.limits.clone())?;
        let root = |loss| Warning {
            path: KeyPath::root(),
            loss,
        };
        let aliases = aliases(&self.tree().node);
        let dropped = self.carry_comments(&mut document);
        if format.engine().comment_mark().is_none() {
            let count = dropped.len();
            warnings.extend((count > 0).then(|| root(Loss::CommentsDropped(count))));
        } else {
            let lost = dropped
                .into_iter()
                .map(|line| root(Loss::CommentDropped { line }));
            warnings.extend(lost);
        }
        if let (Some(_), Some(uri)) = (
            self.format().engine().schema_mark(),
            self.schema_reference(),
        ) {
            // Of JSON it is a key, which would be another value.
            let set = match format.engine().schema_mark() {
                Some(_) => document.set_schema_reference(uri).is_ok(),
                None => false,
            };
            warnings.extend((!set).then(|| root(Loss::SchemaReferenceDropped)));
        }
        warnings.extend((aliases > 0).then(|| root(Loss::AliasesExpanded(aliases))));
        Ok((document, warnings))
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.content.trees[self.which]
    }
}

/// How many values of the tree stand elsewhere in the text.
fn aliases(node: &Node) -> usize {
    match node.origin {
        Origin::Alias { .. } | Origin::Merged => 1,
        Origin::Own | Origin::Anchored => node.children.iter().map(aliases).sum(),
    }
}
