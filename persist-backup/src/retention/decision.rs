//! What is being decided about one candidate.

use super::candidate::Candidate;
use super::why::Why;

/// A candidate and what is decided about it so far.
pub(super) struct Decision<'a> {
    pub(super) candidate: &'a Candidate,
    /// Whether it stays whatever the bounds.
    pub(super) fixed: bool,
    pub(super) keep: bool,
    pub(super) why: Why,
}

impl<'a> Decision<'a> {
    pub(super) fn fixed(candidate: &'a Candidate, why: Why) -> Self {
        Self {
            candidate,
            fixed: true,
            keep: true,
            why,
        }
    }

    pub(super) fn of_rules(candidate: &'a Candidate, kept_by: Option<Why>, too_old: bool) -> Self {
        let (keep, why) = match kept_by {
            Some(_) if too_old => (false, Why::TooOld),
            Some(why) => (true, why),
            None => (false, Why::Surplus),
        };
        Self {
            candidate,
            fixed: false,
            keep,
            why,
        }
    }

    pub(super) fn drop(&mut self, why: Why) {
        (self.keep, self.why) = (false, why);
    }
}
