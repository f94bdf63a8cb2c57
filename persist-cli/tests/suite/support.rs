//! A folder of its own for each test, and the command run in it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::published;

/// What differs from run to run, out of snapshots.
const FILTERS: [(&str, &str); 8] = [
    (r"[0-9a-f]{64}", "[sha256]"),
    (r"\d{8}T\d{6}\.\d+Z", "[time]"),
    (r"\b[0-9a-f]{12}\b", "[sha]"),
    (
        r"\d{4}-\d\d-\d\dT?[ ]?\d\d:?\d\d(:?\d\d)?(\.\d+)?( ?UTC|Z)?",
        "[time]",
    ),
    (r"\(([a-z]+ #\d+), [^)]*\)", "($1)"),
    (r"(/|[A-Za-z]:\\|\\\\\?\\)[^ ]*[/\\]\.tmp\w{6}", "[dir]"),
    (r"\[dir\]\\", "[dir]/"),
    (r"\d+\.\d+(µs|ms|s)\b", "[duration]"),
];

/// A folder with files, removed at the end.
pub(crate) struct Sandbox {
    dir: tempfile::TempDir,
    _filters: insta::internals::SettingsBindDropGuard,
}

/// What the command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        let mut settings = insta::Settings::clone_current();
        for (pattern, word) in FILTERS {
            settings.add_filter(pattern, word);
        }
        Sandbox {
            dir: tempfile::tempdir().unwrap(),
            _filters: settings.bind_to_scope(),
        }
    }

    /// A folder with one file in it.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.write(name, content);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// `persist` in this folder, not yet started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_persist"));
        command
            .current_dir(self.dir.path())
            .args(args)
            .env("USER", "tester")
            .env_remove("SUDO_USER")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let ran: Ran = output(&mut self.command(args)).into();
        if args.contains(&"--json") {
            published::check(args, &ran.stdout);
        }
        ran
    }

    /// Runs a command that has to succeed.
    pub(crate) fn ok(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "persist {args:?}\n{ran}");
        ran
    }

    /// Runs a command with `--json` that has to end with `code`.
    pub(crate) fn json(&self, code: i32, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, code, "persist {args:?}\n{ran}");
        assert_eq!(ran.stderr, "", "with --json all is on standard output");
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{ran}"))
    }

    /// Everything in the state folder of `name`, but for the file's contents: journal and names.
    pub(crate) fn journal(&self, name: &str) -> Vec<u8> {
        let dir = self.path(&format!(".{name}.persist")).join("journal");
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        bytes
    }
}

/// What the command says. Under Wine a busy machine at times can't start a program (`ERROR_INTERNAL_ERROR`), which says
/// nothing of the program: it has not run.
fn output(command: &mut Command) -> Output {
    const NOT_STARTED: i32 = 1359;
    for _ in 0..3 {
        match command.output() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(NOT_STARTED) => {}
            other => return other.unwrap(),
        }
    }
    command.output().unwrap()
}

/// Whether `bytes` hold `part` anywhere.
pub(crate) fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|w| w == part.as_bytes())
}

/// The repository's own file `name`.
pub(crate) fn own(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(name)).unwrap()
}

/// Cases of the longer tests: few by default, as many as `PERSIST_CASES` says.
pub(crate) fn cases(few: usize) -> usize {
    let told = std::env::var("PERSIST_CASES").ok();
    told.and_then(|n| n.parse().ok()).unwrap_or(few)
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        f.write_str(&self.stderr)?;
        write!(f, "exit code {}", self.code)
    }
}
