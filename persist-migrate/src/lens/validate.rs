//! What a lens must fulfil whatever the document.

use super::Lens;
use crate::Path;
use crate::path::Step;

/// A lens makes no sense on any document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLens {
    /// The lens works on an entry of a container, and the whole document is none.
    #[error("the path must name an entry, not the whole document")]
    Root,
    /// A `*` at the end where one entry is meant.
    #[error("path `{0}` must end with a key or an index, not with `*`")]
    EndsWithEach(Path),
    /// The paths of one lens do not agree up to their last `*`.
    #[error("paths `{0}` and `{1}` must be the same up to the last `*`")]
    PatternsDiffer(Path, Path),
    /// One place is inside of the other.
    #[error("`{0}` and `{1}` must not be inside of each other")]
    Nested(Path, Path),
    /// The lens takes the version of the document away, or puts something in its place.
    #[error("`{0}` holds the version of the document, which is no lens's to change")]
    Version(Path),
    /// Splitting at nothing.
    #[error("the separator must not be empty")]
    EmptySeparator,
}

impl Lens {
    /// Whether the version of a document, which is at `version`, stays where it is.
    ///
    /// # Errors
    /// The lens changes it or a map around it.
    pub(crate) fn leaves_alone(&self, version: &Path) -> Result<(), InvalidLens> {
        let mut places = self.places().into_iter();
        match places.find(|place| version.below(place).is_some()) {
            Some(place) => Err(InvalidLens::Version(place)),
            None => Ok(()),
        }
    }

    /// What is something else, or not there, before or after it.
    fn places(&self) -> Vec<Path> {
        let beside = |path: &Path, key: &str| path.parent().unwrap_or_default().child(key);
        match self {
            Self::Rename { path, to } => vec![path.clone(), beside(path, to)],
            Self::Hoist { path, key } | Self::Plunge { path, key } => {
                vec![path.child(key.as_str()), beside(path, key)]
            }
            other => {
                let mut other = other.clone();
                other
                    .paths_mut()
                    .iter()
                    .map(|path| (**path).clone())
                    .collect()
            }
        }
    }

    /// Whether this lens can work on some document.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn validate(&self) -> Result<(), InvalidLens> {
        let anchor = self.anchor();
        if anchor.is_root() {
            return Err(InvalidLens::Root);
        }
        match self {
            Self::Map { .. } | Self::Convert { .. } | Self::Wrap { .. } | Self::Unwrap { .. } => {
                Ok(())
            }
            Self::Hoist { path, key } | Self::Plunge { path, key } => {
                let beside = path.parent().unwrap_or_default().child(key.as_str());
                ends_with_name(path)?;
                if beside == *path {
                    Err(InvalidLens::Nested(path.clone(), path.child(key.as_str())))
                } else {
                    Ok(())
                }
            }
            Self::Move { to, .. } if to.below(anchor).is_some() || anchor.below(to).is_some() => {
                Err(InvalidLens::Nested(anchor.clone(), to.clone()))
            }
            Self::Move { to, .. } => paths_agree(anchor, std::slice::from_ref(to)),
            Self::Split {
                separator,
                into: parts,
                ..
            }
            | Self::Join {
                separator,
                from: parts,
                ..
            } => {
                if separator.is_empty() {
                    return Err(InvalidLens::EmptySeparator);
                }
                if parts.is_empty() {
                    Ok(())
                } else {
                    paths_agree(anchor, parts)
                }
            }
            Self::Add { .. }
            | Self::Remove { .. }
            | Self::Rename { .. }
            | Self::Default { .. }
            | Self::Optional { .. } => ends_with_name(anchor),
        }
    }
}

fn ends_with_name(path: &Path) -> Result<(), InvalidLens> {
    match path.last() {
        None => Err(InvalidLens::Root),
        Some(Step::Each) => Err(InvalidLens::EndsWithEach(path.clone())),
        Some(_) => Ok(()),
    }
}

fn paths_agree(anchor: &Path, others: &[Path]) -> Result<(), InvalidLens> {
    ends_with_name(anchor)?;
    for other in others {
        ends_with_name(other)?;
        if other.split_pattern().0 != anchor.split_pattern().0 {
            return Err(InvalidLens::PatternsDiffer(anchor.clone(), other.clone()));
        }
        if other != anchor && anchor.below(other).is_some() {
            return Err(InvalidLens::Nested(anchor.clone(), other.clone()));
        }
    }
    Ok(())
}
