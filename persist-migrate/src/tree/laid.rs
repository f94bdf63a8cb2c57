//! Documents that are written in a way of their own.

use serde_json::Value;

use super::Tree;

/// A [`Tree`] whose text says more than its values: order, comments, spelling. What migrations need to bring that back along with the values.
///
/// A document whose values say it all needs none of these methods: `impl Laid for Document {}`.
pub trait Laid: Tree + Clone {
    /// What is to be known of this document's text (order, comments, spelling) to bring it back when its values come back. Coming back
    /// alone gives `bare`, here without the nodes that lenses add on that way. To be stored; `None` if the values say it all.
    fn layout(&self, bare: impl FnOnce() -> Self) -> Option<Value> {
        drop(bare);
        None
    }

    /// Brings the text that [`layout`](Self::layout) told of back, as far as it does not change a value and `before` has not been
    /// written otherwise meanwhile. `before` is this document as coming back alone from `elsewhere` gives it, again without the nodes
    /// that lenses added.
    fn lay_out(&mut self, elsewhere: &Self, before: &Self, layout: &Value) {
        let _ = (elsewhere, before, layout);
    }

    /// Brings the text that [`layout`](Self::layout) told of back as it was: nothing has been written since. The values stay.
    fn lay_out_as_left(&mut self, layout: &Value) {
        let _ = layout;
    }

    /// What tells this text from any other; `None` if the values say it all.
    fn fingerprint(&self) -> Option<String> {
        None
    }

    /// Gives this document, which steps have made of `from`, the comments back that both `from` and `other` have. What a step drops takes the
    /// comments above it along, though some stood there before it came.
    fn keep_comments(&mut self, from: &Self, other: &Self) {
        let _ = (from, other);
    }
}

impl Laid for Value {}
