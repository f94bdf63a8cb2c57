//! Trees of files: copied, walked, removed, never through a link.

use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown, lchown, symlink};
use std::path::{Path, PathBuf};

/// Everything below `top`, parents first, in the order of the names; `top` itself is left out.
pub(crate) fn walk(top: &Path) -> Vec<(PathBuf, Metadata)> {
    let mut found = Vec::new();
    let mut names: Vec<_> = fs::read_dir(top)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    names.sort();
    for path in names {
        let Ok(meta) = fs::symlink_metadata(&path) else {
            continue;
        };
        let folder = meta.is_dir();
        found.push((path.clone(), meta));
        if folder {
            found.extend(walk(&path));
        }
    }
    found
}

/// Regular files, folders and links, with owner, mode and time; `to` does not exist.
pub(crate) fn copy(from: &Path, to: &Path) {
    let meta = fs::symlink_metadata(from).unwrap();
    if meta.is_symlink() {
        symlink(fs::read_link(from).unwrap(), to).unwrap();
        lchown(to, Some(meta.uid()), Some(meta.gid())).unwrap();
    } else if meta.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
        give(to, meta.uid(), meta.mode()).unwrap();
        lchown(to, None, Some(meta.gid())).unwrap();
    } else {
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .open(to)
            .unwrap();
        io::Write::write_all(&mut file, &fs::read(from).unwrap()).unwrap();
        fchown(&file, Some(meta.uid()), Some(meta.gid())).unwrap();
        file.set_permissions(Permissions::from_mode(meta.mode() & 0o7777))
            .unwrap();
        file.set_modified(meta.modified().unwrap()).unwrap();
    }
}

/// Whatever has that name, if anything.
pub(crate) fn remove(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
}

/// Owner, group of the same number, and mode; a link has no mode of its own.
pub(crate) fn give(path: &Path, owner: u32, mode: u32) -> io::Result<()> {
    lchown(path, Some(owner), Some(owner))?;
    if path.is_symlink() {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode & 0o7777))
}

/// A file, its owner and its mode.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>, owner: u32, mode: u32) {
    fs::write(path, content).unwrap();
    give(path, owner, mode).unwrap();
}

/// A folder, its owner and its mode; it may be there already.
pub(crate) fn folder(path: &Path, owner: u32, mode: u32) {
    fs::create_dir_all(path).unwrap();
    give(path, owner, mode).unwrap();
}

/// Whose it is.
pub(crate) fn owner(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().uid()
}
