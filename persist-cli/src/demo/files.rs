//! The files of the scenarios.

use std::path::Path;
use std::sync::Arc;

use persist_core::journal::Actor;
use persist_core::{ConfigFile, Error, Manifest, Options, Receipt, Value};

use super::samples;
use crate::failure::Failure;

/// What a scenario comes to: its steps tell how it went, an error ends it early.
pub(super) type Told = Result<(), Failure>;

/// A sample file, written to disk as an application or a person would have.
pub(super) fn sample(dir: &Path, name: &str, text: &str) -> Result<ConfigFile, Failure> {
    let path = dir.join(name);
    write(&path, text.as_bytes())?;
    open(&path)
}

/// A config file with the sample manifest, changes made in the demo's name.
pub(super) fn open(path: &Path) -> Result<ConfigFile, Failure> {
    let manifest = Manifest::parse(samples::MANIFEST).map_err(|source| Error::Manifest {
        file: samples::MANIFEST_NAME.into(),
        source,
    })?;
    let mut options = Options::default().with_manifest(Arc::new(manifest));
    options.actor = Actor::named("demo");
    Ok(ConfigFile::open(path, options)?)
}

/// Writes behind persist's back, as an editor, a crash or a bad disk would.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Told {
    std::fs::write(path, bytes).map_err(|source| {
        Failure::from(Error::Io {
            op: "write",
            path: path.into(),
            source,
        })
    })
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| {
        Failure::from(Error::Io {
            op: "read",
            path: path.into(),
            source,
        })
    })
}

/// Sets one key.
pub(super) fn set(
    file: &ConfigFile,
    key: &str,
    value: impl Into<Value>,
) -> Result<Receipt, Failure> {
    let value = value.into();
    Ok(file.edit(None, |document| {
        Ok(document.set(&key.parse()?, value)?.warnings)
    })?)
}
