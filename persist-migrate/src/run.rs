//! Plans at work: all steps in memory, and nothing changed if one fails.

mod knowledge;

use semver::Version;
use serde::Serialize;

use self::knowledge::Knowledge;
use crate::complement::{Added, Complement, SetAside, restore};
use crate::direction::Direction;
use crate::edge::{StepError, Way};
use crate::graph::MigrationGraph;
use crate::lens::Change;
use crate::path::Path;
use crate::plan::{Plan, PlanStep};
use crate::tree::{Laid, TreeError};

/// What a run did. Holds paths, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The version before.
    pub from: Version,
    /// The version after.
    pub to: Version,
    /// What each step did.
    pub steps: Vec<StepReport>,
    /// What the complement gave back.
    pub restored: Vec<Path>,
    /// What the complement kept and a person has changed meanwhile, so that the newer value won.
    pub superseded: Vec<Path>,
    /// What the complement keeps now, by the version that can hold it.
    pub kept: Vec<(Version, Path)>,
    /// Whether the complement was filled. Without a way back there is nothing to fill it for: then only a snapshot
    /// taken before brings the old state back.
    pub reversible: bool,
}

/// What one step did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StepReport {
    /// The version before.
    pub from: Version,
    /// The version after.
    pub to: Version,
    /// Which way the edge was taken.
    pub direction: Direction,
    /// What the edge does.
    pub description: String,
    /// What was added, moved or replaced. Empty for code, which does not say.
    pub changed: Vec<Change>,
    /// What was removed.
    pub dropped: Vec<Path>,
}

/// A run failed; document and complement are as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A step failed.
    #[error("migration step {number} ({}) failed", .step.named())]
    Step {
        /// The step's place in the plan, from 1.
        number: usize,
        /// The step: its versions, direction and description.
        step: Box<PlanStep>,
        /// What the step's code or lens says.
        #[source]
        source: StepError,
    },
    /// The plan was made by another graph.
    #[error("the plan does not belong to this graph: there is no edge between {from} and {to}")]
    ForeignPlan {
        /// The version before the step that is not there.
        from: Box<Version>,
        /// The version after it.
        to: Box<Version>,
    },
    /// What the complement kept could not be put back.
    #[error("the values saved for version {version} could not be restored")]
    Restore {
        /// The version.
        version: Box<Version>,
        /// Why.
        #[source]
        source: TreeError,
    },
    /// The document could not be given its new version.
    #[error("version {version} could not be written into the document")]
    Stamp {
        /// The version.
        version: Box<Version>,
        /// Why.
        #[source]
        source: TreeError,
    },
    /// A node could not be serialized into the complement.
    #[error("the values of version {version} could not be saved for migrating back")]
    Keep {
        /// The version.
        version: Box<Version>,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl<D> MigrationGraph<D> {
    /// Runs a plan's steps one after another, in place and without a complement.
    ///
    /// For documents that are not [`Laid`]. After an error the document is half migrated: run on a copy.
    ///
    /// # Errors
    /// The first step that fails, or a plan of another graph.
    pub fn apply(&self, plan: &Plan, document: &mut D) -> Result<Vec<StepReport>, RunError> {
        let mut reports = Vec::with_capacity(plan.steps().len());
        self.walk(plan, document, |step, changes| {
            reports.push(report(step, changes));
        })?;
        Ok(reports)
    }

    /// Runs a plan's steps and tells of each.
    pub(crate) fn walk(
        &self,
        plan: &Plan,
        document: &mut D,
        mut tell: impl FnMut(&PlanStep, Vec<Change>),
    ) -> Result<(), RunError> {
        for (index, step) in plan.steps().iter().enumerate() {
            let way = self.way(step).ok_or_else(|| RunError::ForeignPlan {
                from: Box::new(step.from.clone()),
                to: Box::new(step.to.clone()),
            })?;
            let changes = (way.run)(document).map_err(|source| RunError::Step {
                number: index + 1,
                step: Box::new(step.clone()),
                source,
            })?;
            tell(step, changes);
        }
        Ok(())
    }

    /// The edge of a step in its direction, if it is the one that the plan was made with.
    fn way(&self, step: &PlanStep) -> Option<&Way<D>> {
        let edge = self.edges.get(step.edge)?;
        let ends = match step.direction {
            Direction::Up => (&edge.from, &edge.to),
            Direction::Down => (&edge.to, &edge.from),
        };
        (ends == (&step.from, &step.to))
            .then(|| edge.way(step.direction))
            .flatten()
    }
}

fn report(step: &PlanStep, changes: Vec<Change>) -> StepReport {
    let (mut changed, mut dropped) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Removed(path) => dropped.push(path),
            other => changed.push(other),
        }
    }
    let (from, to, direction) = (step.from.clone(), step.to.clone(), step.direction);
    StepReport {
        from,
        to,
        direction,
        description: step.description.to_string(),
        changed,
        dropped,
    }
}

/// A node that says which version a document has, and that no lens knows of.
#[derive(Clone, Debug)]
pub struct Stamp<N> {
    /// Where it is.
    pub path: Path,
    /// What it is to be at the new version.
    pub node: N,
}

impl<D: Laid> MigrationGraph<D> {
    /// Runs a plan: gives back what the complement kept for the new version, and keeps what the new version can't hold.
    ///
    /// All steps happen in memory. Coming back by any route, without edits in between, gives the same document again;
    /// edits made in between win over what was kept.
    ///
    /// Two copies of the document are made, however many steps there are; more only where the complement holds
    /// something of a third version.
    ///
    /// # Errors
    /// The first step that fails. Document and complement are then as they were before.
    pub fn run(
        &self,
        plan: &Plan,
        document: &mut D,
        complement: &mut Complement,
    ) -> Result<Report, RunError> {
        self.run_stamped(plan, document, complement, None)
    }

    /// As [`run`](Self::run), and a document with a stamp gets the new one before the way back is looked at: then what is told of this
    /// document's text is of the one that will be there. On the way back the stamp is the old one.
    ///
    /// # Errors
    /// As [`run`](Self::run), and the stamp can't be set.
    pub fn run_stamped(
        &self,
        plan: &Plan,
        document: &mut D,
        complement: &mut Complement,
        stamp: Option<&Stamp<D::Node>>,
    ) -> Result<Report, RunError> {
        let before = document.clone();
        let outcome = self.run_from(plan, &before, document, complement, stamp);
        match outcome {
            Ok((report, kept)) => {
                *complement = kept;
                Ok(report)
            }
            Err(error) => {
                *document = before;
                Err(error)
            }
        }
    }

    fn run_from(
        &self,
        plan: &Plan,
        before: &D,
        document: &mut D,
        complement: &Complement,
        stamp: Option<&Stamp<D::Node>>,
    ) -> Result<(Report, Complement), RunError> {
        let mut report = Report {
            from: plan.from.clone(),
            to: plan.to.clone(),
            steps: Vec::new(),
            restored: Vec::new(),
            superseded: Vec::new(),
            kept: Vec::new(),
            reversible: true,
        };
        if plan.is_empty() {
            return Ok((report, complement.clone()));
        }
        let mut added = Added::default();
        self.walk(plan, document, |step, changes| {
            added.note(&changes);
            report.steps.push(self::report(step, changes));
        })?;
        let mut kept = complement.clone();
        kept.forget(&plan.from);
        kept.forget(&plan.to);
        kept.departed();
        let knowledge = self.recall(plan, before, complement);
        self.give_back(
            plan,
            before,
            (document, &added),
            complement,
            &knowledge,
            &mut report,
        )?;
        if let Some(Stamp { path, node }) = stamp {
            let version = || Box::new(plan.to.clone());
            document
                .set(path, node.clone())
                .map_err(|source| RunError::Stamp {
                    version: version(),
                    source,
                })?;
        }
        let stamp = stamp.map(|stamp| &stamp.path);
        for Knowledge { version, full, .. } in &knowledge {
            self.keep((version, full), (&plan.to, document), stamp, &mut kept)?;
        }
        report.reversible =
            self.keep((&plan.from, before), (&plan.to, document), stamp, &mut kept)?;
        report.kept = kept
            .versions()
            .flat_map(|version| {
                kept.paths(version)
                    .map(|path| (version.clone(), path.clone()))
            })
            .collect();
        Ok((report, kept))
    }

    /// Puts into the document at its new version what was kept for it, here or at third versions.
    fn give_back(
        &self,
        plan: &Plan,
        before: &D,
        (document, added): (&mut D, &Added),
        complement: &Complement,
        knowledge: &[Knowledge<D>],
        report: &mut Report,
    ) -> Result<(), RunError> {
        if let Some(own) = complement.versions.get(&plan.to) {
            // All that was known when this version was left is in here, and each later run has brought it up to date,
            // so third versions have nothing to add.
            let version = Box::new(plan.to.clone());
            let restored = restore(before, document, own, added)
                .map_err(|source| RunError::Restore { version, source })?;
            report.restored = restored.paths;
            report.superseded = restored.superseded;
            return Ok(());
        }
        for known in knowledge {
            let Some(more) = self.translate(known, before, &plan.to) else {
                continue;
            };
            let restored =
                restore(before, document, &more, added).map_err(|source| RunError::Restore {
                    version: Box::new(known.version.clone()),
                    source,
                })?;
            // What is superseded here is still kept for its own version.
            report.restored.extend(restored.paths);
        }
        Ok(())
    }

    /// Keeps for `version` what `full` has and a document that comes back from `here` has not.
    /// `false` if there is no way back that works.
    fn keep(
        &self,
        (version, full): (&Version, &D),
        (here, document): (&Version, &D),
        stamp: Option<&Path>,
        kept: &mut Complement,
    ) -> Result<bool, RunError> {
        let Ok(way_back) = self.plan(here, version) else {
            return Ok(false);
        };
        // Asked for first: the text is there then, and the way back starts from it.
        let elsewhere = document.fingerprint();
        let (mut back, mut added) = (document.clone(), Added::default());
        let stamped = stamp.and_then(|path| Some((path, full.get(path)?)));
        let stamped = stamped.map_or(Ok(()), |(path, node)| back.set(path, node));
        let walked = self.walk(&way_back, &mut back, |_, changes| added.note(&changes));
        if stamped.is_err() || walked.is_err() {
            return Ok(false);
        }
        let mut lost =
            SetAside::between(document, &back, full, &added).map_err(|source| RunError::Keep {
                version: Box::new(version.clone()),
                source,
            })?;
        lost.elsewhere = elsewhere;
        kept.keep(version.clone(), lost);
        Ok(true)
    }
}
