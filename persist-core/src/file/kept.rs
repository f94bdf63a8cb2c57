//! The folders of one operation, kept open for the next: who saves again need not open them again, but asks whether they are still
//! the ones.
//!
//! Only handles are kept. Each operation asks for every folder by its path or name; where that leads to another folder, owner, mode or mount,
//! or another user calls, it is opened anew. What is judged, listed and read is judged, listed and read each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persist_lock::{Folder, Site};

/// Files of one process that keep their folders open, each with a handful of descriptors, of which a process may have as few as 256.
const MOST: usize = 16;

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Folders as an operation had them open.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) site: Site,
    pub(super) journal: Option<Folder>,
    pub(super) backups: Option<Folder>,
    _place: Arc<Place>,
}

/// One of the places for files that keep their folders open.
#[derive(Debug)]
struct Place;

impl Place {
    fn take() -> Option<Place> {
        let free = |count| (count < MOST).then_some(count + 1);
        let taken = COUNT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free);
        taken.is_ok().then_some(Place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Kept {
    /// For the file that has kept its folders `before`, or any other as long as there are few.
    pub(super) fn new(
        before: Option<&Kept>,
        site: Site,
        journal: Option<Folder>,
        backups: Option<Folder>,
    ) -> Option<Kept> {
        let place = match before {
            Some(before) => Arc::clone(&before._place),
            None => Arc::new(Place::take()?),
        };
        Some(Kept {
            site,
            journal,
            backups,
            _place: place,
        })
    }
}
