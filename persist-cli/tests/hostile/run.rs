//! One command under limits, and what it did.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Greatest resident memory, in KiB.
pub(crate) const MEMORY: u64 = 500_000;

/// A program and how to run it.
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    pub(crate) program: PathBuf,
    pub(crate) user: u32,
    /// The folder it runs in.
    pub(crate) folder: PathBuf,
    /// A folder for its output and what it keeps for a moment; not looked at.
    pub(crate) io: PathBuf,
    pub(crate) patience: Duration,
}

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// In KiB.
    pub(crate) memory: u64,
    pub(crate) hung: bool,
}

impl Runner {
    pub(crate) fn run<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Ran {
        let [out, err] = ["stdout", "stderr"].map(|name| self.io.join(name));
        // The shell sets limits far above what is judged: they keep the machine well, not the command.
        let limits = "ulimit -v 4000000 && ulimit -f 4000000 && ulimit -c 0 && exec \"$@\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", limits, "sh"])
            .arg(&self.program)
            .args(args)
            .current_dir(&self.folder)
            .env("USER", "tester")
            .env("TMPDIR", &self.io)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap());
        if self.user != 0 {
            command.uid(self.user).gid(self.user);
        }
        let mut ran = Ran::default();
        let status = self.watch(command.spawn().unwrap(), &mut ran);
        ran.code = status.code();
        let not_run = matches!(ran.code, Some(126 | 127));
        assert!(!not_run, "{} could not be run", self.program.display());
        ran.signal = status
            .signal()
            .filter(|_| !ran.hung && ran.memory <= MEMORY);
        ran.stdout = fs::read(out).unwrap();
        ran.stderr = fs::read(err).unwrap();
        ran
    }

    /// Kills what takes too long or too much.
    fn watch(&self, mut child: Child, ran: &mut Ran) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            let elapsed = start.elapsed();
            if elapsed > Duration::from_millis(20) {
                ran.memory = ran.memory.max(peak(child.id()));
            }
            ran.hung = elapsed > self.patience;
            if ran.hung || ran.memory > MEMORY {
                child.kill().ok();
                return child.wait().unwrap();
            }
            let pause = if elapsed < Duration::from_millis(60) {
                500
            } else {
                5000
            };
            std::thread::sleep(Duration::from_micros(pause));
        }
    }
}

/// The most that a process ever had, in KiB; 0 once it has ended.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"));
    let line = status.unwrap_or_default();
    let line = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}
