//! What must hold for each edge.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use semver::Version;
use serde_json::Value;

use super::budget::{Budget, size};
use super::compare::differences;
use super::finding::Finding;
use super::options::Check;
use super::report::CheckReport;
use super::shrink::shrink;
use crate::direction::Direction;
use crate::edge::{Edge, Way};
use crate::graph::{Link, MigrationGraph};
use crate::lens::{Lens, lossy_paths};
use crate::path::Path;
use crate::plan::Plan;
use crate::plan::search::{self, Limits};
use crate::tree::Tree;

/// What must hold for an edge and a document; gives what does not.
type Law<'a, D> = fn(&Taken<'a, D>, &Value) -> Option<Finding>;

/// Every version leads to the latest; edges without a way back are named.
pub(super) fn reachable<D>(graph: &MigrationGraph<D>, report: &mut CheckReport) {
    let Some(latest) = graph.latest() else { return };
    for (version, _) in graph.versions().filter(|(version, _)| *version < latest) {
        if graph.plan(version, latest).is_err() {
            report.findings.push(Finding::Unreachable {
                version: version.clone(),
                latest: latest.clone(),
            });
        }
    }
    for edge in graph.edges().filter(|edge| !edge.is_reversible()) {
        report.findings.push(Finding::NoWayBack {
            from: edge.from.clone(),
            to: edge.to.clone(),
        });
    }
}

/// Keys that lenses make and that look like paths, though neither is what they were before.
pub(super) fn keys_like_paths<D>(graph: &MigrationGraph<D>, report: &mut CheckReport) {
    for edge in graph.edges() {
        let lenses = edge.as_lenses().unwrap_or_default().iter().enumerate();
        let made = lenses.filter_map(|(index, lens)| Some((index + 1, lens.key_like_path()?)));
        report
            .findings
            .extend(made.map(|(number, (key, path))| Finding::KeyLikePath {
                from: edge.from.clone(),
                to: edge.to.clone(),
                number,
                key,
                path,
            }));
    }
}

/// Edges that no document could be tried on.
pub(super) fn untried<D>(
    graph: &MigrationGraph<D>,
    with_documents: &BTreeSet<&Version>,
    report: &mut CheckReport,
) {
    let has = |version: &Version| with_documents.contains(version);
    let tried = |edge: &Edge<D>| has(&edge.from) || edge.is_reversible() && has(&edge.to);
    let untried = graph.edges().filter(|edge| !tried(edge));
    let edges: Vec<_> = untried
        .map(|edge| (edge.from.clone(), edge.to.clone()))
        .collect();
    if !edges.is_empty() {
        report.untried = edges.len();
        report.findings.push(Finding::Untried { edges });
    }
}

/// The laws of all edges that can be taken away from a version, tried with its documents.
pub(super) fn edges_from<D: Tree>(
    subject: &Subject<'_, D>,
    version: &Version,
    documents: &[Value],
    report: &mut CheckReport,
) {
    let graph = subject.graph;
    let Some(node) = graph.node(version) else {
        return;
    };
    for link in &graph.nodes[node].links {
        // The search for the chain that the edge stands for may go along all others.
        if !subject.budget.spend(graph.edges.len() as u64) {
            return;
        }
        let Some(taken) = Taken::new(subject, node, link) else {
            continue;
        };
        if link.leaving == Direction::Up {
            taken.idle_lenses(documents, report);
        }
        let laws: [Law<'_, D>; 4] = [
            Taken::succeeds,
            Taken::stays_valid,
            Taken::comes_back,
            Taken::agrees_with_chain,
        ];
        for law in laws {
            let affordable = documents
                .iter()
                .take_while(|document| taken.affords(document));
            let mut found =
                affordable.filter_map(|document| Some((document, law(&taken, document)?)));
            let Some((document, found)) = found.next() else {
                continue;
            };
            let (_, finding) = shrink(document.clone(), found, |smaller| {
                if !taken.affords(smaller) {
                    return ControlFlow::Break(());
                }
                // A smaller document must be one of this version too, or its faults would be no faults.
                let judged = subject.check.judged(version, smaller);
                ControlFlow::Continue(judged.ok().and_then(|()| law(&taken, smaller)))
            });
            report.findings.push(finding);
        }
    }
}

/// What is checked, and with what.
pub(super) struct Subject<'a, D> {
    pub(super) graph: &'a MigrationGraph<D>,
    /// Makes a document of a JSON value.
    pub(super) make: &'a dyn Fn(&Value) -> D,
    pub(super) check: &'a Check<'a>,
    /// What all of it may cost.
    pub(super) budget: &'a Budget,
}

/// An edge in one direction.
struct Taken<'a, D> {
    subject: &'a Subject<'a, D>,
    direction: Direction,
    from: &'a Version,
    to: &'a Version,
    way: &'a Way<D>,
    back: Option<&'a Way<D>>,
    /// The chain that the edge stands for, if there is one.
    chain: Option<Plan>,
}

impl<'a, D: Tree> Taken<'a, D> {
    /// The edge as it is left by, from a node; `None` if there is no such way.
    fn new(subject: &'a Subject<'a, D>, node: usize, link: &Link) -> Option<Self> {
        let (graph, direction) = (subject.graph, link.leaving);
        let edge = &graph.edges[link.edge];
        // A chain in the same direction only: a detour up and down again may lose more and proves nothing.
        let limits = Limits {
            without: Some(link.edge),
            only: Some(direction),
            ..Limits::default()
        };
        let chain = search::best(graph, (node, link.other), limits);
        Some(Self {
            subject,
            direction,
            from: &graph.nodes[node].version,
            to: &graph.nodes[link.other].version,
            way: edge.way(direction)?,
            back: edge.way(direction.reversed()),
            chain,
        })
    }

    /// Takes the cost of a law from the budget: each lens may handle the whole document.
    fn affords(&self, document: &Value) -> bool {
        let lenses = self.way.lenses.as_deref().map_or(1, <[Lens]>::len) as u64;
        let stopped = self.subject.check.is_stopped();
        !stopped
            && self
                .subject
                .budget
                .spend(size(document).saturating_mul(lenses + 1))
    }

    fn go(&self, document: &Value) -> Result<Value, String> {
        self.take(self.way, self.to, document)
    }

    fn return_from(&self, document: &Value) -> Result<Value, String> {
        self.back.map_or_else(
            || Ok(document.clone()),
            |back| self.take(back, self.from, document),
        )
    }

    fn take(&self, way: &Way<D>, to: &Version, document: &Value) -> Result<Value, String> {
        let mut copy = (self.subject.make)(document);
        (way.run)(&mut copy).map_err(|error| causes(&*error))?;
        Ok(self.seen(to, &copy))
    }

    /// A document as JSON, with its version.
    fn seen(&self, version: &Version, document: &D) -> Value {
        let mut json = document
            .view(&Path::root())
            .map_or(Value::Null, Cow::into_owned);
        self.subject.check.stamp(version, &mut json);
        json
    }

    fn fails(&self, document: &Value, message: String, direction: Direction) -> Finding {
        let (from, to) = if direction == self.direction {
            (self.from, self.to)
        } else {
            (self.to, self.from)
        };
        Finding::Fails {
            from: from.clone(),
            to: to.clone(),
            direction,
            document: document.clone(),
            message,
        }
    }

    /// Lenses that need something to be there, and never found it.
    fn idle_lenses(&self, documents: &[Value], report: &mut CheckReport) {
        let Some(lenses) = self.way.lenses.as_deref().filter(|_| !documents.is_empty()) else {
            return;
        };
        let needs_nothing = |lens: &Lens| {
            // What a table replaces need not be among the made-up values.
            matches!(
                lens,
                Lens::Add { .. } | Lens::Default { .. } | Lens::Optional { .. } | Lens::Map { .. }
            )
        };
        let mut worked: Vec<bool> = lenses.iter().map(needs_nothing).collect();
        for document in documents {
            if !self.affords(document) {
                return;
            }
            let mut document = document.clone();
            for (lens, worked) in lenses.iter().zip(&mut worked) {
                match lens.apply(&mut document) {
                    Ok(changes) => *worked |= !changes.is_empty(),
                    // A fault of its own, which the laws find.
                    Err(_) => {
                        *worked = true;
                        break;
                    }
                }
            }
        }
        let idle = lenses.iter().zip(worked).enumerate();
        let idle = idle.filter(|(_, (_, worked))| !worked);
        report
            .findings
            .extend(idle.map(|(index, (lens, _))| Finding::Idle {
                from: self.from.clone(),
                to: self.to.clone(),
                number: index + 1,
                lens: lens.to_string(),
            }));
    }

    fn succeeds(&self, document: &Value) -> Option<Finding> {
        let there = match self.go(document) {
            Ok(there) => there,
            Err(message) => return Some(self.fails(document, message, self.direction)),
        };
        let opposite = if self.direction == Direction::Up {
            Direction::Down
        } else {
            Direction::Up
        };
        self.return_from(&there)
            .err()
            .map(|message| self.fails(document, message, opposite))
    }

    fn stays_valid(&self, document: &Value) -> Option<Finding> {
        let message = self
            .subject
            .check
            .judged(self.to, &self.go(document).ok()?)
            .err()?;
        Some(Finding::Invalid {
            from: self.from.clone(),
            to: self.to.clone(),
            document: document.clone(),
            message,
        })
    }

    /// Without a loss: there and back is the same. With a loss: the same outside of the places known to lose something,
    /// and going there a second time gives what the first time gave.
    fn comes_back(&self, document: &Value) -> Option<Finding> {
        self.back?;
        let there = self.go(document).ok()?;
        let came_back = self.return_from(&there).ok()?;
        let mut paths = match &self.way.lenses {
            Some(lenses) => outside(differences(document, &came_back), &lossy_paths(lenses)),
            None if self.way.lossy => Vec::new(),
            None => differences(document, &came_back),
        };
        if paths.is_empty() && self.way.lossy {
            paths = differences(&there, &self.go(&came_back).ok()?);
        }
        (!paths.is_empty()).then(|| Finding::InverseDiffers {
            from: self.from.clone(),
            to: self.to.clone(),
            document: document.clone(),
            paths,
            came_back,
        })
    }

    fn agrees_with_chain(&self, document: &Value) -> Option<Finding> {
        let chain = self.chain.as_ref()?;
        let direct = self.go(document).ok()?;
        let mut chained = (self.subject.make)(document);
        self.subject.graph.apply(chain, &mut chained).ok()?;
        let chained = self.seen(self.to, &chained);
        let paths = differences(&direct, &chained);
        (!paths.is_empty()).then(|| Finding::ChainDiffers {
            chain: std::iter::once(chain.from.clone())
                .chain(chain.steps().iter().map(|step| step.to.clone()))
                .collect(),
            document: document.clone(),
            paths,
            direct,
            chained,
        })
    }
}

/// The paths that none of the patterns covers.
fn outside(paths: Vec<Path>, patterns: &[Path]) -> Vec<Path> {
    paths
        .into_iter()
        .filter(|path| !patterns.iter().any(|pattern| path.below(pattern).is_some()))
        .collect()
}

fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
