//! One integration binary per crate; its modules mirror `src`.

mod change;
mod diagnose;
mod history;
mod journal;
mod place;
mod recover;
mod stage;
mod support;
