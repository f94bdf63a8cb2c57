#![doc = include_str!("../README.md")]

mod commit;
mod displaced;
mod error;
mod file_lock;
mod folder;
mod guard;
mod heal;
mod holder;
mod in_place;
mod options;
mod plan;
mod private;
mod range;
mod registry;
mod replace;
mod scratch;
mod shared;
mod stage;
mod sys;
mod target;
mod trust;
mod wait;

pub use displaced::{Displaced, How};
pub use error::{CommitError, Error};
pub use file_lock::FileLock;
pub use folder::{check_owner, create_dir_private, create_dirs_private, state_dir_for, sync_dir};
pub use guard::{ReadGuard, WriteGuard};
pub use holder::Holder;
pub use options::{HardLinks, Options};
pub use private::{append_private, create_private, read_private, recreate_private};
pub use replace::{Outcome, replace, replace_checked};
pub use stage::Staged;
pub use target::{Kind, Target};
pub use trust::{Distrust, Found, open_trusted, same_mount};
pub use wait::Wait;
