#![doc = include_str!("../README.md")]

mod check;
mod complement;
mod defaults;
mod direction;
mod edge;
mod file_version;
mod graph;
mod lens;
mod manifest;
mod path;
mod picture;
mod plan;
mod propose;
mod run;
mod tree;

pub use semver::Version;

pub use self::check::{Check, CheckReport, Finding};
pub use self::complement::{Complement, same_elements};
pub use self::defaults::fill_defaults;
pub use self::direction::Direction;
pub use self::edge::{Edge, StepError};
pub use self::file_version::{FileVersion, classify};
pub use self::graph::{GraphError, MigrationGraph, TouchesVersion, VersionInfo};
pub use self::lens::{
    Change, ConvertError, InvalidLens, Lens, LensError, LensExample, Type, inverse,
};
pub use self::manifest::{Manifest, ManifestEdge, ManifestError, ManifestVersion};
pub use self::path::{Path, PathError, Step};
pub use self::plan::{Plan, PlanError, PlanStep};
pub use self::propose::{Proposal, propose, propose_from_schemas};
pub use self::run::{Report, RunError, Stamp, StepReport};
pub use self::tree::{Laid, Tree, TreeError};
