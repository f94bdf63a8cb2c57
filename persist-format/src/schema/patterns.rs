//! Regular expressions of a schema: which engine takes them, and how much they may cost.
//!
//! The linear engine (`regex`) takes what it can. Only lookarounds and references back to a group need one that backtracks (`fancy-regex`),
//! which is stopped after [`STEPS`] steps; the match then counts as undecided, and the document as not valid.

use std::collections::HashMap;

use jsonschema::{PatternOptions, ValidationOptions, Validator};
use serde_json::{Value as Json, json};

use super::bounds::Inventory;

/// Steps back in one match.
const STEPS: usize = 10_000;

/// Bytes of all compiled patterns together, roughly.
const COMPILED: usize = 16 << 20;

/// Bytes of one compiled pattern.
const ONE_COMPILED: usize = 1 << 20;

/// Whether a pattern needs an engine that goes back.
pub(super) fn is_heavy(pattern: &str) -> bool {
    let escaped = pattern.as_bytes().windows(2);
    let mut referring =
        escaped.filter(|pair| pair[0] == b'\\' && matches!(pair[1], b'1'..=b'9' | b'k'));
    ["(?=", "(?!", "(?<=", "(?<!", "(?>"]
        .iter()
        .any(|part| pattern.contains(part))
        || referring.next().is_some()
}

/// The patterns of one schema.
#[derive(Debug)]
pub(super) struct Patterns {
    count: usize,
    heavy: bool,
    /// What the keys of `patternProperties` match.
    keys: HashMap<String, Option<Validator>>,
}

impl Patterns {
    pub(super) fn new(found: &Inventory<'_>) -> Patterns {
        let mut patterns = Patterns {
            count: found.patterns.len(),
            heavy: found.patterns.iter().any(|pattern| is_heavy(pattern)),
            keys: HashMap::new(),
        };
        for pattern in &found.keys {
            // One that can't be compiled makes the schema unusable; that is said elsewhere.
            let validator = patterns
                .options()
                .build(&json!({ "pattern": pattern }))
                .ok();
            patterns.keys.insert((*pattern).to_owned(), validator);
        }
        patterns
    }

    pub(super) fn heavy(&self) -> bool {
        self.heavy
    }

    /// Options for a validator that reads nothing and whose patterns are bounded.
    pub(super) fn options(&self) -> ValidationOptions<'static> {
        let size = (COMPILED / self.count.max(1)).min(ONE_COMPILED);
        let options = jsonschema::options().offline();
        match self.heavy {
            true => options.with_pattern_options(
                PatternOptions::fancy_regex()
                    .backtrack_limit(STEPS)
                    .size_limit(size)
                    .dfa_size_limit(size),
            ),
            false => options.with_pattern_options(
                PatternOptions::regex()
                    .size_limit(size)
                    .dfa_size_limit(size),
            ),
        }
    }

    /// Whether a key matches, or might.
    pub(super) fn may_match(&self, pattern: &str, key: &str) -> bool {
        let validator = self.keys.get(pattern).and_then(Option::as_ref);
        validator.is_none_or(|validator| validator.is_valid(&Json::from(key)))
    }
}
