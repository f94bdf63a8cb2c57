//! Laying out lists anew: what stands between brackets, with commas. JSON arrays and objects and TOML arrays and inline tables differ only in their comments
//! and in whether a comma may follow the last item. (Flow collections of YAML hold merge keys, anchors and pairs without a value; they have `yaml/edit/flow.rs`.)
//!
//! What is kept is each item with what is its own: the comment lines directly above, the comments on its line (before and behind its comma), and the space before it. That
//! goes where the item goes. A comment that a blank line sets apart stays when the item goes. Commas are given by place, not by item: one after each but the
//! last, and after that if the old last one had one. The list is written as pieces of the old text wherever that is possible, in the new order, so that what does not move
//! is not touched. What makes it hard is that a line comment swallows whatever comes to stand behind it, so the writer knows whether it is in one, and begins a
//! line then; and that two comments which a blank line held apart must not become one when the item between them goes. A tree with the trivia of each token (as
//! `jsonc-parser` and `toml_edit` have) was the alternative: there a comment belongs to the token beside it, and follows the wrong item.

mod bracketed;
mod layout;
mod writer;

pub(crate) use bracketed::{Comments, Item, List};
