//! Lenses in words, for plans and drafts. Values are named, for a lens is the author's and holds no user's data.

use std::fmt;

use super::Lens;
use crate::path::Path;

impl Lens {
    /// Its name in a manifest.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Add { .. } => "add",
            Self::Remove { .. } => "remove",
            Self::Rename { .. } => "rename",
            Self::Move { .. } => "move",
            Self::Wrap { .. } => "wrap",
            Self::Unwrap { .. } => "unwrap",
            Self::Hoist { .. } => "hoist",
            Self::Plunge { .. } => "plunge",
            Self::Map { .. } => "map",
            Self::Convert { .. } => "convert",
            Self::Split { .. } => "split",
            Self::Join { .. } => "join",
            Self::Default { .. } => "default",
            Self::Optional { .. } => "optional",
        }
    }
}

impl fmt::Display for Lens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add {
                path,
                value: Some(value),
            } => write!(f, "add {path} as {value}"),
            Self::Add { path, value: None } => write!(f, "allow {path}"),
            Self::Remove { path, .. } => write!(f, "remove {path}"),
            Self::Rename { path, to } => write!(f, "rename {path} to {to}"),
            Self::Move { from, to } => write!(f, "move {from} to {to}"),
            Self::Wrap {
                path,
                key: Some(key),
            } => write!(f, "wrap {path} into a map under {key}"),
            Self::Wrap { path, key: None } => write!(f, "wrap {path} into an array"),
            Self::Unwrap {
                path,
                key: Some(key),
            } => write!(f, "unwrap {path} to its {key}"),
            Self::Unwrap { path, key: None } => write!(f, "unwrap {path} to its first element"),
            Self::Hoist { path, key } => write!(f, "hoist {key} out of {path}"),
            Self::Plunge { path, key } => write!(f, "plunge {key} into {path}"),
            Self::Map { path, table } => write!(f, "map {} values of {path}", table.len()),
            Self::Convert { path, from, to, .. } => {
                write!(f, "convert {path} from {} to {}", from.words(), to.words())
            }
            Self::Split {
                path,
                separator,
                into,
            } if into.is_empty() => {
                write!(f, "split {path} at `{separator}` into an array")
            }
            Self::Split {
                path,
                separator,
                into,
            } => write!(f, "split {path} at `{separator}` into {}", list(into)),
            Self::Join {
                path,
                separator,
                from,
            } if from.is_empty() => {
                write!(f, "join the elements of {path} by `{separator}`")
            }
            Self::Join {
                path,
                separator,
                from,
            } => write!(f, "join {} by `{separator}` to {path}", list(from)),
            Self::Default { path, value } => {
                write!(f, "require {path}, set to {value} where it is missing")
            }
            Self::Optional { path, .. } => write!(f, "make {path} optional"),
        }
    }
}

fn list(paths: &[Path]) -> String {
    paths
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
