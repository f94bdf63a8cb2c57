#![doc = include_str!("../README.md")]

pub mod amount;
mod backup_id;
mod changelog;
mod checkpoint;
mod damage;
mod diagnose;
mod differing;
mod draft;
mod error;
mod failure;
mod file;
mod foreign;
mod history;
mod holdings;
mod home;
pub mod journal;
mod judge;
mod live;
mod losses;
pub mod manifest;
mod note;
mod obstacle;
mod options;
mod pairing;
mod past;
pub mod path_text;
mod place;
mod purge;
mod rebase;
mod receipt;
mod replay;
mod respellings;
mod salvage;
mod sensitive;
mod sets;
mod shelf;
mod state_format;
mod store;
mod stored_value;
mod typed;

pub use persist_backup as backup;
pub use persist_format as format;
pub use persist_lock as lock;
pub use persist_migrate as migrate;

pub use persist_backup::{Digest, digest};
pub use persist_format::merge::Conflict;
pub use persist_format::{Document, Format, KeyPath, Value};
pub use persist_lock::Wait;
pub use persist_migrate::{Manifest, MigrationGraph, Version};

pub use backup_id::{BackupFolder, BackupId, WhichBackup};
pub use changelog::changelog;
pub use damage::Damage;
pub use draft::Draft;
pub use error::{Error, HistoryTrouble, VersionTrouble};
pub use failure::{MigrationFailure, SaveFailure};
pub use file::{
    BackupInfo, Condition, ConfigFile, Gap, Head, HeadStatus, HistoryMove, Info, Interrupted,
    Migration, ParseHeadError, PolicySource, Preview, Problem, Progress, Reading, Retention,
    RoundTrip, Sharing, Verification,
};
pub use foreign::Foreign;
pub use history::{Entry, How, Purged};
pub use note::{Move, Note};
pub use obstacle::Obstacle;
pub use options::{Check, Options};
pub use purge::{Purge, PurgePlan, Spared};
pub use receipt::{Notice, Outcome, Receipt, RecoverySource, Timings};
pub use sensitive::{REDACTED, Secret, Sensitive};
pub use store::{Because, Builder, Loaded, Source, Store};
pub use stored_value::StoredValue;
