//! The command under test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cargo::build_proofs;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// `persist` in the build for proofs.
pub(crate) struct Cli {
    pub(crate) program: PathBuf,
    /// What runs it: a program and its arguments.
    through: Vec<String>,
}

/// Exit codes that `persist --help` promises.
pub(crate) const DONE: i32 = 0;
pub(crate) const NO: i32 = 1;
pub(crate) const DAMAGED: i32 = 5;
pub(crate) const FAILED: i32 = 8;
pub(crate) const NOT_DURABLE: i32 = 9;

/// What the state folder may hold; everything else there is a stray.
const STATE: [&str; 8] = [
    ".gitignore",
    "format",
    "lock",
    "journal",
    "backups",
    "quarantine",
    "mirror",
    "complements",
];

impl Cli {
    /// Builds it, unless `PERSIST_BIN` names one that is built already.
    pub(crate) fn build() -> Result<Self, String> {
        if let Some(program) = std::env::var_os("PERSIST_BIN") {
            return Ok(Self {
                program: program.into(),
                through: Vec::new(),
            });
        }
        let workspace = Workspace::here()?;
        match build_proofs() {
            Outcome::Failed(why) => Err(why),
            _ => Ok(Self {
                program: workspace
                    .metadata
                    .target_directory
                    .as_std_path()
                    .join("debug/persist"),
                through: Vec::new(),
            }),
        }
    }

    /// `persist` with these words, `FILE` standing for the path.
    pub(crate) fn command(&self, words: &str, file: &Path) -> Command {
        let mut command = match self.through.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        fill(&mut command, words, file);
        command
    }

    /// The same, run by another program.
    pub(crate) fn through(&self, words: Vec<String>) -> Self {
        Self {
            program: self.program.clone(),
            through: words,
        }
    }

    pub(crate) fn run(&self, words: &str, file: &Path) -> Result<Output, String> {
        self.command(words, file)
            .output()
            .map_err(|error| format!("persist {words}: {error}"))
    }

    /// Runs a command that must succeed; gives its standard output.
    pub(crate) fn must(&self, words: &str, file: &Path) -> Result<String, String> {
        let output = self.run(words, file)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        // What `verify` complains of is its answer.
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().replace('\n', " / ");
        Err(format!("persist {words}: {}: {said}", output.status))
    }

    /// The next save works, everything verifies, and nothing lies about.
    pub(crate) fn healthy(&self, file: &Path) -> Result<(), String> {
        let probe = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |now| now.subsec_nanos());
        self.must(&format!("set FILE probe={probe}"), file)?;
        let read = self.must("get FILE probe", file)?;
        if read != probe.to_string() {
            return Err(format!("the next save wrote {probe} and {read} is read"));
        }
        self.must("verify FILE", file)?;
        let strays = strays(file);
        if strays.is_empty() {
            Ok(())
        } else {
            Err(format!("left behind: {}", strays.join(", ")))
        }
    }
}

pub(crate) fn fill(command: &mut Command, words: &str, file: &Path) {
    for word in words.split(' ') {
        match word.strip_prefix("FILE") {
            // With an ending that makes another file of it.
            Some(ending) => {
                let mut path = file.as_os_str().to_owned();
                path.push(ending);
                command.arg(path)
            }
            None => command.arg(word),
        };
    }
}

/// The state folder of a file.
pub(crate) fn state(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.persist"))
}

/// Unknown names in the state folder, hidden files in its folders, and new neighbours of the file.
fn strays(file: &Path) -> Vec<String> {
    let state = state(file);
    let mut strays: Vec<_> = names(&state)
        .into_iter()
        .filter(|name| !STATE.contains(&name.as_str()))
        .collect();
    // What the last save has replaced is left for the next to look at.
    if let Some(replaced) = strays.iter().position(|name| name.starts_with("stage-")) {
        strays.remove(replaced);
    }
    for folder in ["journal", "backups", "quarantine", "complements"] {
        strays.extend(
            names(&state.join(folder))
                .into_iter()
                .filter(|name| name.starts_with('.')),
        );
    }
    let ours = [&state, file].map(|path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    let neighbours = names(file.parent().unwrap_or(file)).into_iter();
    let known = ["config_versions.json", "lost+found"];
    strays
        .extend(neighbours.filter(|name| !ours.contains(name) && !known.contains(&name.as_str())));
    strays
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
