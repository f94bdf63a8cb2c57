//! File systems in image files, mounted over a loop device. Root only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::outcome::Outcome;

/// A file system that the proofs know how to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    mkfs: &'static [&'static str],
    package: &'static str,
    /// The smallest image that its mkfs takes, in MiB.
    size: u64,
}

pub(crate) const EXT4: Kind = Kind {
    name: "ext4",
    mkfs: &["mkfs.ext4", "-q", "-F"],
    package: "e2fsprogs",
    size: 32,
};
pub(crate) const XFS: Kind = Kind {
    name: "xfs",
    mkfs: &["mkfs.xfs", "-q", "-f"],
    package: "xfsprogs",
    size: 300,
};
pub(crate) const BTRFS: Kind = Kind {
    name: "btrfs",
    mkfs: &["mkfs.btrfs", "-q", "-f"],
    package: "btrfs-progs",
    size: 128,
};

impl Kind {
    /// Why this file system can't be tried here, if it can't.
    pub(crate) fn available(self) -> Result<(), String> {
        if !is_root() {
            return Err("mounting needs root".to_owned());
        }
        let known = fs::read_to_string("/proc/filesystems").unwrap_or_default();
        if !known.split_whitespace().any(|word| word == self.name) {
            return Err(format!("the kernel has no {}", self.name));
        }
        apt::ensure(self.mkfs[0], self.package)
    }

    /// A new image.
    pub(crate) fn make(self, image: &Path) -> Result<(), String> {
        let file = fs::File::create(image).map_err(|error| error.to_string())?;
        file.set_len(self.size << 20)
            .map_err(|error| error.to_string())?;
        command(Command::new(self.mkfs[0]).args(&self.mkfs[1..]).arg(image))
    }
}

/// Proves something on each of these file systems, on all at once: most of the time a proof waits for one process after
/// the other.
pub(crate) fn on_each(
    kinds: &[Kind],
    proof: impl Fn(Kind) -> Result<(), String> + Sync,
) -> Outcome {
    let proof = &proof;
    let available: Vec<_> = kinds.iter().map(|kind| kind.available()).collect();
    std::thread::scope(|threads| {
        let running: Vec<_> = kinds
            .iter()
            .zip(available)
            .map(|(kind, available)| match available {
                Ok(()) => Ok(threads.spawn(|| Outcome::from(proof(*kind)))),
                Err(why) => Err(Outcome::Skipped(format!("{}: {why}", kind.name))),
            })
            .collect();
        let outcomes = running.into_iter().map(|proof| match proof {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|_| Outcome::Failed("the proof panicked".to_owned())),
            Err(skipped) => skipped,
        });
        Outcome::all(outcomes)
    })
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// A mounted image; unmounted when it goes.
pub(crate) struct Mount {
    point: PathBuf,
}

impl Mount {
    pub(crate) fn new(image: &Path, point: &Path) -> Result<Self, String> {
        fs::create_dir_all(point).map_err(|error| error.to_string())?;
        command(
            Command::new("mount")
                .args(["-o", "loop"])
                .arg(image)
                .arg(point),
        )?;
        Ok(Self {
            point: point.to_owned(),
        })
    }

    /// The power goes: nothing that is not on the medium gets there any more, the file system's journal included.
    pub(crate) fn cut(&self) -> Result<(), String> {
        // XFS_IOC_GOINGDOWN without flushing the log; ext4 knows the same call.
        command(
            Command::new("xfs_io")
                .args(["-x", "-c", "shutdown"])
                .arg(&self.point),
        )
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        for _ in 0..50 {
            if command(Command::new("umount").arg(&self.point)).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        drop(command(Command::new("umount").arg("-l").arg(&self.point)));
    }
}

/// Runs a tool that must succeed.
pub(crate) fn command(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{command:?}: {}: {said}", output.status))
}

/// A folder for images, in memory where possible; removed when it goes.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Result<Self, String> {
        let shm = Path::new("/dev/shm");
        let base = if shm.is_dir() {
            shm.to_owned()
        } else {
            std::env::temp_dir()
        };
        let folder = base.join(format!("persist-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
