//! One migration between two schema versions.

mod typed;

use std::fmt;
use std::sync::Arc;

use semver::Version;

use crate::direction::Direction;
use crate::lens::{self, Change, InvalidLens, Lens, LensError};
use crate::tree::Tree;

/// What a step's code returns when it fails.
pub type StepError = Box<dyn std::error::Error + Send + Sync>;

type Step<D> = Arc<dyn Fn(&mut D) -> Result<Vec<Change>, StepError> + Send + Sync>;

/// A migration from one version to the next, and mostly the way back.
///
/// ```
/// use persist_migrate::{Edge, Version};
/// let edge = Edge::new(Version::new(1, 0, 0), Version::new(1, 1, 0))
///     .up(|settings: &mut serde_json::Value| { settings["zoom"] = 1.into(); Ok(()) })
///     .down(|settings: &mut serde_json::Value| { settings.as_object_mut().map(|map| map.remove("zoom")); Ok(()) })
///     .describe("adds the zoom");
/// assert!(edge.is_reversible());
/// ```
pub struct Edge<D> {
    pub(crate) from: Version,
    pub(crate) to: Version,
    pub(crate) description: Arc<str>,
    pub(crate) cost: u32,
    pub(crate) up: Way<D>,
    pub(crate) down: Option<Way<D>>,
}

/// One direction of an edge.
pub(crate) struct Way<D> {
    pub(crate) run: Step<D>,
    pub(crate) lossy: bool,
    /// What `run` does, if it is data.
    pub(crate) lenses: Option<Arc<[Lens]>>,
}

impl<D> Clone for Way<D> {
    fn clone(&self) -> Self {
        Self {
            run: Arc::clone(&self.run),
            lossy: self.lossy,
            lenses: self.lenses.clone(),
        }
    }
}

impl<D> Clone for Edge<D> {
    fn clone(&self) -> Self {
        Self {
            from: self.from.clone(),
            to: self.to.clone(),
            description: Arc::clone(&self.description),
            cost: self.cost,
            up: self.up.clone(),
            down: self.down.clone(),
        }
    }
}

impl<D> fmt::Debug for Edge<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("from", &self.from)
            .field("to", &self.to)
            .field("description", &self.description)
            .field("cost", &self.cost)
            .field("reversible", &self.down.is_some())
            .finish_non_exhaustive()
    }
}

fn code<D>(step: impl Fn(&mut D) -> Result<(), StepError> + Send + Sync + 'static) -> Step<D> {
    Arc::new(move |document| step(document).map(|()| Vec::new()))
}

/// What stands for the description of an edge that nobody has described.
pub(crate) fn undescribed(from: &Version, to: &Version) -> String {
    format!("{from} to {to}")
}

impl<D> Edge<D> {
    /// An edge that changes nothing yet and has no way back. Its cost is 1.
    pub fn new(from: Version, to: Version) -> Self {
        let description = undescribed(&from, &to).into();
        let up = Way {
            run: code(|_| Ok(())),
            lossy: false,
            lenses: None,
        };
        Self {
            from,
            to,
            description,
            cost: 1,
            up,
            down: None,
        }
    }

    /// The code of the way up. It counts as lossless; see [`lossy_up`](Self::lossy_up).
    #[must_use]
    pub fn up(
        mut self,
        step: impl Fn(&mut D) -> Result<(), StepError> + Send + Sync + 'static,
    ) -> Self {
        self.up = Way {
            run: code(step),
            lossy: self.up.lossy,
            lenses: None,
        };
        self
    }

    /// The code of the way down. It counts as lossless; see [`lossy_down`](Self::lossy_down).
    #[must_use]
    pub fn down(
        mut self,
        step: impl Fn(&mut D) -> Result<(), StepError> + Send + Sync + 'static,
    ) -> Self {
        let lossy = self.down.is_some_and(|way| way.lossy);
        self.down = Some(Way {
            run: code(step),
            lossy,
            lenses: None,
        });
        self
    }

    /// Says that the way up drops something. The planner avoids such steps.
    #[must_use]
    pub fn lossy_up(mut self) -> Self {
        self.up.lossy = true;
        self
    }

    /// Says that the way down drops something. Without a way down it changes nothing.
    #[must_use]
    pub fn lossy_down(mut self) -> Self {
        if let Some(way) = &mut self.down {
            way.lossy = true;
        }
        self
    }

    /// What the planner adds up; of two routes of equal loss the one of smaller cost is taken.
    #[must_use]
    pub fn cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    /// What the step does, in words for the user.
    #[must_use]
    pub fn describe(mut self, description: impl Into<Arc<str>>) -> Self {
        self.description = description.into();
        self
    }

    /// The older end, or rather the one that [`up`](Self::up) starts from.
    pub const fn from(&self) -> &Version {
        &self.from
    }

    /// The end that [`up`](Self::up) leads to.
    pub const fn to(&self) -> &Version {
        &self.to
    }

    /// What the step does.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether there is a way down.
    pub const fn is_reversible(&self) -> bool {
        self.down.is_some()
    }

    /// Whether the way up, or the way down, drops something.
    pub fn is_lossy(&self, up: bool) -> bool {
        if up {
            self.up.lossy
        } else {
            self.down.as_ref().is_some_and(|way| way.lossy)
        }
    }

    /// The edge in a direction, if there is such a way.
    pub(crate) fn way(&self, direction: Direction) -> Option<&Way<D>> {
        match direction {
            Direction::Up => Some(&self.up),
            Direction::Down => self.down.as_ref(),
        }
    }

    /// The lenses, for an edge that is data.
    pub fn as_lenses(&self) -> Option<&[Lens]> {
        self.up.lenses.as_deref()
    }
}

impl<D: Tree + 'static> Edge<D> {
    /// An edge made of lenses; its way back is derived.
    ///
    /// # Errors
    /// A lens that makes no sense on any document, with its place in the list.
    pub fn lenses(
        from: Version,
        to: Version,
        lenses: Vec<Lens>,
    ) -> Result<Self, (usize, InvalidLens)> {
        let back = lens::inverse(&lenses);
        Self::lenses_with_down(from, to, lenses, back)
    }

    /// An edge made of lenses whose way back is given too, for the rare case that the derived one won't do.
    ///
    /// # Errors
    /// A lens that makes no sense on any document, with its place in its list.
    pub fn lenses_with_down(
        from: Version,
        to: Version,
        up: Vec<Lens>,
        down: Vec<Lens>,
    ) -> Result<Self, (usize, InvalidLens)> {
        let mut edge = Self::new(from, to);
        edge.up = way(up)?;
        edge.down = Some(way(down)?);
        Ok(edge)
    }
}

/// Which lens of an edge could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("lens {number}, `{kind}`")]
struct LensFailed {
    /// From 1.
    number: usize,
    kind: &'static str,
    #[source]
    source: LensError,
}

fn way<D: Tree + 'static>(lenses: Vec<Lens>) -> Result<Way<D>, (usize, InvalidLens)> {
    for (index, lens) in lenses.iter().enumerate() {
        lens.validate().map_err(|error| (index, error))?;
    }
    let lossy = lenses.iter().any(Lens::is_lossy);
    let lenses: Arc<[Lens]> = lenses.into();
    let steps = Arc::clone(&lenses);
    let run = move |document: &mut D| {
        let mut changes = Vec::new();
        for (index, lens) in steps.iter().enumerate() {
            let applied = lens.apply(document).map_err(|source| LensFailed {
                number: index + 1,
                kind: lens.kind(),
                source,
            });
            changes.extend(applied?);
        }
        Ok(changes)
    };
    Ok(Way {
        run: Arc::new(run),
        lossy,
        lenses: Some(lenses),
    })
}
