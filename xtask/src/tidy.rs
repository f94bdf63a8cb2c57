//! The architecture invariants, each checked by one small rule.

mod architecture;
mod circles;
mod declared;
mod dependencies;
mod layers;
mod modules;
mod names;
mod snapshots;
mod sources;
mod tokens;

use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// What it found, each with the place it was found at.
type Rule = fn(&Workspace) -> Vec<String>;

const RULES: [(&str, Rule); 13] = [
    ("no layer depends on a persist crate", layers::independent),
    ("xtask depends on no persist crate", layers::xtask_outside),
    ("unsafe only where it is allowed", sources::unsafe_code),
    ("no unwrap outside tests", sources::unwraps),
    (
        "libraries don't print, exit or read the environment",
        sources::side_effects,
    ),
    ("no ignored tests", sources::ignored_tests),
    ("every source file is a module", modules::orphans),
    ("no modules depend on one another", circles::circles),
    ("every snapshot is referenced", snapshots::unreferenced),
    (
        "what ARCHITECTURE.md names exists",
        architecture::named_paths,
    ),
    (
        "every crate is in ARCHITECTURE.md",
        architecture::crates_named,
    ),
    (
        "dependencies build with our oldest compiler",
        dependencies::rust_versions,
    ),
    ("licences are allowed", dependencies::licences),
];

pub(crate) fn run() -> Outcome {
    let workspace = match Workspace::here() {
        Ok(workspace) => workspace,
        Err(error) => return Outcome::Failed(error),
    };
    let findings: Vec<_> = RULES
        .into_iter()
        .flat_map(|(name, rule)| {
            rule(&workspace)
                .into_iter()
                .map(move |finding| format!("{name}: {finding}"))
        })
        .collect();
    println!("{} rules, {} findings", RULES.len(), findings.len());
    Outcome::of(&findings)
}

#[cfg(test)]
mod planted;
