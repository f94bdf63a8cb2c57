//! One integration binary per crate; its modules mirror `src`.

mod sample;
