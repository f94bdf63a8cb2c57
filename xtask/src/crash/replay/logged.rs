//! A disk whose writes and flushes are logged: QEMU's `blklogwrites` filter, exported over FUSE.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::super::disk::command;
use super::log::Log;

/// Why it can't be done here, if it can't.
pub(crate) fn usable() -> Result<(), String> {
    if Path::new("/dev/fuse").exists() {
        Ok(())
    } else {
        Err("there is no /dev/fuse".to_owned())
    }
}

/// The running daemon.
pub(crate) struct LoggedDisk {
    /// A file that behaves like the disk.
    pub(crate) path: PathBuf,
    log: PathBuf,
    daemon: Child,
}

impl LoggedDisk {
    /// The disk begins as a copy of `base`.
    pub(crate) fn start(base: &Path, scratch: &Path) -> Result<Self, String> {
        let (data, log, path) = (
            scratch.join("data"),
            scratch.join("log"),
            scratch.join("disk"),
        );
        command(
            Command::new("cp")
                .arg("--sparse=always")
                .arg(base)
                .arg(&data),
        )?;
        for file in [&log, &path] {
            fs::write(file, "").map_err(|error| error.to_string())?;
        }
        let node = |name: &str, file: &Path| {
            format!("driver=file,node-name={name},filename={}", file.display())
        };
        let mut qemu = Command::new("qemu-storage-daemon");
        qemu.args([
            "--blockdev",
            &node("data", &data),
            "--blockdev",
            &node("log", &log),
        ]);
        qemu.args([
            "--blockdev",
            "driver=blklogwrites,node-name=logged,file=data,log=log",
        ]);
        let export = format!(
            "type=fuse,id=disk,node-name=logged,mountpoint={},writable=on,growable=off",
            path.display()
        );
        qemu.args(["--export", &export]).stdin(Stdio::null());
        let len = fs::metadata(base).map_err(|error| error.to_string())?.len();
        let mut daemon = qemu
            .spawn()
            .map_err(|error| format!("qemu-storage-daemon: {error}"))?;
        for _ in 0..200 {
            if fs::metadata(&path).is_ok_and(|meta| meta.len() == len) {
                return Ok(Self { path, log, daemon });
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        drop(daemon.kill());
        drop(daemon.wait());
        Err("qemu-storage-daemon did not export the disk".to_owned())
    }

    /// How many bytes of log there are.
    pub(crate) fn log_len(&self) -> Result<u64, String> {
        fs::metadata(&self.log)
            .map(|meta| meta.len())
            .map_err(|error| error.to_string())
    }

    /// Ends the daemon and reads the log. Everything must be unmounted.
    pub(crate) fn finish(self) -> Result<Log, String> {
        let log = self.log.clone();
        drop(self);
        Log::read(&log)
    }
}

impl Drop for LoggedDisk {
    fn drop(&mut self) {
        // Politely, so that it writes the rest of the log.
        drop(command(
            Command::new("kill").arg(self.daemon.id().to_string()),
        ));
        drop(self.daemon.wait());
    }
}
