//! The command on a terminal of its own, at which a test types.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::Sandbox;

/// When a command that hangs is killed, so that the test ends; nothing is said of how fast it has to be.
const HANGS: Duration = Duration::from_secs(60);

/// A command, and the other side of its terminal.
pub(crate) struct Pty {
    terminal: File,
    child: Child,
    /// All that it has shown.
    seen: Vec<u8>,
    /// Dropped once the command has ended.
    _running: Sender<()>,
}

impl Pty {
    pub(crate) fn start(sandbox: &Sandbox, args: &[&str]) -> Pty {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let name = std::ffi::OsStr::from_bytes(name.to_bytes());
        let theirs = OpenOptions::new().read(true).write(true).open(name);
        let theirs = theirs.unwrap();
        let mut command = sandbox.command(args);
        command.env("TERM", "xterm");
        command.stdin(theirs.try_clone().unwrap());
        command.stdout(theirs.try_clone().unwrap());
        command.stderr(theirs);
        let child = command.spawn().unwrap();
        let pid = Pid::from_child(&child);
        let (running, ended) = channel::<()>();
        thread::spawn(move || {
            if ended.recv_timeout(HANGS) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                kill_process(pid, Signal::KILL).ok();
            }
        });
        Pty {
            terminal: File::from(ours),
            child,
            seen: Vec::new(),
            _running: running,
        }
    }

    /// Reads until `text` was shown.
    pub(crate) fn shows(&mut self, text: &str) {
        while !self.seen().contains(text) {
            assert!(self.read(), "it ended without {text:?}: {}", self.seen());
        }
    }

    pub(crate) fn type_in(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether what is typed is shown.
    pub(crate) fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap();
        modes.local_modes.contains(LocalModes::ECHO)
    }

    pub(crate) fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Waits for its end.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        while self.read() {}
        self.child.wait().unwrap()
    }

    /// Whether there was more to read; once the command has ended that is an error.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let len = self.terminal.read(&mut bytes).unwrap_or(0);
        self.seen.extend(&bytes[..len]);
        len > 0
    }
}
