//! The route from one version to another, decided before anything is touched.

pub(crate) mod search;

use std::fmt;
use std::sync::Arc;

use semver::Version;
use serde::Serialize;

use crate::direction::Direction;
use crate::edge::{Edge, undescribed};

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanStep {
    /// The version before.
    pub from: Version,
    /// The version after.
    pub to: Version,
    /// Which way the edge is taken.
    pub direction: Direction,
    /// What the edge does, as its author described the way up.
    pub description: Arc<str>,
    /// Whether something is dropped, which the complement then keeps.
    pub lossy: bool,
    #[serde(skip)]
    pub(crate) edge: usize,
}

impl PlanStep {
    pub(crate) fn new<D>(place: usize, edge: &Edge<D>, direction: Direction) -> Self {
        let (from, to) = match direction {
            Direction::Up => (&edge.from, &edge.to),
            Direction::Down => (&edge.to, &edge.from),
        };
        Self {
            from: from.clone(),
            to: to.clone(),
            direction,
            description: Arc::clone(&edge.description),
            lossy: edge.is_lossy(direction == Direction::Up),
            edge: place,
        }
    }
}

/// A route, printable, and good for any document of its first version.
///
/// The same graph always gives the same plan: of all routes the one with the fewest lossy steps, then the smallest
/// cost, then the fewest steps, then the smallest versions from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// Where the document stands.
    pub from: Version,
    /// Where it is to go.
    pub to: Version,
    pub(crate) steps: Vec<PlanStep>,
    /// The costs of the edges added up.
    pub cost: u64,
    /// Whether another route is as good in loss, cost and number of steps.
    pub ambiguous: bool,
}

impl Plan {
    /// The steps in their order; none if the document is there already.
    pub fn steps(&self) -> &[PlanStep] {
        &self.steps
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether a step drops something.
    pub fn is_lossy(&self) -> bool {
        self.steps.iter().any(|step| step.lossy)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return write!(f, "already at {}, nothing to do", self.to);
        }
        let count = self.steps.len();
        write!(
            f,
            "{} to {}: {count} step{}",
            self.from,
            self.to,
            if count == 1 { "" } else { "s" }
        )?;
        for (number, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {}. {step}", number + 1)?;
        }
        if self.ambiguous {
            write!(
                f,
                "\n  another route is equally good; this one was chosen because its versions are lower"
            )?;
        }
        Ok(())
    }
}

impl PlanStep {
    /// Whether the description says more than the versions do, which stand beside it.
    fn is_described(&self) -> bool {
        let [from, to] = match self.direction {
            Direction::Up => [&self.from, &self.to],
            Direction::Down => [&self.to, &self.from],
        };
        *self.description != *undescribed(from, to)
    }

    /// The versions, and what the edge does where somebody has said it.
    pub(crate) fn named(&self) -> String {
        let versions = format!("{} to {}", self.from, self.to);
        match self.is_described() {
            true => format!("{versions}: {}", self.description),
            false => versions,
        }
    }
}

impl fmt::Display for PlanStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)?;
        match (self.is_described(), self.direction) {
            (false, _) => {}
            (true, Direction::Up) => write!(f, ": {}", self.description)?,
            (true, Direction::Down) => write!(f, ": reverses \"{}\"", self.description)?,
        }
        if self.lossy {
            write!(f, " (dropped values are saved)")
        } else {
            Ok(())
        }
    }
}

/// There is no route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The graph does not know a version.
    #[error("schema version {version} is unknown{}", known_near(.nearest.as_ref()))]
    Unknown {
        /// The unknown version.
        version: Version,
        /// The known version nearest to it, if there is any.
        nearest: Option<Version>,
    },
    /// No chain of edges leads there.
    #[error("no migration leads from {from} to {to}")]
    Unreachable {
        /// Where the document stands.
        from: Version,
        /// Where it was to go.
        to: Version,
    },
    /// A route leads over an edge that is not what it was when it was released: files that have gone its way would not
    /// come back as they were. [`MigrationGraph::plan`](crate::MigrationGraph::plan) knows nothing of releases; who plans with a manifest looks at
    /// [`Manifest::changed_edges`](crate::Manifest::changed_edges).
    #[error(
        "the edge from {from} to {to} was released and has changed since; restore it, and make the change in a new version"
    )]
    Changed {
        /// The lower end of the edge.
        from: Version,
        /// The upper end.
        to: Version,
    },
    /// A chain would lead there if one edge had a way back.
    #[error("no migration leads from {from} to {to}: the step from {} to {} has no way back; restore a snapshot instead", edge.0, edge.1)]
    NoWayBack {
        /// Where the document stands.
        from: Version,
        /// Where it was to go.
        to: Version,
        /// The ends of the first edge that can't be taken back, as it was added.
        edge: Box<(Version, Version)>,
    },
}

fn known_near(version: Option<&Version>) -> String {
    version.map_or_else(String::new, |version| {
        format!("; the nearest known one is {version}")
    })
}
