//! The commands whose states are explored, and what each state may show.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::{Content, Expect};
use crate::disk::{Data, Ino, Log, Op};
use crate::states::Image;
use crate::trace::Recorder;
use crate::worker::Setting;

/// What happens in a scenario's folder.
pub(crate) enum Step {
    /// A file before anything else; durable.
    File(&'static str, Vec<u8>),
    /// The CLI, its effects durable before what follows.
    Before(String),
    /// The CLI, recorded.
    Traced(String),
    /// Another program of ours, recorded: the way to save and the content.
    Writer(&'static str, Vec<u8>),
}

/// Recorded operations with what they must lead to.
pub(crate) struct Recording {
    pub(crate) name: &'static str,
    pub(crate) log: Log,
    pub(crate) setting: Setting,
    /// The content before the first command, then after each.
    history: Vec<Content>,
    /// The content before the first command is damaged: recovery puts the second in its place.
    damaged: bool,
}

impl Recording {
    pub(crate) fn expect(&self, image: &Image) -> Expect {
        let (history, first) = (&self.history, usize::from(self.damaged));
        let mut steps = vec![image.begun];
        if !image.acknowledged {
            steps.push(image.begun.saturating_sub(1));
        }
        let opened = |step: &usize| {
            // Recovery comes first where the beginning is damaged.
            let now = (*step).max(first);
            let before = history[first..now].iter().flatten().copied();
            let backups = before.filter(|content| Some(*content) != history[now]);
            (history[now], backups.collect())
        };
        Expect {
            raw: steps.iter().map(|step| history[*step]).collect(),
            opened: steps.iter().map(opened).collect(),
            quarantined: history[0].filter(|_| self.damaged),
            afterwards: true,
        }
    }
}

/// Runs the steps in a fresh folder. In commands `FILE` stands for the live file's path.
pub(crate) fn record(
    name: &'static str,
    live: &str,
    damaged: bool,
    steps: Vec<Step>,
    cli: &Path,
) -> Result<Recording, String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch
        .path()
        .canonicalize()
        .map_err(|error| error.to_string())?
        .join("work");
    fs::create_dir(&folder).map_err(|error| error.to_string())?;
    let path = folder.join(live);
    let mut recorder: Option<Recorder> = None;
    let mut contents = Contents::default();
    let mut history = Vec::new();
    let mut judge = "promises";
    for step in steps {
        let command = match step {
            Step::File(name, bytes) => {
                fs::write(folder.join(name), bytes).map_err(|error| error.to_string())?;
                continue;
            }
            Step::Before(words) => {
                let output = cli_command(cli, &words, &path)
                    .output()
                    .map_err(|error| error.to_string())?;
                if !output.status.success() {
                    return Err(format!(
                        "{words}: {}",
                        String::from_utf8_lossy(&output.stderr)
                    ));
                }
                continue;
            }
            Step::Traced(words) => cli_command(cli, &words, &path),
            Step::Writer(way, bytes) => {
                judge = "bytes";
                writer_command(way, &path, &bytes)
            }
        };
        let recorder = recorder.get_or_insert_with(|| {
            history.push(contents.index(fs::read(&path).ok()));
            Recorder::new(&folder)
        });
        let output = recorder.run(&command)?;
        if !output.status.success() {
            return Err(format!(
                "{command:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        history.push(contents.index(recorder.content(live)));
    }
    let log = recorder.ok_or("no recorded step")?.finish();
    let setting = Setting {
        judge,
        live: live.to_owned(),
        contents: contents.all,
    };
    Ok(Recording {
        name,
        log,
        setting,
        history,
        damaged,
    })
}

fn cli_command(cli: &Path, words: &str, path: &Path) -> Command {
    let mut command = Command::new(cli);
    for word in words.split(' ') {
        match word {
            "FILE" => command.arg(path),
            word => command.arg(word),
        };
    }
    command
}

fn writer_command(way: &str, path: &Path, bytes: &[u8]) -> Command {
    let mut command =
        Command::new(std::env::current_exe().unwrap_or_else(|_| PathBuf::from("crash")));
    command
        .args(["--writer", way])
        .arg(path)
        .arg(String::from_utf8_lossy(bytes).into_owned());
    command
}

#[derive(Default)]
struct Contents {
    all: Vec<Vec<u8>>,
    known: BTreeMap<Vec<u8>, usize>,
}

impl Contents {
    fn index(&mut self, bytes: Option<Vec<u8>>) -> Content {
        let bytes = bytes?;
        let next = self.all.len();
        let index = *self.known.entry(bytes.clone()).or_insert(next);
        if index == next {
            self.all.push(bytes);
        }
        Some(index)
    }
}

/// A settings file of about that many bytes.
pub(crate) fn settings(len: usize) -> Vec<u8> {
    let mut text = "# settings\nprobe = 0\nwidth = 1\n\n[names]\n".to_owned();
    let mut number = 0_u32;
    while text.len() < len {
        text.push_str(&format!(
            "key_{number} = \"{:08x}\" # {number}\n",
            number.wrapping_mul(2_654_435_761)
        ));
        number += 1;
    }
    text.into_bytes()
}

impl Recording {
    /// The same commands as if they had left out this operation. What was appended to a file after a write that is
    /// left out moves up.
    pub(crate) fn without(&self, left_out: usize) -> Self {
        let mut log = self.log.clone();
        if let Op::Data(file, Data::Write { at, bytes }) = log.ops.remove(left_out) {
            let later = log.ops.iter_mut().skip(left_out);
            for at in later
                .filter_map(|op| place_in(op, file))
                .filter(|place| **place > at)
            {
                *at -= bytes.len();
            }
        }
        Self {
            name: self.name,
            log,
            setting: self.setting.clone(),
            history: self.history.clone(),
            damaged: self.damaged,
        }
    }
}

/// Where in `file` an operation writes, if it does.
fn place_in(op: &mut Op, file: Ino) -> Option<&mut usize> {
    match op {
        Op::Data(ino, Data::Write { at, .. }) if *ino == file => Some(at),
        _ => None,
    }
}
