//! Names in the state folder that something of another kind has: a link, or a folder where a file should be.
//!
//! persist follows no link there and removes no folder, so such a name stands in its way until a person takes it away.

use std::io::ErrorKind;

use persist_lock::Kind;

use crate::error::Error;
use crate::file::ConfigFile;
use crate::file::opened::Opened;
use crate::obstacle::Obstacle;
use crate::place;

/// What has this name in the state folder, and whether a folder should have it, if it is not what has to be there. `kind` is
/// `None` for a regular file.
fn in_the_way(name: &str, kind: Option<Kind>) -> Option<(String, bool)> {
    let folders = [
        place::JOURNAL,
        place::BACKUPS,
        place::QUARANTINE,
        place::COMPLEMENTS,
    ];
    let files = [place::LOCK, place::MIRROR, place::SPARE, "old", "redo"];
    let numbered = |prefix| {
        let number = name.strip_prefix(prefix);
        number.is_some_and(|n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let folder_wanted = folders.contains(&name);
    let file_wanted = files.contains(&name) || numbered("stage-") || numbered("found-");
    match kind {
        Some(Kind::Directory) if folder_wanted => None,
        Some(kind) if folder_wanted || file_wanted => Some((kind.to_string(), folder_wanted)),
        None if folder_wanted => Some(("a file".to_owned(), true)),
        _ => None,
    }
}

impl Opened<'_> {
    /// What stands in the way of a save, as far as that can be seen.
    pub(super) fn obstacles(&self) -> Vec<Obstacle> {
        let Ok(Some(state)) = self.state() else {
            return Vec::new();
        };
        let mut found: Vec<Obstacle> = state
            .list()
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| {
                let name = entry.name.to_str()?;
                let (is, folder_wanted) = in_the_way(name, entry.kind)?;
                Some(Obstacle {
                    path: self.state_dir().join(name),
                    is,
                    folder_wanted,
                })
            })
            .collect();
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }
}

impl ConfigFile {
    /// `error`, or what stands in the way in the state folder, if that is why.
    pub(in crate::file) fn explained(&self, error: Error) -> Error {
        let may_be = matches!(
            error,
            Error::Io { .. } | Error::Lock { .. } | Error::NotSaved { .. } | Error::Backup { .. }
        );
        if !may_be {
            return error;
        }
        let Ok(opened) = self.opened() else {
            return error;
        };
        let mut obstacles = opened.obstacles();
        // An error that is for something else than what stands there is not explained by it.
        obstacles.retain(|obstacle| {
            let is_no_folder = error
                .os()
                .is_some_and(|os| os.kind() == ErrorKind::NotADirectory);
            let is_about = error
                .path()
                .is_some_and(|path| path.starts_with(&obstacle.path));
            obstacle.folder_wanted && is_no_folder || is_about
        });
        match obstacles.into_iter().next() {
            Some(obstacle) => Error::Obstacle {
                file: self.path.clone(),
                obstacle,
            },
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_ours_and_of_another_kind() {
        let check = |name, kind, folder_wanted: Option<bool>| {
            let found = in_the_way(name, kind).map(|(_, wanted)| wanted);
            assert_eq!(found, folder_wanted, "{name}");
        };
        check("lock", None, None);
        check("lock", Some(Kind::Symlink), Some(false));
        check("stage-12", Some(Kind::Directory), Some(false));
        check("stage-", Some(Kind::Directory), None);
        check("stage-x", Some(Kind::Directory), None);
        check("journal", Some(Kind::Directory), None);
        check("journal", None, Some(true));
        check("journal", Some(Kind::Symlink), Some(true));
        check("notes of mine", Some(Kind::Symlink), None);
    }
}
