//! Mounts a disk by the kernel's protocol for file systems in user space.
//!
//! Numbers and layouts are those of `linux/fuse.h`, version 7.31. What is not answered here, the kernel does by itself
//! (locks, memory maps) or takes for not offered.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

use super::disk::{Content, Disk, EINVAL, ENOSYS, EOPNOTSUPP, Errno, Lacks, Node};

const DEVICE: &str = "/dev/fuse";
const LONGEST_WRITE: u32 = 128 * 1024;
const HEADER: usize = 40;

/// A mounted disk, gone when it is dropped.
pub(super) struct Mount {
    at: PathBuf,
    server: Option<JoinHandle<()>>,
}

impl Mount {
    pub(super) fn new(at: &Path, lacks: Lacks) -> Result<Self, String> {
        std::fs::create_dir_all(at).map_err(|error| error.to_string())?;
        let device = OpenOptions::new().read(true).write(true).open(DEVICE);
        let device = device.map_err(|error| format!("{DEVICE}: {error}"))?;
        let theirs = device.try_clone().map_err(|error| error.to_string())?;
        // The descriptor that it is mounted with is its standard input.
        let options = "fd=0,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions";
        let mut mount = Command::new("mount");
        mount.args(["-i", "-t", "fuse", "-o", options, "persist-poor"]);
        let output = mount.arg(at).stdin(Stdio::from(theirs)).output();
        let output = output.map_err(|error| format!("mount: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(said.lines().next().unwrap_or("mount failed").to_owned());
        }
        let server = std::thread::spawn(move || serve(device, Disk::new(lacks)));
        Ok(Self {
            at: at.to_owned(),
            server: Some(server),
        })
    }

    /// From now on nothing can be written, or it can again.
    pub(super) fn read_only(&self, yes: bool) -> Result<(), String> {
        let how = if yes { "remount,ro" } else { "remount,rw" };
        let mut mount = Command::new("mount");
        let output = mount.args(["-i", "-o", how]).arg(&self.at).output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.at).status().ok();
        if let Some(server) = self.server.take() {
            server.join().ok();
        }
    }
}

/// Answers until it is unmounted.
fn serve(mut device: File, mut disk: Disk) {
    let mut buffer = vec![0; LONGEST_WRITE as usize + 64 * 1024];
    loop {
        let length = match device.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.raw_os_error() == Some(ENODEV) => return,
            // A request that was taken back, or a signal.
            Err(_) => continue,
        };
        let Some(request) = Request::new(&buffer[..length]) else {
            return;
        };
        let Some(answer) = answer(&request, &mut disk) else {
            continue;
        };
        let (errno, body) = match answer {
            Ok(body) => (0, body),
            Err(errno) => (-errno, Vec::new()),
        };
        let mut reply = Vec::with_capacity(16 + body.len());
        reply.extend((16 + body.len() as u32).to_ne_bytes());
        reply.extend(errno.to_ne_bytes());
        reply.extend(request.unique.to_ne_bytes());
        reply.extend(body);
        // One that was interrupted wants no answer any more.
        device.write_all(&reply).ok();
    }
}

const ENODEV: Errno = 19;

/// What the kernel asks.
struct Request<'a> {
    operation: u32,
    unique: u64,
    node: u64,
    owner: (u32, u32),
    body: &'a [u8],
}

impl<'a> Request<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        Some(Self {
            operation: number(bytes, 4)?,
            unique: long(bytes, 8)?,
            node: long(bytes, 16)?,
            owner: (number(bytes, 24)?, number(bytes, 28)?),
            body: bytes.get(HEADER..)?,
        })
    }

    fn number(&self, at: usize) -> Result<u32, Errno> {
        number(self.body, at).ok_or(EINVAL)
    }

    fn long(&self, at: usize) -> Result<u64, Errno> {
        long(self.body, at).ok_or(EINVAL)
    }

    /// The texts from there on, each with a closing zero.
    fn names(&self, at: usize) -> Result<(&'a [u8], &'a [u8]), Errno> {
        let mut parts = self.body.get(at..).ok_or(EINVAL)?.split(|&byte| byte == 0);
        let first = parts.next().ok_or(EINVAL)?;
        Ok((first, parts.next().unwrap_or_default()))
    }

    fn name(&self, at: usize) -> Result<&'a [u8], Errno> {
        self.names(at).map(|(name, _)| name)
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    bytes.try_into().ok().map(u32::from_ne_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 8)?;
    bytes.try_into().ok().map(u64::from_ne_bytes)
}

/// `None` where no answer is awaited.
fn answer(request: &Request<'_>, disk: &mut Disk) -> Option<Result<Vec<u8>, Errno>> {
    const FORGET: u32 = 2;
    const INTERRUPT: u32 = 36;
    const BATCH_FORGET: u32 = 42;

    match request.operation {
        FORGET | INTERRUPT | BATCH_FORGET => None,
        _ => Some(act(request, disk)),
    }
}

fn act(request: &Request<'_>, disk: &mut Disk) -> Result<Vec<u8>, Errno> {
    let node = request.node;
    match request.operation {
        1 => disk
            .look(node, request.name(0)?)
            .and_then(|id| entry(disk, id)),
        3 => attributes(disk, node),
        4 => set_attributes(request, disk),
        9 => {
            let (mode, content) = (request.number(0)?, Content::Folder(Default::default()));
            let id = disk.create(node, request.name(8)?, content, mode, request.owner)?;
            entry(disk, id)
        }
        10 | 11 => done(disk.remove(node, request.name(0)?)),
        12 => {
            let (from, to) = request.names(8)?;
            done(disk.rename((node, from), (request.long(0)?, to), 0))
        }
        13 => {
            let file = request.long(0)?;
            disk.link(file, node, request.name(8)?)?;
            entry(disk, file)
        }
        // Opening: nothing is remembered, and nothing is kept in the kernel's cache.
        14 | 27 => Ok(vec![0; 16]),
        15 => {
            let (start, size) = (request.long(8)? as usize, request.number(16)? as usize);
            let bytes = disk.bytes(node)?;
            let end = bytes.len().min(start.saturating_add(size));
            Ok(bytes.get(start..end).unwrap_or_default().to_vec())
        }
        16 => write(request, disk),
        17 => Ok(room()),
        26 => Ok(greeting()),
        28 => list(request, disk),
        // Reading the end, closing, syncing a file.
        18 | 20 | 25 | 29 => Ok(Vec::new()),
        30 => done(disk.sync_folder()),
        35 => {
            let (mode, content) = (request.number(4)?, Content::File(Vec::new()));
            let id = disk.create(node, request.name(16)?, content, mode, request.owner)?;
            let mut answer = entry(disk, id)?;
            answer.extend([0; 16]);
            Ok(answer)
        }
        21..=24 => Err(EOPNOTSUPP),
        45 => {
            let (from, to) = request.names(16)?;
            let target = (request.long(0)?, to);
            done(disk.rename((node, from), target, request.number(8)?))
        }
        _ => Err(ENOSYS),
    }
}

fn done(result: Result<(), Errno>) -> Result<Vec<u8>, Errno> {
    result.map(|()| Vec::new())
}

fn greeting() -> Vec<u8> {
    const BIG_WRITES: u32 = 1 << 5;

    let mut answer = Vec::new();
    for value in [7, 31, LONGEST_WRITE, BIG_WRITES, 0, LONGEST_WRITE, 1] {
        answer.extend(u32::to_ne_bytes(value));
    }
    answer.resize(64, 0);
    answer
}

fn set_attributes(request: &Request<'_>, disk: &mut Disk) -> Result<Vec<u8>, Errno> {
    let valid = request.number(0)?;
    let asked = |bit: u32, at: usize| match valid & bit {
        0 => Ok(None),
        _ => request.number(at).map(Some),
    };
    let (mode, user, group) = (asked(1, 68)?, asked(2, 76)?, asked(4, 80)?);
    disk.set_rights(request.node, mode, user, group)?;
    if valid & 8 != 0 {
        let size = request.long(16)? as usize;
        disk.change(request.node)?.resize(size, 0);
    }
    if valid & 32 != 0 && valid & 256 == 0 {
        let modified = (request.long(40)?, request.number(60)?);
        disk.get_mut(request.node)?.modified = modified;
    }
    attributes(disk, request.node)
}

fn write(request: &Request<'_>, disk: &mut Disk) -> Result<Vec<u8>, Errno> {
    let (start, size) = (request.long(8)? as usize, request.number(16)?);
    let new = request.body.get(40..40 + size as usize).ok_or(EINVAL)?;
    let bytes = disk.change(request.node)?;
    let end = start + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[start..end].copy_from_slice(new);
    let mut answer = size.to_ne_bytes().to_vec();
    answer.resize(8, 0);
    Ok(answer)
}

fn list(request: &Request<'_>, disk: &Disk) -> Result<Vec<u8>, Errno> {
    let (start, size) = (request.long(8)? as usize, request.number(16)? as usize);
    let mut answer = Vec::new();
    let names = disk.names(request.node)?;
    for (index, (name, id)) in names.iter().enumerate().skip(start) {
        let mut entry = Vec::new();
        entry.extend(id.to_ne_bytes());
        entry.extend((index as u64 + 1).to_ne_bytes());
        entry.extend((name.len() as u32).to_ne_bytes());
        entry.extend((disk.get(*id)?.mode >> 12).to_ne_bytes());
        entry.extend(name);
        entry.resize(entry.len().next_multiple_of(8), 0);
        if answer.len() + entry.len() > size {
            break;
        }
        answer.extend(entry);
    }
    Ok(answer)
}

/// A name's node, to be asked for anew each time.
fn entry(disk: &Disk, id: u64) -> Result<Vec<u8>, Errno> {
    let mut answer = id.to_ne_bytes().to_vec();
    answer.resize(40, 0);
    answer.extend(attribute(id, disk.get(id)?));
    Ok(answer)
}

fn attributes(disk: &Disk, id: u64) -> Result<Vec<u8>, Errno> {
    let mut answer = vec![0; 16];
    answer.extend(attribute(id, disk.get(id)?));
    Ok(answer)
}

fn attribute(id: u64, node: &Node) -> Vec<u8> {
    let size = match &node.content {
        Content::File(bytes) => bytes.len() as u64,
        Content::Folder(_) => 0,
    };
    let (seconds, nanos) = node.modified;
    let mut bytes = Vec::new();
    for value in [id, size, size.div_ceil(512), seconds, seconds, seconds] {
        bytes.extend(value.to_ne_bytes());
    }
    let owner = [node.mode, node.links, node.user, node.group];
    for value in [nanos; 3].into_iter().chain(owner).chain([0, 4096, 0]) {
        bytes.extend(value.to_ne_bytes());
    }
    bytes
}

fn room() -> Vec<u8> {
    let mut answer = Vec::new();
    // Blocks and files, in all and free.
    for _ in 0..5 {
        answer.extend(u64::to_ne_bytes(1 << 20));
    }
    for value in [4096, 255, 4096_u32] {
        answer.extend(value.to_ne_bytes());
    }
    answer.resize(80, 0);
    answer
}
