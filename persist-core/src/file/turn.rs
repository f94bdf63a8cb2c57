//! One change of a file at a time in a thread: a second one within the first would wait for itself.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

thread_local! {
    static CHANGING: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
}

/// Held while this thread changes a file.
#[derive(Debug)]
pub(super) struct Turn {
    file: PathBuf,
    /// Bound to the thread.
    here: PhantomData<*const ()>,
}

impl Turn {
    /// `None` if this thread is changing that file already.
    pub(super) fn take(file: &Path) -> Option<Self> {
        CHANGING.with_borrow_mut(|changing| {
            if changing.iter().any(|other| other == file) {
                return None;
            }
            changing.push(file.to_path_buf());
            Some(Self {
                file: file.to_path_buf(),
                here: PhantomData,
            })
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        CHANGING.with_borrow_mut(|changing| changing.retain(|other| *other != self.file));
    }
}
