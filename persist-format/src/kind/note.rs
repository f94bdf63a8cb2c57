//! What a person should know of a value that was taken.

use std::fmt;

/// Something about a value that others may see otherwise. Its text shows the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The number is less than what was typed says: `3.10` is 3.1.
    Number {
        /// As it was typed.
        typed: String,
        /// The number that programs read.
        read: String,
    },
    /// Programs that have floating point numbers alone read another number.
    Float {
        /// As it was typed.
        typed: String,
        /// What they read.
        read: String,
    },
    /// Readers of YAML 1.1 take the number for one to the base of eight.
    Octal {
        /// As it was typed.
        typed: String,
        /// What readers of YAML 1.2 see.
        decimal: String,
        /// What readers of YAML 1.1 see.
        octal: String,
    },
    /// Some reader, or the format, would not take what was typed for this number: it is written otherwise.
    Respelled {
        /// As it was typed.
        typed: String,
    },
    /// The schema wants a whole number, and this is one that was typed as another: it is written as a whole one.
    Whole {
        /// As it was typed.
        typed: String,
        /// As it is written.
        written: String,
    },
    /// Readers of YAML 1.1 took the text before for something else than text.
    WasNoText {
        /// What for: a number, a date.
        what: &'static str,
    },
    /// What begins as JSON is none, and was taken as text.
    NotJson {
        /// Why it is none.
        why: String,
    },
    /// The value had a tag, which is gone.
    TagGone {
        /// The tag.
        tag: String,
    },
}

impl Note {
    /// The note without anything of the value, for one that is a secret.
    #[must_use]
    pub fn discreet(&self) -> String {
        match self {
            Self::Number { .. } | Self::Float { .. } | Self::Octal { .. } => {
                "some programs read this as another number".into()
            }
            Self::Respelled { .. } => "the number is written differently than typed".into(),
            Self::Whole { .. } => "the number is written without a fraction".into(),
            Self::NotJson { .. } => "stored as text, since it is not valid JSON".into(),
            Self::WasNoText { .. } | Self::TagGone { .. } => self.to_string(),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { typed, read } => write!(f, "programs read {typed} as {read}"),
            Self::Float { typed, read } => {
                write!(f, "many programs read {typed} as {read}")
            }
            Self::Octal {
                typed,
                decimal,
                octal,
            } => write!(
                f,
                "YAML 1.2 parsers read {typed} as {decimal}, YAML 1.1 parsers as {octal}"
            ),
            Self::Respelled { typed } => write!(
                f,
                "the number is written differently, since some parsers do not read {typed} as a number"
            ),
            Self::Whole { typed, written } => write!(
                f,
                "{typed} is written as {written}, since the schema requires an integer"
            ),
            Self::WasNoText { what } => write!(
                f,
                "YAML 1.1 parsers read the old value as a {what}, and read this one as text"
            ),
            Self::NotJson { why } => write!(f, "stored as text, since it is not valid JSON: {why}"),
            Self::TagGone { tag } => write!(f, "the tag {tag} is removed"),
        }
    }
}
