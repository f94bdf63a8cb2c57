//! Opening the file that a command is about.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_core::journal::Actor;
use persist_core::migrate::ManifestError;
use persist_core::{ConfigFile, Error, Manifest, Options, VersionTrouble, Wait};

use super::actor::actor;
use crate::args::Args;
use crate::failure::Failure;

/// The name that manifests go by.
const MANIFEST: &str = "config_versions.json";

/// How a manifest was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    /// Only where it applies without doubt: it was named, or lies beside the file, or the file
    /// carries a version that it lists.
    IfItApplies,
    /// The command is about versions: the nearest manifest it is.
    Wanted,
}

/// The file, with everything the arguments say about it.
pub(super) fn open(args: &Args, file: &Path, versions: Versions) -> Result<ConfigFile, Failure> {
    let options = options(args);
    let Some((path, manifest)) = manifest(args, file)? else {
        return Ok(ConfigFile::open(file, options)?);
    };
    let sure = args.versions.is_some() || versions == Versions::Wanted || beside(&path, file);
    let with = options.clone().with_manifest(Arc::new(manifest));
    let opened = ConfigFile::open(file, with)?;
    if sure || lists_version_of(&opened) {
        return Ok(opened);
    }
    Ok(ConfigFile::open(file, options)?)
}

pub(super) fn options(args: &Args) -> Options {
    let mut options = Options::default();
    options.actor = Actor::named(actor(args));
    options.format = args.format;
    options.state_dir.clone_from(&args.state_dir);
    options.wait = Wait::For(args.wait);
    options.strict = args.strict;
    options.allow = options.allow.in_place(args.in_place);
    options
}

fn manifest(args: &Args, file: &Path) -> Result<Option<(PathBuf, Manifest)>, Failure> {
    let Some(path) = args.versions.clone().or_else(|| nearest(file)) else {
        return Ok(None);
    };
    match read_manifest(&path)? {
        Ok(manifest) => Ok(Some((path, manifest))),
        // Somebody else's file of that name further up is none of our business.
        Err(_) if args.versions.is_none() && !beside(&path, file) => Ok(None),
        Err(source) => Err(Error::Manifest { file: path, source }.into()),
    }
}

/// The manifest itself, for what needs no config file: the one named, else the nearest.
pub(super) fn versions(args: &Args, named: Option<&Path>) -> Result<(PathBuf, Manifest), Failure> {
    let here = Path::new(MANIFEST);
    let named = named.or(args.versions.as_deref()).map(Path::to_path_buf);
    let Some(path) = named.or_else(|| nearest(here)) else {
        return Err(Error::Version {
            file: here.into(),
            what: VersionTrouble::NoManifest,
        }
        .into());
    };
    let manifest = read_manifest(&path)?.map_err(|source| Error::Manifest {
        file: path.clone(),
        source,
    })?;
    Ok((path, manifest))
}

fn read_manifest(path: &Path) -> Result<Result<Manifest, ManifestError>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
        op: "read",
        path: path.into(),
        source,
    })?;
    Ok(Manifest::parse(&text))
}

/// The manifest beside the file, else in the nearest folder above it.
fn nearest(file: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(file).ok()?;
    absolute
        .ancestors()
        .skip(1)
        .map(|dir| dir.join(MANIFEST))
        .find(|path| path.is_file())
}

fn beside(manifest: &Path, file: &Path) -> bool {
    let folder = std::path::absolute(file)
        .ok()
        .and_then(|f| f.parent().map(Path::to_path_buf));
    folder.as_deref() == manifest.parent()
}

fn lists_version_of(file: &ConfigFile) -> bool {
    let version = file.info().ok().and_then(|info| info.version);
    let version = version.and_then(|v| v.parse().ok());
    let manifest = file.options().manifest.as_ref();
    manifest
        .zip(version)
        .is_some_and(|(m, v)| m.versions.iter().any(|known| known.version == v))
}
