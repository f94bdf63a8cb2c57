//! Paths as a tree.

use std::collections::HashMap;

use persist_format::{KeyPath, Segment};

/// Places of a document.
#[derive(Default)]
pub(super) struct Places {
    here: bool,
    below: HashMap<Segment, Places>,
}

impl Places {
    pub(super) fn everywhere() -> Places {
        Places {
            here: true,
            ..Places::default()
        }
    }

    pub(super) fn of<'p>(paths: impl IntoIterator<Item = &'p KeyPath>) -> Places {
        let mut places = Places::default();
        for path in paths {
            let steps = path.segments().iter();
            let at = steps.fold(&mut places, |at, step| {
                at.below.entry(step.clone()).or_default()
            });
            at.here = true;
        }
        places
    }

    /// Whether the path is at, above or below one of them.
    pub(super) fn concern(&self, path: &KeyPath) -> bool {
        let mut at = self;
        for step in path.segments() {
            if at.here {
                return true;
            }
            match at.below.get(step) {
                Some(below) => at = below,
                None => return false,
            }
        }
        at.here || !at.below.is_empty()
    }
}
