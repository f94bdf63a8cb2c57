//! Opening the file that a command is about.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_core::journal::Actor;
use persist_core::lock::{Distrust, HardLinks};
use persist_core::manifest::{self, Nearest, Search};
use persist_core::{ConfigFile, Document, Error, Manifest, Options, Wait};

use super::actor::actor;
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::quote::quoted;

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
pub(super) fn open(
    args: &Args,
    out: &mut Out,
    file: &Path,
    versions: Versions,
) -> Result<ConfigFile, Failure> {
    open_with(args, out, file, versions, options(args))
}

/// Whether standard input is meant, and no file. One that is called so is `./-`.
pub(super) fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The same with options of the command's own.
pub(super) fn open_with(
    args: &Args,
    out: &mut Out,
    file: &Path,
    versions: Versions,
    options: Options,
) -> Result<ConfigFile, Failure> {
    if is_input(file) {
        let message = "`-` is standard input, which this command does not accept";
        return Err(Failure::usage(message).with_hint("a file of that name is `./-`"));
    }
    let (manifest, sure) = match &args.versions {
        Some(named) => (Some(manifest::read(named)?), true),
        None => match nearest(args, out, |home| manifest::find(file, home))? {
            Some(found) => (Some(found.manifest), found.beside),
            None => (None, false),
        },
    };
    let Some(manifest) = manifest else {
        return Ok(ConfigFile::open(file, options)?);
    };
    let with = options.clone().with_manifest(Arc::new(manifest));
    let opened = ConfigFile::open(file, with)?;
    if sure || versions == Versions::Wanted || lists_version_of(&opened) {
        return Ok(opened);
    }
    Ok(ConfigFile::open(file, options)?)
}

/// What the arguments say about content that is in no file.
pub(super) fn named(args: &Args) -> Result<Options, Failure> {
    let options = options(args);
    Ok(match &args.versions {
        Some(named) => options.with_manifest(Arc::new(manifest::read(named)?)),
        None => options,
    })
}

pub(super) fn options(args: &Args) -> Options {
    let mut options = Options::default();
    options.actor = Actor::named(actor(args));
    options.reason = args.command.reason().map(str::to_owned);
    options.doc = args.command.doc().cloned();
    options.format = args.format;
    options.state_dir.clone_from(&args.state_dir);
    options.wait = Wait::For(args.wait);
    options.strict = args.strict;
    let links = match (args.in_place, args.split_links) {
        (true, _) => HardLinks::Follow,
        (false, true) => HardLinks::Part,
        (false, false) => HardLinks::Refuse,
    };
    options.allow = options.allow.in_place(args.in_place).hard_links(links);
    options
}

/// That there is more in the file than is looked at, where nobody has said which document is meant.
pub(super) fn tell_unchosen(out: &mut Out, document: &Document) -> std::io::Result<()> {
    if document.is_chosen() {
        return Ok(());
    }
    out.aside(&format!(
        "this is document 1 of {}; `--doc` chooses one: {}",
        document.documents(),
        document.described()
    ))
}

/// The manifest itself, for what needs no config file: the one named, else the nearest.
pub(super) fn versions(
    args: &Args,
    out: &mut Out,
    named: Option<&Path>,
) -> Result<(PathBuf, Manifest), Failure> {
    if let Some(path) = named.or(args.versions.as_deref()) {
        return Ok((path.into(), manifest::read(path)?));
    }
    let found = nearest(args, out, |home| manifest::find_from(Path::new(""), home))?;
    let found = found.map(|found| (found.path, found.manifest));
    found.ok_or_else(|| {
        let message = format!("no {} was found here or in a folder above", manifest::NAME);
        Failure::new(Exit::Version, message).with_hint("name it with --versions FILE")
    })
}

/// What a search finds, unless there is to be none. Manifests that it passed over are told of.
fn nearest(
    args: &Args,
    out: &mut Out,
    search: impl Fn(Option<&Path>) -> Result<Search, Error>,
) -> Result<Option<Nearest>, Failure> {
    if args.no_versions {
        return Ok(None);
    }
    let home = std::env::home_dir();
    let search = search(home.as_deref()).map_err(with_remedy)?;
    for ignored in &search.ignored {
        let (path, why) = (ignored.path.display(), &ignored.why);
        let remedy = match why {
            Distrust::NotRegular => String::new(),
            _ => format!("; --versions {} uses it anyway", quoted(&ignored.path)),
        };
        out.aside_once(&format!("{path} is not used: {why}{remedy}"))?;
    }
    Ok(search.nearest)
}

fn with_remedy(error: Error) -> Failure {
    let remedy = match &error {
        Error::Untrusted { file, why } if *why != Distrust::NotRegular => {
            let file = quoted(file);
            format!("--versions {file} uses it anyway, --no-versions ignores it")
        }
        _ => "--no-versions ignores it, --versions FILE uses another".to_owned(),
    };
    Failure::from(error).with_hint(remedy)
}

fn lists_version_of(file: &ConfigFile) -> bool {
    let version = file.info().ok().and_then(|info| info.version);
    let version = version.and_then(|v| v.parse().ok());
    let manifest = file.options().manifest.as_ref();
    manifest
        .zip(version)
        .is_some_and(|(m, v)| m.versions.iter().any(|known| known.version == v))
}
