//! What is left of the [`Limits`] while a document is read.

use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

pub(crate) struct Budget<'a> {
    limits: &'a Limits,
    depth: usize,
    nodes: usize,
}

fn beyond(what: impl Into<String>, limit: &str) -> Error {
    Error::new(ErrorKind::Limit, what).with_help(format!(
        "if the file is to be trusted, raise the limit `{limit}`"
    ))
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            depth: 0,
            nodes: 0,
        }
    }

    /// Counts a value.
    pub(crate) fn node(&mut self) -> Result<(), Error> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(beyond(
                format!("more than {} values", self.limits.nodes),
                "nodes",
            ));
        }
        Ok(())
    }

    /// How many tokens a text may have of which each value takes a few.
    pub(crate) fn tokens(&self) -> usize {
        self.limits.nodes.saturating_mul(8)
    }

    /// The error for more tokens than [`Budget::tokens`].
    pub(crate) fn beyond_tokens(&self) -> Error {
        beyond(format!("more than {} tokens", self.tokens()), "nodes")
    }

    /// Goes into a container.
    pub(crate) fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > self.limits.max_depth() {
            return Err(beyond(
                format!("nested more than {} deep", self.limits.max_depth()),
                "depth",
            ));
        }
        Ok(())
    }

    /// Comes out of a container.
    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Comes out of all containers.
    pub(crate) fn leave_all(&mut self) {
        self.depth = 0;
    }

    /// Whether a key may stand twice.
    pub(crate) fn allows_duplicate_keys(&self) -> bool {
        self.limits.allow_duplicate_keys
    }

    /// Looks at the length of a number.
    pub(crate) fn digits(&self, spelling: &str) -> Result<(), Error> {
        if spelling.len() > self.limits.digits {
            return Err(beyond(
                format!("a number of more than {} digits", self.limits.digits),
                "digits",
            ));
        }
        Ok(())
    }

    /// Looks at the length of a whole text.
    pub(crate) fn text(limits: &Limits, bytes: usize) -> Result<(), Error> {
        if bytes > limits.bytes {
            return Err(beyond(
                format!("{bytes} bytes, more than the {} allowed", limits.bytes),
                "bytes",
            ));
        }
        Ok(())
    }
}
