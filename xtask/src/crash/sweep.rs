//! Every file call of a command fails once in every way, and once the command is killed there.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cli::{Cli, DAMAGED, DONE, NO, NOT_DURABLE, fill, state};
use super::scope::Scope;
use crate::apt;
use crate::outcome::Outcome;

const ERRORS: [&str; 10] = [
    "EIO", "ENOSPC", "EDQUOT", "EINTR", "EROFS", "EMFILE", "EBUSY", "EXDEV", "EPERM", "ENOLCK",
];

/// A command and how its folder is prepared.
struct Subject {
    name: &'static str,
    prepare: &'static [&'static str],
    damage: bool,
    command: &'static str,
    /// For a command that may be given twice: what undoes it, byte for byte.
    back: Option<&'static str>,
    /// The command leaves the file, and removes the first backup.
    purges: bool,
    /// The journal's segment is full: the command begins one, with a checkpoint.
    rolls: bool,
}

impl Subject {
    const fn of(
        name: &'static str,
        prepare: &'static [&'static str],
        command: &'static str,
    ) -> Self {
        Self {
            name,
            prepare,
            damage: false,
            command,
            back: None,
            purges: false,
            rolls: false,
        }
    }

    /// Whether the command took effect in whole. The file holds what it held, or what the command makes of it.
    fn is_done(&self, file: &Path, (old, new): (&[u8], &[u8])) -> Result<bool, String> {
        let live = fs::read(file).map_err(|error| format!("the file is gone: {error}"))?;
        if live != old && live != new {
            return Err("the file holds neither old nor new".to_owned());
        }
        if !self.purges {
            return Ok(live == new);
        }
        let backups = state(file).join("backups");
        let names = fs::read_dir(&backups).map_err(|error| error.to_string())?;
        let first = |name: &fs::DirEntry| name.file_name().to_string_lossy().starts_with(FIRST);
        Ok(!names.flatten().any(|name| first(&name)))
    }
}

/// How the name of the first backup begins.
const FIRST: &str = "00000001-";
/// Bytes after which the next save begins a segment of the journal.
const SEGMENT: u64 = 64 * 1024;

/// Three versions up, one step after the other: no edge goes further than to the next version.
const CHAIN: &str = r#"{
    "app": "sweep",
    "versions": [{"version": "1.0.0"}, {"version": "1.1.0"}, {"version": "1.2.0"}, {"version": "2.0.0"}],
    "edges": [
        {"from": "1.0.0", "to": "1.1.0", "lenses": [{"rename": {"path": "/names/one", "to": "first"}}]},
        {"from": "1.1.0", "to": "1.2.0", "lenses": [{"remove": {"path": "/names/two"}}]},
        {"from": "1.2.0", "to": "2.0.0", "lenses": [{"add": {"path": "/names/three", "value": 3}}]}
    ]
}"#;

const SUBJECTS: [Subject; 8] = [
    Subject::of("first save", &[], "set FILE width=2"),
    Subject::of("save", &["set FILE width=2"], "set FILE width=3"),
    Subject {
        rolls: true,
        ..Subject::of("new segment", &["set FILE width=2"], "set FILE width=3")
    },
    Subject::of("undo", &["set FILE width=2"], "undo FILE"),
    Subject::of(
        "restore",
        &["set FILE width=2", "set FILE width=3"],
        "restore FILE 1",
    ),
    Subject {
        damage: true,
        ..Subject::of(
            "recover",
            &["set FILE width=2", "set FILE width=3"],
            "recover FILE",
        )
    },
    Subject {
        back: Some("migrate to FILE 1.0.0"),
        ..Subject::of("migrate", &["set FILE width=2"], "migrate to FILE 2.0.0")
    },
    Subject {
        purges: true,
        ..Subject::of(
            "purge",
            &["set FILE width=2", "set FILE width=3", "set FILE width=4"],
            "purge FILE --number 1 --yes",
        )
    },
];

/// One fault: at the n-th call of that name.
#[derive(Clone, Debug)]
struct Fault {
    call: String,
    nth: usize,
    how: String,
}

pub(crate) fn run(cli: &Cli, scope: Scope) -> Outcome {
    if let Err(why) = apt::ensure("strace", "strace") {
        return Outcome::Skipped(why);
    }
    let mut wrong = Vec::new();
    let mut total = 0;
    for subject in &SUBJECTS {
        match sweep(cli, subject, scope) {
            Err(error) => wrong.push(format!("{}: {error}", subject.name)),
            Ok((count, found)) => {
                println!(
                    "sweep: {:<11} {count:>5} faults, {} wrong",
                    subject.name,
                    found.len()
                );
                total += count;
                wrong.extend(
                    found
                        .into_iter()
                        .map(|what| format!("{}: {what}", subject.name)),
                );
            }
        }
    }
    println!("sweep: {total} faults, {} wrong", wrong.len());
    Outcome::of(&wrong)
}

fn sweep(cli: &Cli, subject: &Subject, scope: Scope) -> Result<(usize, Vec<String>), String> {
    let scratch = tempdir(subject.name)?;
    let template = scratch.join("template");
    prepare(cli, subject, &template)?;
    let old = fs::read(template.join("app.toml")).map_err(|error| error.to_string())?;
    let (faults, new) = calls(cli, subject, &template, &scratch.join("base"), scope)?;
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for worker in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let (faults, next, wrong, old, new, template) =
                (&faults, &next, &wrong, &old, &new, &template);
            let folder = scratch.join(format!("work-{worker}"));
            threads.spawn(move || {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(what) = inject(cli, subject, template, &folder, fault, (old, new))
                        && let Ok(mut wrong) = wrong.lock()
                    {
                        wrong.push(format!(
                            "{} {} of {}: {what}",
                            fault.how, fault.nth, fault.call
                        ));
                    }
                }
            });
        }
    });
    fs::remove_dir_all(&scratch).map_err(|error| error.to_string())?;
    Ok((faults.len(), wrong.into_inner().unwrap_or_default()))
}

fn prepare(cli: &Cli, subject: &Subject, folder: &Path) -> Result<(), String> {
    let write = |name: &str, text: &[u8]| {
        fs::write(folder.join(name), text).map_err(|error| error.to_string())
    };
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let file = folder.join("app.toml");
    let text = "schema_version = \"1.0.0\"\nwidth = 1\nprobe = 0 # kept\n\n[names]\none = \"first\"\ntwo = 2 # set aside on the way up\n";
    write("app.toml", text.as_bytes())?;
    write("config_versions.json", CHAIN.as_bytes())?;
    for words in subject.prepare {
        cli.must(words, &file)?;
    }
    if subject.rolls {
        fill_segment(cli, &file)?;
    }
    if subject.damage {
        write("app.toml", &[0; 80])?;
    }
    Ok(())
}

/// Saves until the next save begins a segment.
fn fill_segment(cli: &Cli, file: &Path) -> Result<(), String> {
    let segment = state(file).join("journal/00000001.log");
    let why = "x".repeat(9000);
    for width in 100..120 {
        let len = fs::metadata(&segment)
            .map_err(|error| error.to_string())?
            .len();
        if len >= SEGMENT {
            return Ok(());
        }
        cli.must(&format!("set FILE width={width} -m {why}"), file)?;
    }
    Err("no segment gets full".to_owned())
}

/// Runs the command once undisturbed and lists the faults for every call that concerns its folder.
fn calls(
    cli: &Cli,
    subject: &Subject,
    template: &Path,
    folder: &Path,
    scope: Scope,
) -> Result<(Vec<Fault>, Vec<u8>), String> {
    copy(template, folder)?;
    let trace = folder.with_extension("trace");
    let strace = ["-f", "-y", "-e", "trace=%file,%desc", "-o"];
    let output = strace_run(cli, subject, folder, &strace, Some(&trace))?;
    if output.status.code() != Some(DONE) {
        return Err(format!("undisturbed: {}", said(&output)));
    }
    let file = folder.join("app.toml");
    let new = fs::read(&file).map_err(|error| error.to_string())?;
    let segments = state(&file).join("journal");
    let segments = fs::read_dir(segments).map_err(|error| error.to_string())?;
    if !subject.is_done(&file, (&new, &new))? || (segments.count() > 1) != subject.rolls {
        return Err("undisturbed, it does not what it is to do".to_owned());
    }
    let text = fs::read_to_string(&trace).map_err(|error| error.to_string())?;
    let marker = folder.to_string_lossy().into_owned();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in text.lines() {
        let Some(name) = line
            .split_once(' ')
            .and_then(|(_, rest)| rest.trim_start().split_once('('))
            .map(|(name, _)| name)
        else {
            continue;
        };
        let nth = counts.entry(name.to_owned()).or_insert(0);
        *nth += 1;
        let start = line.contains("execve(");
        if line.contains(&marker) && !start {
            let fault = |how: String| Fault {
                call: name.to_owned(),
                nth: *nth,
                how,
            };
            // The standard library takes a folder that can't be closed for a bug in the program.
            let closes_folder = name == "close" && !is_file(line);
            let many = if closes_folder {
                0
            } else {
                scope.pick(2, ERRORS.len())
            };
            let turn = faults.len();
            faults.extend(
                (0..many)
                    .map(|step| fault(format!("error={}", ERRORS[(turn + step) % ERRORS.len()]))),
            );
            faults.push(fault("signal=KILL".to_owned()));
        }
    }
    Ok((faults, new))
}

/// Whether the descriptor that `strace -y` shows in a line is not that of a folder.
fn is_file(line: &str) -> bool {
    let path = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(path, _)| path);
    path.is_some_and(|path| !Path::new(path).is_dir())
}

fn inject(
    cli: &Cli,
    subject: &Subject,
    template: &Path,
    folder: &Path,
    fault: &Fault,
    (old, new): (&[u8], &[u8]),
) -> Result<(), String> {
    copy(template, folder)?;
    let file = folder.join("app.toml");
    let traced = format!("trace={}", fault.call);
    let injected = format!("inject={}:{}:when={}", fault.call, fault.how, fault.nth);
    let output = strace_run(
        cli,
        subject,
        folder,
        &["-f", "-e", &traced, "-e", &injected, "-o", "/dev/null"],
        None,
    )?;
    let is_done = subject.is_done(&file, (old, new));
    let is_done = is_done.map_err(|error| format!("{error}: {}", said(&output)))?;
    truthful(subject, &output, is_done, fault)?;
    again(cli, subject, &file, (old, new))
        .and_then(|()| afterwards(cli, subject, &file, is_done))
        .map_err(|error| format!("{error} (the command said: {})", said(&output)))
}

/// The exit code and the message agree with what is on the disk.
fn truthful(
    subject: &Subject,
    output: &Output,
    is_done: bool,
    fault: &Fault,
) -> Result<(), String> {
    if fault.how == "signal=KILL"
        && (output.status.signal().is_some() || output.status.code() == Some(137))
    {
        return Ok(());
    }
    let code = output.status.code();
    let success = code == Some(DONE) || code == Some(NOT_DURABLE);
    // Copies go one after the other, and then their folder is synced: a failed purge may have removed all of them.
    let may_be = subject.purges && !success;
    if success != is_done && !may_be {
        let done = if is_done { "done" } else { "not done" };
        return Err(format!("exit {code:?}, but it is {done}: {}", said(output)));
    }
    if code != Some(DONE) && output.stderr.is_empty() {
        return Err(format!("exit {code:?} without a word"));
    }
    if String::from_utf8_lossy(&output.stderr).contains("panicked") {
        return Err(format!("panic: {}", said(output)));
    }
    Ok(())
}

/// Given once more, a purge leaves nothing of what it was to remove, and a migration comes out right whatever the first attempt left, and nothing that it set aside was lost.
fn again(
    cli: &Cli,
    subject: &Subject,
    file: &Path,
    (old, new): (&[u8], &[u8]),
) -> Result<(), String> {
    if subject.purges {
        // Where the first one was recorded, it is finished before this one looks, and there is nothing of that number.
        let output = cli.run(subject.command, file)?;
        return match subject.is_done(file, (old, new))? {
            true if [Some(DONE), Some(NO)].contains(&output.status.code()) => Ok(()),
            true => Err(format!("given again: {}", said(&output))),
            false => Err(format!(
                "persist {}, given again, leaves it",
                subject.command
            )),
        };
    }
    let Some(back) = subject.back else {
        return Ok(());
    };
    for (words, wanted) in [(subject.command, new), (back, old), (subject.command, new)] {
        cli.must(words, file)?;
        let live = fs::read(file).map_err(|error| error.to_string())?;
        if live != wanted {
            let live = String::from_utf8_lossy(&live);
            return Err(format!("persist {words}, given again, gives {live}"));
        }
    }
    Ok(())
}

/// Undisturbed again: a damaged file is healed, the next save works, nothing lies about.
fn afterwards(cli: &Cli, subject: &Subject, file: &Path, is_new: bool) -> Result<(), String> {
    if subject.damage && !is_new {
        let read = cli.run("get FILE width", file)?;
        if read.status.code() != Some(DAMAGED) {
            return Err(format!("the damage is no longer seen: {}", said(&read)));
        }
        cli.must("recover FILE", file)?;
    }
    cli.healthy(file)
}

fn strace_run(
    cli: &Cli,
    subject: &Subject,
    folder: &Path,
    options: &[&str],
    trace: Option<&Path>,
) -> Result<Output, String> {
    let mut strace = Command::new("strace");
    strace.args(options).args(trace).arg(&cli.program);
    fill(&mut strace, subject.command, &folder.join("app.toml"));
    strace.output().map_err(|error| format!("strace: {error}"))
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    format!("{}: {}", output.status, text.trim().replace('\n', " / "))
}

/// In memory, so that syncs cost nothing.
fn tempdir(name: &str) -> Result<PathBuf, String> {
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() {
        shm.to_owned()
    } else {
        std::env::temp_dir()
    };
    let folder = base.join(format!(
        "persist-sweep-{}-{}",
        std::process::id(),
        name.replace(' ', "-")
    ));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    if to.exists() {
        fs::remove_dir_all(to).map_err(|error| error.to_string())?;
    }
    let mut cp = Command::new("cp");
    let status = cp
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cp: {status}"))
    }
}
