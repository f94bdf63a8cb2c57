//! Why a change can't be made in a text.

use std::fmt;

/// The reason, with words that go on "the change can't be made in place: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The text says more than the place that the change is about.
    Shared(Shared),
    /// No splice is known for the text as it is written.
    Layout(&'static str),
    /// The change is about something that is not there.
    Missing(&'static str),
    /// The parts of the change don't go together.
    Parts(&'static str),
    /// The format can't say the value, or the changed text could not be read.
    Unsayable(String),
    /// The changed text would say something else than was meant.
    Otherwise(&'static str),
    /// The changed text would say this to the second parser.
    Disagreement(String),
    /// Comments would be lost.
    Comments,
}

/// What YAML lets several places share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shared {
    /// The value stands elsewhere; an alias is here.
    Alias,
    /// The value has this anchor, and an alias repeats it.
    Anchored(String),
    /// What goes holds this anchor, and an alias of it stays.
    AnchorNeeded(String),
    /// What is to be written anew holds aliases.
    AliasesWithin,
    /// The entry, or its key, comes in by a merge key.
    Merged(&'static str),
    /// The entry that goes would be back by a merge key.
    MergedAgain,
}

impl Refusal {
    pub(crate) const NO_PLACE: Self = Self::Missing("there is no such place");
    pub(crate) const NO_CONTAINER: Self = Self::Missing("it is not a list or map");
    /// The changed text has more documents than the old one, or fewer.
    pub(crate) const OTHER_NUMBER: Self = Self::Otherwise("the number of documents would change");
    pub(crate) const OVERLAP: Self = Self::Parts("the parts of the edit overlap");
    pub(crate) const OTHERWISE: Self =
        Self::Otherwise("the edited text would have another meaning");

    /// From an error of writing the value or of reading the changed text.
    pub(crate) fn unsayable(error: &crate::Error) -> Self {
        Self::Unsayable(error.to_string())
    }
}

impl From<Shared> for Refusal {
    fn from(shared: Shared) -> Self {
        Self::Shared(shared)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared(shared) => shared.fmt(f),
            Self::Layout(why) | Self::Missing(why) | Self::Parts(why) | Self::Otherwise(why) => {
                f.write_str(why)
            }
            Self::Unsayable(why) => f.write_str(why),
            Self::Disagreement(seen) => write!(f, "another parser would read {seen}"),
            Self::Comments => f.write_str("comments within would be lost"),
        }
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias => f.write_str("it is written elsewhere, behind an alias"),
            Self::Anchored(name) => write!(
                f,
                "it is anchored as &{name}, and its aliases *{name} would change with it"
            ),
            Self::AnchorNeeded(name) => {
                write!(f, "the anchor &{name} in it has an alias elsewhere")
            }
            Self::AliasesWithin => f.write_str("aliases within would be lost"),
            Self::Merged(what) => write!(f, "{what} is brought in by a merge key"),
            Self::MergedAgain => f.write_str("a merge key brings in another entry of the same key"),
        }
    }
}
