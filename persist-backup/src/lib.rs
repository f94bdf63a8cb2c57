#![doc = include_str!("../README.md")]

mod backups;
mod catalog;
mod compress;
mod create;
mod digest;
mod durable;
mod error;
pub mod frame;
mod id;
mod list;
mod prune;
mod read;
pub mod retention;
mod snapshot;
mod storage;

pub use backups::Backups;
pub use catalog::Catalog;
pub use digest::{Digest, ParseDigestError, digest};
pub use error::Error;
pub use id::{Id, ParseIdError};
pub use prune::Pruned;
pub use read::Verified;
pub use snapshot::{Meta, Snapshot};
pub use storage::{Storage, Stored};
