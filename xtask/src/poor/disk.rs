//! A file system in memory that offers as little as it is told to.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// An error's number as Linux has it.
pub(super) type Errno = i32;

pub(super) const EPERM: Errno = 1;
pub(super) const ENOENT: Errno = 2;
pub(super) const EEXIST: Errno = 17;
pub(super) const ENOTDIR: Errno = 20;
pub(super) const EISDIR: Errno = 21;
pub(super) const EINVAL: Errno = 22;
pub(super) const ENOSYS: Errno = 38;
pub(super) const ENOTEMPTY: Errno = 39;
pub(super) const EOPNOTSUPP: Errno = 95;

pub(super) const ROOT: u64 = 1;
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const NOREPLACE: u32 = 1;
const EXCHANGE: u32 = 2;

/// What a file system does not offer, and how it says so. `None`: it offers that.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lacks {
    /// Exclusive renames and exchanges.
    pub(super) rename_flags: Option<Errno>,
    pub(super) links: Option<Errno>,
    /// Changing modes and owners.
    pub(super) modes: Option<Errno>,
    pub(super) folder_sync: Option<Errno>,
    /// Modes and owners of their own: all files have this user's and group's number, and the modes of the mount.
    pub(super) owners: Option<u32>,
}

/// A file or folder. One that has lost all its names stays, for those who have it open.
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) mode: u32,
    pub(super) user: u32,
    pub(super) group: u32,
    pub(super) links: u32,
    pub(super) modified: (u64, u32),
}

pub(super) enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<Vec<u8>, u64>),
}

pub(super) struct Disk {
    lacks: Lacks,
    nodes: BTreeMap<u64, Node>,
}

impl Disk {
    pub(super) fn new(lacks: Lacks) -> Self {
        let mut disk = Self {
            lacks,
            nodes: BTreeMap::new(),
        };
        let root = disk.node(Content::Folder(BTreeMap::new()), 0o777, (0, 0));
        disk.nodes.insert(ROOT, root);
        disk
    }

    pub(super) fn get(&self, id: u64) -> Result<&Node, Errno> {
        self.nodes.get(&id).ok_or(ENOENT)
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Result<&mut Node, Errno> {
        self.nodes.get_mut(&id).ok_or(ENOENT)
    }

    pub(super) fn names(&self, folder: u64) -> Result<&BTreeMap<Vec<u8>, u64>, Errno> {
        match &self.get(folder)?.content {
            Content::Folder(names) => Ok(names),
            Content::File(_) => Err(ENOTDIR),
        }
    }

    fn names_mut(&mut self, folder: u64) -> Result<&mut BTreeMap<Vec<u8>, u64>, Errno> {
        match &mut self.get_mut(folder)?.content {
            Content::Folder(names) => Ok(names),
            Content::File(_) => Err(ENOTDIR),
        }
    }

    pub(super) fn look(&self, folder: u64, name: &[u8]) -> Result<u64, Errno> {
        self.names(folder)?.get(name).copied().ok_or(ENOENT)
    }

    pub(super) fn bytes(&self, file: u64) -> Result<&[u8], Errno> {
        match &self.get(file)?.content {
            Content::File(bytes) => Ok(bytes),
            Content::Folder(_) => Err(EISDIR),
        }
    }

    /// The bytes of a file, to be changed.
    pub(super) fn change(&mut self, file: u64) -> Result<&mut Vec<u8>, Errno> {
        let node = self.get_mut(file)?;
        node.modified = now();
        match &mut node.content {
            Content::File(bytes) => Ok(bytes),
            Content::Folder(_) => Err(EISDIR),
        }
    }

    fn node(&self, content: Content, mode: u32, owner: (u32, u32)) -> Node {
        let (user, group) = self.lacks.owners.map_or(owner, |number| (number, number));
        let (kind, mounted) = match content {
            Content::File(_) => (FILE, 0o755),
            Content::Folder(_) => (FOLDER, 0o755),
        };
        let mode = match self.lacks.owners {
            Some(_) => mounted,
            None => mode & 0o7777,
        };
        Node {
            content,
            mode: kind | mode,
            user,
            group,
            links: 1,
            modified: now(),
        }
    }

    pub(super) fn create(
        &mut self,
        folder: u64,
        name: &[u8],
        content: Content,
        mode: u32,
        owner: (u32, u32),
    ) -> Result<u64, Errno> {
        let id = self.nodes.keys().last().map_or(ROOT, |last| last + 1);
        let node = self.node(content, mode, owner);
        let names = self.names_mut(folder)?;
        if names.contains_key(name) {
            return Err(EEXIST);
        }
        names.insert(name.to_vec(), id);
        self.nodes.insert(id, node);
        Ok(id)
    }

    pub(super) fn remove(&mut self, folder: u64, name: &[u8]) -> Result<(), Errno> {
        let id = self.look(folder, name)?;
        if self.names(id).is_ok_and(|names| !names.is_empty()) {
            return Err(ENOTEMPTY);
        }
        self.names_mut(folder)?.remove(name);
        let node = self.get_mut(id)?;
        node.links -= 1;
        Ok(())
    }

    pub(super) fn link(&mut self, file: u64, folder: u64, name: &[u8]) -> Result<(), Errno> {
        if let Some(errno) = self.lacks.links {
            return Err(errno);
        }
        let names = self.names_mut(folder)?;
        if names.contains_key(name) {
            return Err(EEXIST);
        }
        names.insert(name.to_vec(), file);
        self.get_mut(file)?.links += 1;
        Ok(())
    }

    pub(super) fn rename(
        &mut self,
        (folder, name): (u64, &[u8]),
        (other, to): (u64, &[u8]),
        flags: u32,
    ) -> Result<(), Errno> {
        if let (1.., Some(errno)) = (flags, self.lacks.rename_flags) {
            return Err(errno);
        }
        let id = self.look(folder, name)?;
        let there = self.look(other, to).ok();
        match (flags, there) {
            (EXCHANGE, None) => return Err(ENOENT),
            (EXCHANGE, Some(there)) => {
                self.names_mut(folder)?.insert(name.to_vec(), there);
                self.names_mut(other)?.insert(to.to_vec(), id);
                return Ok(());
            }
            (NOREPLACE, Some(_)) => return Err(EEXIST),
            (NOREPLACE, None) | (0, None) => {}
            // Two names of one file: nothing is to be done.
            (0, Some(there)) if there == id => return Ok(()),
            (0, Some(_)) => self.remove(other, to)?,
            _ => return Err(EINVAL),
        }
        self.names_mut(folder)?.remove(name);
        self.names_mut(other)?.insert(to.to_vec(), id);
        Ok(())
    }

    /// What is not given stays.
    pub(super) fn set_rights(
        &mut self,
        id: u64,
        mode: Option<u32>,
        user: Option<u32>,
        group: Option<u32>,
    ) -> Result<(), Errno> {
        let is_asked = mode.is_some() || user.is_some() || group.is_some();
        if let (true, Some(errno)) = (is_asked, self.lacks.modes) {
            return Err(errno);
        }
        let node = self.get_mut(id)?;
        node.mode = mode.map_or(node.mode, |mode| node.mode & !0o7777 | mode & 0o7777);
        node.user = user.unwrap_or(node.user);
        node.group = group.unwrap_or(node.group);
        Ok(())
    }

    pub(super) fn sync_folder(&self) -> Result<(), Errno> {
        self.lacks.folder_sync.map_or(Ok(()), Err)
    }
}

pub(super) fn now() -> (u64, u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or((0, 0), |now| (now.as_secs(), now.subsec_nanos()))
}
