//! Where the manifest of versions is looked for, and which one is used.
//!
//! The search begins beside the config file and goes up, but not out of a home folder and not over a mount point. A manifest
//! says what migrations do to the file, and which of its values are secret. So it is believed only as [`open_trusted`] says. One that is not believed is passed over further up, where anybody may have put it; beside the
//! file it is an error, since it is most likely meant. One that is believed but can't be read is an error
//! wherever it lies: without its list of sensitive keys secrets would be shown.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use persist_backup::retention::Policy;
use persist_lock::{Distrust, Folder, Found, open_trusted, same_mount};
use persist_migrate::{Manifest, ManifestError};
use serde_json::Value;

use crate::amount;
use crate::error::{Error, io_error};

/// The name that manifests go by.
pub const NAME: &str = "config_versions.json";

/// Bytes that a manifest may have; 16 MiB.
pub const MOST_BYTES: u64 = Manifest::MAX_LEN as u64;

/// What a search came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Search {
    /// The nearest manifest that is believed.
    pub nearest: Option<Nearest>,
    /// Those on the way that are not, nearest first.
    pub ignored: Vec<Ignored>,
}

/// A manifest that was found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Nearest {
    /// Where.
    pub path: PathBuf,
    /// Whether it lies in the folder that the search began in.
    pub beside: bool,
    /// What it says.
    pub manifest: Manifest,
}

/// A file that has a manifest's name, and is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: Distrust,
}

/// Looks for the manifest of a config file, which need not exist. A library does not ask whose home is where: `home` is
/// the folder that the search does not leave if it begins in it.
///
/// # Errors
/// [`Error::Untrusted`] for one beside the file; [`Error::Manifest`], [`Error::Io`] for one that is believed and can't be used.
pub fn find(file: &Path, home: Option<&Path>) -> Result<Search, Error> {
    let folder = file.parent().unwrap_or(Path::new(""));
    search(folder, Some(file), home)
}

/// Looks for a manifest from a folder upwards.
///
/// # Errors
/// As [`find`].
pub fn find_from(folder: &Path, home: Option<&Path>) -> Result<Search, Error> {
    search(folder, None, home)
}

/// Reads a manifest that was named, whoever owns it.
///
/// # Errors
/// [`Error::Manifest`], [`Error::Io`].
pub fn read(path: &Path) -> Result<Manifest, Error> {
    let file = File::open(path).map_err(|e| io_error("read", path, e))?;
    read_open(path, file)
}

fn search(folder: &Path, about: Option<&Path>, home: Option<&Path>) -> Result<Search, Error> {
    let here = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    // A folder that is not there is somebody else's error to tell.
    let Ok(folder) = real(here) else {
        return Ok(Search::default());
    };
    let Ok(opened) = Folder::open(&folder) else {
        return Ok(Search::default());
    };
    let home = home.and_then(|home| real(home).ok());
    let candidates = folders(&folder, home.as_deref())
        .take_while(|above| *above == folder || same_mount(&opened, above))
        .map(|folder| folder.join(NAME));
    let seen = candidates.filter_map(|path| {
        let found = open_trusted(&path, about).map_err(|error| {
            let source = match error {
                persist_lock::Error::Io { source, .. } => source,
                other => io::Error::other(other),
            };
            io_error("read", &path, source)
        });
        Some((path, found.transpose()?))
    });
    let (nearest, ignored) = choose(&folder, seen)?;
    let nearest = nearest.map(|(path, file)| {
        Ok::<_, Error>(Nearest {
            beside: path.parent() == Some(&folder),
            manifest: read_open(&path, file)?,
            path,
        })
    });
    Ok(Search {
        nearest: nearest.transpose()?,
        ignored,
    })
}

/// The folders of a search, nearest first.
fn folders<'a>(folder: &'a Path, home: Option<&'a Path>) -> impl Iterator<Item = &'a Path> {
    let last = home.filter(|home| folder.starts_with(home));
    let inside = move |above: &&Path| last.is_none_or(|last| above.starts_with(last));
    folder.ancestors().take_while(inside)
}

type Choice = (Option<(PathBuf, File)>, Vec<Ignored>);

/// Which of what was seen, nearest first, is used. No more is looked at than is needed.
fn choose(
    folder: &Path,
    seen: impl Iterator<Item = (PathBuf, Result<Found, Error>)>,
) -> Result<Choice, Error> {
    let mut ignored = Vec::new();
    for (path, found) in seen {
        match found? {
            Found::Trusted(file) => return Ok((Some((path, file)), ignored)),
            Found::Untrusted(why) if path.parent() == Some(folder) => {
                return Err(Error::Untrusted { file: path, why });
            }
            Found::Untrusted(why) => ignored.push(Ignored { path, why }),
        }
    }
    Ok((None, ignored))
}

fn read_open(path: &Path, file: File) -> Result<Manifest, Error> {
    let text = bounded(file).map_err(|e| io_error("read", path, e))?;
    let manifest = Manifest::parse(&text).and_then(|manifest| {
        policy(&manifest).map_err(|error| error.located_in(&text))?;
        Ok(manifest)
    });
    manifest.map_err(|source| Error::Manifest {
        file: path.into(),
        source,
    })
}

/// What a manifest says is to be kept of the application's files: the counts of a [`Policy`], sizes and ages as in [`amount`].
///
/// # Errors
/// With the place of what is not understood.
pub(crate) fn policy(manifest: &Manifest) -> Result<Option<Policy>, ManifestError> {
    let Some(retention) = &manifest.retention else {
        return Ok(None);
    };
    let Value::Object(entries) = retention else {
        let message = r#"expected what to keep, such as {"last": 20, "daily": 90}"#;
        return Err(ManifestError::at("/retention".into(), message.into()));
    };
    let mut policy = Policy::keep_last(0);
    for (key, value) in entries {
        take(&mut policy, key, value).map_err(|message| {
            let key = key.replace('~', "~0").replace('/', "~1");
            ManifestError::at(format!("/retention/{key}"), message)
        })?;
    }
    Ok(Some(policy))
}

fn take(policy: &mut Policy, key: &str, value: &Value) -> Result<(), String> {
    let count = || {
        let count = value.as_u64().and_then(|count| count.try_into().ok());
        count.ok_or("expected a number of backups, from 0 to 4294967295")
    };
    let text = || value.as_str().ok_or("expected a text such as \"90d\"");
    match key {
        "last" => policy.last = count()?,
        "hourly" => policy.hourly = count()?,
        "daily" => policy.daily = count()?,
        "weekly" => policy.weekly = count()?,
        "monthly" => policy.monthly = count()?,
        "yearly" => policy.yearly = count()?,
        "undo" => policy.undo = count()?,
        "bad" => policy.bad = count()?,
        "versions" => policy.versions = value.as_bool().ok_or("expected true or false")?,
        "max-age" => policy.max_age = Some(amount::age(text()?).map_err(|e| e.to_string())?),
        "max-bytes" => {
            policy.max_bytes = Some(match value.as_u64() {
                Some(bytes) => bytes,
                None => amount::bytes(text()?).map_err(|e| e.to_string())?,
            });
        }
        _ => {
            return Err(
                "is not one of last, hourly, daily, weekly, monthly, yearly, versions, undo, bad, max-age and max-bytes"
                    .into(),
            );
        }
    }
    Ok(())
}

/// No more memory is taken than a manifest may need, whatever the file is.
fn bounded(file: File) -> io::Result<String> {
    let too_long = || {
        let message = format!("it is longer than {MOST_BYTES} bytes, the limit for a manifest");
        io::Error::new(io::ErrorKind::FileTooLarge, message)
    };
    if file.metadata()?.len() > MOST_BYTES {
        return Err(too_long());
    }
    let mut text = String::new();
    file.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(too_long());
    }
    Ok(text)
}

/// A folder as it is, without links and `..`: what is above it, and on which mount, is a question about that.
#[cfg(not(windows))]
fn real(folder: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(folder)
}

/// The "verbatim" form of `canonicalize` would surprise in messages.
#[cfg(windows)]
fn real(folder: &Path) -> io::Result<PathBuf> {
    std::fs::metadata(folder)?;
    std::path::absolute(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_stays_in_a_home_folder_that_it_begins_in() {
        let all = |folder: &'static str, home: Option<&'static str>| {
            let folders = folders(Path::new(folder), home.map(Path::new));
            folders.map(|f| f.to_str().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(all("/h/a/x", Some("/h/a")), ["/h/a/x", "/h/a"]);
        assert_eq!(all("/h/a", Some("/h/a")), ["/h/a"]);
        assert_eq!(all("/h/ab", Some("/h/a")), ["/h/ab", "/h", "/"]);
        assert_eq!(all("/srv", None), ["/srv", "/"]);
        assert_eq!(all("/srv/x", Some("/")), ["/srv/x", "/srv", "/"]);
    }

    #[test]
    fn what_is_not_believed_is_refused_beside_the_file_and_passed_over_above() {
        let path = |folder: &str| Path::new(folder).join(NAME);
        let untrusted = |folder| (path(folder), Ok(Found::Untrusted(Distrust::Everybody)));
        let trusted = |folder| {
            let file = tempfile::tempfile().unwrap();
            (path(folder), Ok(Found::Trusted(file)))
        };
        let choose = |seen: Vec<_>| choose(Path::new("/a/b"), seen.into_iter());

        let refused = choose(vec![untrusted("/a/b"), trusted("/a")]).unwrap_err();
        assert!(matches!(refused, Error::Untrusted { file, .. } if file == path("/a/b")));
        let (used, ignored) = choose(vec![untrusted("/a"), trusted("/"), untrusted("/")]).unwrap();
        assert_eq!(used.unwrap().0, path("/"));
        assert_eq!(ignored.len(), 1);
        let (used, ignored) = choose(vec![untrusted("/a"), untrusted("/")]).unwrap();
        assert!(used.is_none());
        assert_eq!(ignored[1].path, path("/"));
    }
}
