//! Every kind of thing at every name, under every command.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Scope;
use crate::case::Case;
use crate::commands::{STEPS, Step};
use crate::judge;
use crate::kinds::KINDS;
use crate::names::{self, Name};
use crate::report::{Report, Violation};
use crate::world::{SETUPS, Setup, World};

pub(crate) fn run(scope: Scope) -> Report {
    let workers = std::thread::available_parallelism().map_or(2, NonZero::get);
    let next = SETUPS.each_ref().map(|_| AtomicUsize::new(0));
    let mut report = Report::default();
    std::thread::scope(|threads| {
        let handles: Vec<_> = (0..workers)
            .map(|_| threads.spawn(|| work(scope, &next)))
            .collect();
        for handle in handles {
            report.add(handle.join().unwrap());
        }
    });
    report
}

/// Pairs of a kind and a name, in each setup, as long as the others leave any.
fn work(scope: Scope, next: &[AtomicUsize; SETUPS.len()]) -> Report {
    let mut report = Report::default();
    for (number, setup) in SETUPS.iter().enumerate() {
        let world = World::new(setup);
        let names = names::all(&world);
        let pairs = KINDS
            .iter()
            .flat_map(|kind| names.iter().map(move |n| (*kind, n)));
        let fit: Vec<_> = pairs
            .filter(|((_, kind), name)| !name.around || kind.is_for_folders())
            .collect();
        while let Some((kind, name)) = fit.get(next[number].fetch_add(1, Ordering::Relaxed)) {
            let (kind, name) = (*kind, *name);
            let chosen = choose(scope, number, hash(&[kind.0, &name.label]));
            let cases = chosen.into_iter().map(|step| Case { kind, name, step });
            pair(&world, cases, &mut report);
        }
    }
    report
}

/// The commands of one pair, up to one that hangs: the others would, too, and each costs the whole time limit.
fn pair<'a>(world: &World, cases: impl Iterator<Item = Case<'a>>, report: &mut Report) {
    for case in cases {
        let findings = match case.run(world) {
            Ok(findings) => findings,
            Err(error) => return report.skipped.push(format!("{}: {error}", case.kind.0)),
        };
        report.runs += 1;
        let hangs = findings.iter().any(|finding| finding.what == judge::HANG);
        let violation = |finding| violation(world.setup, &case, finding);
        report
            .violations
            .extend(findings.into_iter().map(violation));
        if hangs {
            return;
        }
    }
}

fn violation(setup: &Setup, case: &Case<'_>, finding: judge::Finding) -> Violation {
    let Name { label, .. } = case.name;
    Violation {
        kind: case.kind.0.to_owned(),
        name: label.clone(),
        command: format!("{} ({})", case.step.label, setup.name),
        finding,
    }
}

/// All commands in the first setup, and a sixth in each other; in the sample, in one setup, one that writes, and for each
/// second pair one that reads.
fn choose(scope: Scope, setup: usize, hash: usize) -> Vec<&'static Step> {
    if scope == Scope::Full {
        let wanted = |(n, _): &(usize, _)| setup == 0 || (n + hash) % 6 == setup;
        let steps = STEPS.iter().enumerate().filter(wanted);
        return steps.map(|(_, step)| step).collect();
    }
    if hash % SETUPS.len() != setup {
        return Vec::new();
    }
    let (writes, reads): (Vec<_>, Vec<_>) = STEPS.iter().partition(|step| step.writes);
    let hash = hash / SETUPS.len();
    let mut chosen = vec![writes[hash % writes.len()]];
    if hash.is_multiple_of(2) {
        chosen.push(reads[hash / 2 % reads.len()]);
    }
    chosen
}

/// FNV-1a: what is chosen for a pair does not depend on the others.
fn hash(words: &[&str]) -> usize {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    usize::try_from(hash >> 33).unwrap_or_default()
}
