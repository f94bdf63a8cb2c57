//! The one error of the crate: what, where in the tree, where in the text, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::location::{Excerpt, Location};
use crate::path::{KeyPath, Segment};

/// What callers may want to do something different about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not in the format: a person has to mend it.
    Syntax,
    /// The bytes are no UTF-8 text.
    Encoding,
    /// A key stands twice in a map.
    DuplicateKey,
    /// The document is beyond one of the [`Limits`](crate::Limits).
    Limit,
    /// The value is not what the Rust type wants.
    Type,
    /// The key path can't be read, or leads nowhere.
    Path,
    /// The format has no way to say the value.
    Unrepresentable,
    /// The edit can't be made without losing something the person wrote, and the caller chose to refuse then.
    Refused,
    /// What was typed is no value of the kind that is wanted: see [`kind`](crate::kind).
    Misfit,
    /// Which format it is can't be told.
    UnknownFormat,
    /// The JSON Schema itself is unusable.
    Schema,
}

/// Which choice of the caller's would let an edit be made that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// What becomes of what YAML's aliases and merge keys share: [`OnAlias`](crate::OnAlias).
    OnAlias,
    /// That comments and layout may be lost: [`OnLoss::Reemit`](crate::OnLoss::Reemit).
    OnLoss,
}

impl Remedy {
    fn help(self) -> &'static str {
        match self {
            Self::OnAlias => {
                "edit the file by hand, or say what becomes of the aliases: by `on_alias`, `OnAlias::Follow` (all change) or `OnAlias::Expand` (this place alone)"
            }
            Self::OnLoss => {
                "edit the file by hand, or let it be rewritten by `on_loss`, `OnLoss::Reemit` (comments are lost)"
            }
        }
    }
}

/// What went wrong, where, and what to do about it.
///
/// `Display` is one line: `app.toml:12:9: expected u16, found string at window.width`, and what was probably meant;
/// [`Error::render`] draws the lines of the file.
#[derive(Clone)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    remedy: Option<Remedy>,
    choices: Option<String>,
    path: Option<KeyPath>,
    excerpt: Option<Excerpt>,
    file: Option<PathBuf>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            message: message.into(),
            help: None,
            remedy: None,
            choices: None,
            path: None,
            excerpt: None,
            file: None,
        }))
    }

    /// An error at a span of the text.
    pub(crate) fn at(
        kind: ErrorKind,
        message: impl Into<String>,
        text: &str,
        span: Range<usize>,
    ) -> Self {
        Self::new(kind, message).with_span(text, span)
    }

    pub(crate) fn with_span(mut self, text: &str, span: Range<usize>) -> Self {
        self.0.excerpt = Some(Excerpt::new(text, span));
        self
    }

    /// A refusal of the caller's own, for closures that edit a document: of the kind [`ErrorKind::Refused`].
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, message)
    }

    /// The error with what to do about it, instead of what it had.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// The error with the choice that would help, and the words for it as its help.
    pub(crate) fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.0.remedy = Some(remedy);
        self.with_help(remedy.help())
    }

    /// The error without what to do about it, for callers that tell it apart.
    #[must_use]
    pub fn without_help(mut self) -> Self {
        self.0.help = None;
        self
    }

    pub(crate) fn with_choices(mut self, choices: String) -> Self {
        self.0.choices = Some(choices);
        self
    }

    pub(crate) fn with_path(mut self, path: KeyPath) -> Self {
        self.0.path = Some(path);
        self
    }

    /// The error as seen from a container: its path is one step longer. Readers that tell paths so need none while all is well.
    pub(crate) fn within(mut self, segment: Segment) -> Self {
        if let Some(path) = &mut self.0.path {
            *path = std::iter::once(segment)
                .chain(std::mem::take(path))
                .collect();
        }
        self
    }

    /// The error as seen from the document in which the value at `path` is.
    #[must_use]
    pub fn below(mut self, path: &KeyPath) -> Self {
        let within = self.0.path.take().unwrap_or_default();
        self.0.path = Some(path.segments().iter().cloned().chain(within).collect());
        self
    }

    /// The error as one about a text that is in no file, and not to be seen: without its place there. `what` that text is stands before the
    /// message.
    #[must_use]
    pub fn in_unseen_text(mut self, what: &str) -> Self {
        self.0.excerpt = None;
        self.0.message = format!("{what}, {}", self.0.message);
        self
    }

    /// Names the file in the messages.
    #[must_use]
    pub fn with_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.0.file = Some(file.into());
        self
    }

    /// The same error with the drawn lines passed through `mask`, one at a time, for callers that must keep
    /// something in them out of sight. `mask` is given a line without its newline.
    #[must_use]
    pub fn mask_lines(mut self, mask: impl Fn(&str) -> String) -> Self {
        if let Some(excerpt) = &mut self.0.excerpt {
            excerpt.mask(mask);
        }
        self
    }

    /// What to do something different about.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without places.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The choice that would let the edit be made, if it was refused by [`Document::set`](crate::Document::set) or another edit for want of one. `None` where
    /// neither would help.
    ///
    /// ```
    /// use persist_format::{Document, Format, Remedy};
    /// let mut document = Document::parse(b"a: &x {n: 1}\nb: *x\n", Format::Yaml)?;
    /// let refused = document.set(&"b.n".parse()?, 2).unwrap_err();
    /// assert_eq!(refused.remedy(), Some(Remedy::OnAlias));
    /// # Ok::<(), persist_format::Error>(())
    /// ```
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        self.0.remedy
    }

    /// The documents of the stream, as [`Document::described`](crate::Document::described) has them, if one of them was to be chosen.
    #[must_use]
    pub fn choices(&self) -> Option<&str> {
        self.0.choices.as_deref()
    }

    /// Where in the text it is.
    #[must_use]
    pub fn location(&self) -> Option<Location> {
        self.0.excerpt.as_ref().map(Excerpt::location)
    }

    /// Where in the tree it is.
    #[must_use]
    pub fn key_path(&self) -> Option<&KeyPath> {
        self.0.path.as_ref()
    }

    /// The file, if it was named.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The message with the lines of the file drawn and the remedy below, over several lines without colours.
    ///
    /// `file` is the name to print; if it is empty the one given to [`Error::with_file`] is used.
    #[must_use]
    pub fn render(&self, file: &str) -> String {
        self.render_with(file, &annotate_snippets::Renderer::plain())
    }

    /// As [`Error::render`], with terminal colours.
    #[must_use]
    pub fn render_coloured(&self, file: &str) -> String {
        self.render_with(file, &annotate_snippets::Renderer::styled())
    }

    fn render_with(&self, file: &str, renderer: &annotate_snippets::Renderer) -> String {
        use annotate_snippets::{AnnotationKind, Level, Snippet};
        let named = self
            .0
            .file
            .as_deref()
            .map(|file| file.display().to_string())
            .unwrap_or_default();
        let file = if file.is_empty() {
            named
        } else {
            file.to_owned()
        };
        let title = self.sentence();
        let mut group = annotate_snippets::Group::with_title(Level::ERROR.primary_title(&title));
        if let Some(excerpt) = &self.0.excerpt {
            let mut snippet = Snippet::source(excerpt.text()).line_start(excerpt.first_line());
            if !file.is_empty() {
                snippet = snippet.path(&file);
            }
            group = group.element(snippet.annotation(AnnotationKind::Primary.span(excerpt.span())));
        }
        if let Some(help) = &self.0.help {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group]).to_string()
    }

    fn sentence(&self) -> String {
        match &self.0.path {
            Some(path) if !path.is_root() => format!("{} at {path}", self.0.message),
            _ => self.0.message.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.file, self.location()) {
            (Some(file), Some(at)) => write!(
                f,
                "{}:{}:{}: {}",
                file.display(),
                at.line,
                at.column,
                self.sentence()
            ),
            (Some(file), None) => write!(f, "{}: {}", file.display(), self.sentence()),
            (None, Some(at)) => write!(f, "{} ({}:{})", self.sentence(), at.line, at.column),
            (None, None) => f.write_str(&self.sentence()),
        }?;
        match (&self.0.help, self.0.kind) {
            // Who has a type read or written has no other way to see it.
            (Some(help), ErrorKind::Type | ErrorKind::Refused) => write!(f, "; {help}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}
