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
    #[error("`{0}` and `{1}` must not be inside each other")]
    Nested(Path, Path),
    /// The lens takes the version of the document away, or puts something in its place.
    #[error(
        "the version of the document is at `{version}`, and this lens works on `{path}`; leave the version in place: name the keys beside it one by one"
    )]
    Version {
        /// What the lens removes, moves or writes over.
        path: Path,
        /// Where the version is.
        version: Path,
    },
    /// A key that is written like a path.
    #[error(
        "`{key}` is written like a path, but a single key is expected here: {}use `move` with `{at}` for a key with exactly this name",
        instead(key)
    )]
    KeyLikePath {
        /// What was given.
        key: String,
        /// Where a key with these letters would be.
        at: Path,
    },
    /// Splitting at nothing.
    #[error("the separator must not be empty")]
    EmptySeparator,
}

/// What is meant by a key that looks like a path: what it ends with.
fn instead(key: &str) -> String {
    let meant = key.rsplit('/').next().unwrap_or_default();
    let meant = meant.replace("~1", "/").replace("~0", "~");
    match meant.as_str() {
        "" | "*" | "~2" => String::new(),
        _ => format!("write `{meant}`; "),
    }
}

impl Lens {
    /// Whether the version of a document, which is at `version`, stays where it is: whatever the lens works on must be beside it.
    ///
    /// # Errors
    /// The lens changes it, a map around it, or something that would have to be inside of it.
    pub fn leaves_alone(&self, version: &Path) -> Result<(), InvalidLens> {
        let mut places = self.places().into_iter();
        match places.find(|place| place.is_on_the_way_of(version)) {
            Some(path) => Err(InvalidLens::Version {
                path,
                version: version.clone(),
            }),
            None => Ok(()),
        }
    }

    /// The key that it gives to something, or looks for, where that is no path.
    fn key(&self) -> Option<(&Path, &str)> {
        match self {
            Self::Rename { path, to: key }
            | Self::Hoist { path, key }
            | Self::Plunge { path, key }
            | Self::Wrap {
                path,
                key: Some(key),
            }
            | Self::Unwrap {
                path,
                key: Some(key),
            } => Some((path, key)),
            _ => None,
        }
    }

    /// A key that it makes, if that has dots, slashes or brackets while the old one had none, and the pointer that it could have been meant for.
    pub(crate) fn key_like_path(&self) -> Option<(String, String)> {
        let (map, path, key) = match self {
            Self::Rename { path, to } => (path.parent().unwrap_or_default(), path, to),
            Self::Wrap {
                path,
                key: Some(key),
            } => (path.clone(), path, key),
            _ => return None,
        };
        let like_path = |text: &str| text.contains(['.', '/', '[']);
        let old = path.last().and_then(Step::key).unwrap_or_default();
        if !like_path(key) || like_path(&old) {
            return None;
        }
        let steps = key
            .split(['.', '/', '[', ']'])
            .filter(|step| !step.is_empty());
        let meant = steps.fold(map, |meant, step| meant.child(step));
        Some((key.clone(), meant.to_string()))
    }

    /// A key that begins as a pointer does, or stands for every element where a path is meant, is a mistake by all odds. Who means it can
    /// say so with a `move`.
    fn key_is_no_path(&self) -> Result<(), InvalidLens> {
        let Some((path, key)) = self.key() else {
            return Ok(());
        };
        let escaped = ["~0", "~1", "~2"].iter().any(|escape| key.contains(escape));
        if !key.starts_with('/') && key != "*" && !escaped {
            return Ok(());
        }
        let map = match self {
            Self::Rename { .. } => path.parent().unwrap_or_default(),
            _ => path.clone(),
        };
        Err(InvalidLens::KeyLikePath {
            key: key.to_owned(),
            at: map.child(key),
        })
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
        self.key_is_no_path()?;
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
