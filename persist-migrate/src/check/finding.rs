//! What a check can find.

use std::fmt;

use semver::Version;
use serde::Serialize;
use serde_json::Value;

use crate::direction::Direction;
use crate::path::Path;
use crate::tree::Tree;

/// One thing that is wrong with a graph, or worth knowing. Documents in it are made up, or the caller's samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// No route leads from a version to the latest.
    Unreachable {
        /// The version that users are stuck at.
        version: Version,
        /// The latest.
        latest: Version,
    },
    /// An edge can't be taken back. A warning.
    NoWayBack {
        /// The version before.
        from: Version,
        /// The version after.
        to: Version,
    },
    /// A released edge does something else now.
    Changed {
        /// The version before.
        from: Version,
        /// The version after.
        to: Version,
        /// Its digest when it was released.
        released: String,
        /// Its digest now.
        now: String,
    },
    /// A direct edge gives something else than the chain.
    ChainDiffers {
        /// The versions of the chain; the direct edge goes from the first to the last.
        chain: Vec<Version>,
        /// The smallest document that shows it.
        document: Value,
        /// Where the results differ.
        paths: Vec<Path>,
        /// What the direct edge gives.
        direct: Value,
        /// What the chain gives.
        chained: Value,
    },
    /// An edge and its inverse give another document.
    InverseDiffers {
        /// The version that the document starts from.
        from: Version,
        /// The version in between.
        to: Version,
        /// The smallest document that shows it.
        document: Value,
        /// Where the document that comes back differs.
        paths: Vec<Path>,
        /// The document that comes back.
        came_back: Value,
    },
    /// What an edge makes of a valid document is not valid.
    Invalid {
        /// The version before.
        from: Version,
        /// The version after, whose schema is not met.
        to: Version,
        /// The smallest document that shows it.
        document: Value,
        /// What the judge says.
        message: String,
    },
    /// An edge fails on a valid document.
    Fails {
        /// The version before.
        from: Version,
        /// The version after.
        to: Version,
        /// Which way the edge was taken.
        direction: Direction,
        /// The smallest document that shows it.
        document: Value,
        /// The error and its causes.
        message: String,
    },
    /// A lens found nothing to work on in any document: its path may be mistyped. A warning.
    Idle {
        /// The version before.
        from: Version,
        /// The version after.
        to: Version,
        /// The lens's place in its edge, from 1.
        number: usize,
        /// What it would do.
        lens: String,
    },
    /// The check came to the end of its budget. A warning.
    NotTried {
        /// The version that it was at.
        version: Version,
    },
    /// None of the documents made from a version's schema met it, so its edges were not tried. A warning.
    NoDocuments {
        /// The version.
        version: Version,
    },
    /// There was no document to try these edges with: neither end has a schema or a sample. Nothing is known of them. A warning.
    Untried {
        /// The versions before and after of each.
        edges: Vec<(Version, Version)>,
    },
    /// A key that a lens makes is written like a path. It is one key; a warning, for some files have such keys.
    KeyLikePath {
        /// The version before.
        from: Version,
        /// The version after.
        to: Version,
        /// The lens's place in its edge, from 1.
        number: usize,
        /// The key.
        key: String,
        /// What a path would be written like.
        path: String,
    },
}

/// Edges that are named one by one.
const MOST_SHOWN: usize = 5;

impl Finding {
    /// Whether the graph must not be shipped like this; else it is a warning.
    pub const fn is_error(&self) -> bool {
        !matches!(
            self,
            Self::NoWayBack { .. }
                | Self::Idle { .. }
                | Self::NotTried { .. }
                | Self::NoDocuments { .. }
                | Self::Untried { .. }
                | Self::KeyLikePath { .. }
        )
    }

    /// The smallest document that shows the fault, where one document does.
    pub const fn document(&self) -> Option<&Value> {
        match self {
            Self::ChainDiffers { document, .. }
            | Self::InverseDiffers { document, .. }
            | Self::Invalid { document, .. }
            | Self::Fails { document, .. } => Some(document),
            _ => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { version, latest } => {
                write!(f, "error: no route leads from {version} to {latest}")
            }
            Self::NoWayBack { from, to } => write!(f, "warning: {from} to {to} has no way back"),
            Self::Idle {
                from,
                to,
                number,
                lens,
            } => write!(
                f,
                "warning: {from} to {to}: lens {number} ({lens}) found nothing to work on in any document of {from}; is its path right?"
            ),
            Self::Changed {
                from,
                to,
                released,
                now,
            } => write!(
                f,
                "error: {from} to {to} was released and has changed since; undo the change and make a new version\n  \
                 released {released}\n  now      {now}"
            ),
            Self::ChainDiffers {
                chain,
                document,
                paths,
                direct,
                chained,
            } => {
                let route: Vec<String> = chain.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "error: the direct edge gives a different result than the chain {}\n  given {document}",
                    route.join(", ")
                )?;
                compared(f, paths, ("direct edge", direct), ("chain", chained))
            }
            Self::InverseDiffers {
                from,
                to,
                document,
                paths,
                came_back,
            } => {
                write!(
                    f,
                    "error: {from} to {to} and back gives a different document\n  given {document}"
                )?;
                compared(f, paths, ("before", document), ("back again", came_back))
            }
            Self::Invalid {
                from,
                to,
                document,
                message,
            } => write!(
                f,
                "error: {from} to {to} gives a document that is not valid at {to}: {message}\n  given {document}"
            ),
            Self::Fails {
                from,
                to,
                document,
                message,
                ..
            } => {
                write!(
                    f,
                    "error: {from} to {to} fails: {message}\n  given {document}"
                )
            }
            Self::NotTried { version } => {
                write!(
                    f,
                    "warning: {version} and the versions after it were not tested with all documents: the check would take too long"
                )
            }
            Self::NoDocuments { version } => {
                write!(
                    f,
                    "warning: no document that its schema allows could be made for {version}; give samples"
                )
            }
            Self::Untried { edges } => {
                let shown = edges.iter().take(MOST_SHOWN);
                let shown: Vec<String> = shown.map(|(a, b)| format!("{a} to {b}")).collect();
                let more = match edges.len().saturating_sub(MOST_SHOWN) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                write!(
                    f,
                    "warning: not tested: {}{more}; there is no document to test them with, made from a schema or given as a sample",
                    shown.join(", ")
                )
            }
            Self::KeyLikePath {
                from,
                to,
                number,
                key,
                path,
            } => write!(
                f,
                "warning: {from} to {to}: lens {number} makes one key, `{key}`; for a nested place, use `move` to `{path}`"
            ),
        }
    }
}

/// What each of two documents has where they differ.
fn compared(
    f: &mut fmt::Formatter<'_>,
    paths: &[Path],
    a: (&str, &Value),
    b: (&str, &Value),
) -> fmt::Result {
    let at = |document: &Value, path: &Path| {
        document
            .view(path)
            .map_or_else(|| "nothing".to_owned(), |value| value.to_string())
    };
    paths.iter().try_for_each(|path| {
        write!(
            f,
            "\n  at {path}: {} {}, {} {}",
            a.0,
            at(a.1, path),
            b.0,
            at(b.1, path)
        )
    })
}
