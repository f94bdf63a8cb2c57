//! From the system calls of a real program to a log of disk operations.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::disk::{Data, Disk, Ino, Log, Op, ROOT, apply};

/// Records the operations of several commands, one after the other, on one folder.
pub(crate) struct Recorder {
    folder: PathBuf,
    log: Log,
    live: Disk,
    /// Open files of the running command.
    open: BTreeMap<i32, Open>,
    commands: usize,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    ino: Ino,
    at: usize,
    append: bool,
}

impl Recorder {
    /// What is in `folder` now counts as synced.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut recorder = Self {
            folder: folder.to_owned(),
            log: Log::default(),
            live: Disk::default(),
            open: BTreeMap::new(),
            commands: 0,
        };
        recorder.load(folder, ROOT, "");
        recorder.log.base = recorder.live.clone();
        recorder
    }

    /// Runs a command to its end and takes up what it did. It acknowledges with its first byte on standard output.
    pub(crate) fn run(&mut self, command: &Command) -> Result<Output, String> {
        let trace = self.folder.with_extension("strace");
        let mut strace = Command::new("strace");
        strace
            .args([
                "-f",
                "-y",
                "-xx",
                "-s",
                "16777216",
                "-e",
                "trace=%file,%desc,sync",
                "-o",
            ])
            .arg(&trace);
        strace.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            strace.env(key, value.unwrap_or_default());
        }
        let output = strace
            .output()
            .map_err(|error| format!("strace: {error}"))?;
        let text =
            fs::read_to_string(&trace).map_err(|error| format!("{}: {error}", trace.display()))?;
        self.log.ops.push(Op::Start(self.commands));
        let acknowledged = self.log.ops.len();
        self.open.clear();
        for call in calls(&text) {
            self.take(&call)?;
        }
        if !self.log.ops[acknowledged..].contains(&Op::Acknowledge(self.commands)) {
            return Err(format!(
                "no acknowledgement: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        self.commands += 1;
        self.agree()?;
        Ok(output)
    }

    pub(crate) fn finish(self) -> Log {
        self.log
    }

    /// The bytes of a file as the program sees them.
    pub(crate) fn content(&self, path: &str) -> Option<Vec<u8>> {
        let ino = self.lookup(&self.folder.join(path))?;
        self.live.files.get(&ino).cloned()
    }

    fn load(&mut self, folder: &Path, dir: Ino, prefix: &str) {
        self.live.folders.entry(dir).or_default();
        self.log.base.folders.entry(dir).or_default();
        let mut entries: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ino = self.new_inode(&format!("{prefix}{name}"));
            self.live.set_entries(&vec![(dir, name.clone(), Some(ino))]);
            if entry.path().is_dir() {
                self.load(&entry.path(), ino, &format!("{prefix}{name}/"));
            } else {
                self.live
                    .files
                    .insert(ino, fs::read(entry.path()).unwrap_or_default());
            }
        }
    }

    fn new_inode(&mut self, name: &str) -> Ino {
        let ino = self.log.names.len() + 1;
        self.log.names.insert(ino, name.to_owned());
        ino
    }

    /// A call that was missed would make every state wrong, so the model must end where the file system did.
    fn agree(&self) -> Result<(), String> {
        let mut real = Self::new(&self.folder);
        let tree = |disk: &Disk| {
            let folder = |ino| disk.folders.contains_key(&ino);
            let entries = disk.tree(&folder).into_iter();
            entries
                .map(|(path, ino, _)| (path, disk.files.get(&ino).cloned()))
                .collect::<BTreeMap<_, _>>()
        };
        let (model, real) = (tree(&self.live), tree(&std::mem::take(&mut real.live)));
        for path in model.keys().chain(real.keys()) {
            if model.get(path) != real.get(path) {
                return Err(format!("the model and the file system differ in {path}"));
            }
        }
        Ok(())
    }

    fn push(&mut self, op: Op) {
        match &op {
            Op::Data(ino, data) => apply(self.live.files.entry(*ino).or_default(), data),
            Op::Entries(entries) => self.live.set_entries(entries),
            Op::Sync(_) | Op::Start(_) | Op::Acknowledge(_) => {}
        }
        self.log.ops.push(op);
    }

    fn take(&mut self, call: &Call) -> Result<(), String> {
        let Some(result) = call.result else {
            return Ok(());
        };
        let args = &call.args;
        match call.name.as_str() {
            "open" | "creat" | "openat" => self.opened(call, result),
            "close" => drop(self.open.remove(&args[0].number())),
            "dup" | "dup2" | "dup3" | "fcntl" => {
                let duplicates = call.name != "fcntl" || args[1].text.starts_with("F_DUPFD");
                if let (true, Some(open), Ok(to)) =
                    (duplicates, self.file(&args[0]), i32::try_from(result))
                {
                    self.open.insert(to, open);
                }
            }
            "read" | "readv" => self.advance(&args[0], result),
            "lseek" => self.seek(&args[0], result),
            "write" if args[0].number() == 1 => self.acknowledge(),
            "write" => self.write(&args[0], None, &args[1].bytes, result),
            "pwrite64" => self.write(&args[0], Some(args[3].number()), &args[1].bytes, result),
            "writev" if args[0].number() == 1 => self.acknowledge(),
            "writev" => self.write(&args[0], None, &args[1].bytes, result),
            "ftruncate" => self.truncate(&args[0], args[1].number()),
            "fallocate" if self.file(&args[0]).is_some() => {
                return Err("fallocate is not modelled".to_owned());
            }
            "copy_file_range" => self.copy(call, result),
            "ioctl" if args[1].text.contains("FICLONE") => self.clone_file(call),
            "fsync" | "fdatasync" | "sync_file_range" if call.name != "sync_file_range" => {
                self.sync(&args[0]);
            }
            "mkdir" | "mkdirat" => self.mkdir(call),
            "unlink" | "unlinkat" | "rmdir" => self.unlink(call),
            "rename" | "renameat" | "renameat2" => self.rename(call),
            "link" | "linkat" => self.link(call),
            "symlink" | "symlinkat" | "truncate" | "syncfs" | "sync" if self.concerns(call) => {
                return Err(format!("{} is not modelled", call.name));
            }
            _ => {}
        }
        Ok(())
    }

    fn concerns(&self, call: &Call) -> bool {
        call.paths()
            .iter()
            .any(|path| path.starts_with(&self.folder))
            || call.name.starts_with("sync")
    }

    fn file(&self, fd: &Arg) -> Option<Open> {
        self.open.get(&fd.number()).copied()
    }

    fn opened(&mut self, call: &Call, result: i64) {
        let flags = &call.args[if call.name == "openat" { 2 } else { 1 }].text;
        let path = call.paths().remove(0);
        if !path.starts_with(&self.folder) || flags.contains("O_PATH") {
            return;
        }
        let known = self.lookup(&path);
        let ino = match known {
            Some(ino) => ino,
            None => {
                let ino = self.new_inode(&self.relative(&path));
                self.live.files.insert(ino, Vec::new());
                if !flags.contains("O_TMPFILE") {
                    self.set(&[(&path, Some(ino))]);
                }
                ino
            }
        };
        if known.is_some() && flags.contains("O_TRUNC") {
            self.push(Op::Data(ino, Data::Truncate { len: 0 }));
        }
        let open = Open {
            ino,
            at: 0,
            append: flags.contains("O_APPEND"),
        };
        self.open.insert(i32::try_from(result).unwrap_or(-1), open);
    }

    fn advance(&mut self, fd: &Arg, by: i64) {
        if let Some(open) = self.open.get_mut(&fd.number()) {
            open.at += usize::try_from(by).unwrap_or(0);
        }
    }

    fn seek(&mut self, fd: &Arg, to: i64) {
        if let Some(open) = self.open.get_mut(&fd.number()) {
            open.at = usize::try_from(to).unwrap_or(0);
        }
    }

    fn acknowledge(&mut self) {
        let op = Op::Acknowledge(self.commands);
        if !self.log.ops.contains(&op) {
            self.log.ops.push(op);
        }
    }

    fn write(&mut self, fd: &Arg, at: Option<i32>, bytes: &[u8], result: i64) {
        let Some(open) = self.file(fd) else { return };
        let written = usize::try_from(result).unwrap_or(0).min(bytes.len());
        let end = self.live.files.get(&open.ino).map_or(0, Vec::len);
        let offset = match at {
            Some(at) => usize::try_from(at).unwrap_or(0),
            None if open.append => end,
            None => open.at,
        };
        let bytes = bytes[..written].into();
        self.push(Op::Data(open.ino, Data::Write { at: offset, bytes }));
        if at.is_none() {
            self.seek(fd, i64::try_from(offset + written).unwrap_or(0));
        }
    }

    fn truncate(&mut self, fd: &Arg, len: i32) {
        if let Some(open) = self.file(fd) {
            self.push(Op::Data(
                open.ino,
                Data::Truncate {
                    len: usize::try_from(len).unwrap_or(0),
                },
            ));
        }
    }

    fn copy(&mut self, call: &Call, result: i64) {
        let (Some(from), Some(to)) = (self.file(&call.args[0]), self.file(&call.args[2])) else {
            return;
        };
        let count = usize::try_from(result).unwrap_or(0);
        let source = self.live.files.get(&from.ino).cloned().unwrap_or_default();
        let bytes = source[from.at..from.at + count].into();
        self.push(Op::Data(to.ino, Data::Write { at: to.at, bytes }));
        self.advance(&call.args[0], result);
        self.advance(&call.args[2], result);
    }

    fn clone_file(&mut self, call: &Call) {
        let (Some(to), Some(from)) = (self.file(&call.args[0]), self.file(&call.args[2])) else {
            return;
        };
        let bytes = self
            .live
            .files
            .get(&from.ino)
            .cloned()
            .unwrap_or_default()
            .into();
        self.push(Op::Data(to.ino, Data::Write { at: 0, bytes }));
    }

    fn sync(&mut self, fd: &Arg) {
        if let Some(open) = self.file(fd) {
            self.push(Op::Sync(open.ino));
        }
    }

    fn mkdir(&mut self, call: &Call) {
        let path = call.paths().remove(0);
        if path.starts_with(&self.folder) {
            let ino = self.new_inode(&self.relative(&path));
            self.live.folders.insert(ino, BTreeMap::new());
            self.log.base.folders.insert(ino, BTreeMap::new());
            self.set(&[(&path, Some(ino))]);
        }
    }

    fn unlink(&mut self, call: &Call) {
        let path = call.paths().remove(0);
        if self.lookup(&path).is_some() {
            self.set(&[(&path, None)]);
        }
    }

    fn rename(&mut self, call: &Call) {
        let paths = call.paths();
        let (from, to) = (&paths[0], &paths[1]);
        let Some(ino) = self.lookup(from) else { return };
        let exchange = call
            .args
            .last()
            .is_some_and(|flags| flags.text.contains("RENAME_EXCHANGE"));
        let other = self.lookup(to).filter(|_| exchange);
        self.set(&[(from, other), (to, Some(ino))]);
    }

    fn link(&mut self, call: &Call) {
        let paths = call.paths();
        let by_fd = paths[0]
            .to_string_lossy()
            .strip_prefix("/proc/self/fd/")
            .and_then(|fd| fd.parse::<i32>().ok());
        let ino = match by_fd {
            Some(fd) => self.open.get(&fd).map(|open| open.ino),
            None => self.lookup(&paths[0]),
        };
        if let Some(ino) = ino {
            self.set(&[(&paths[1], Some(ino))]);
        }
    }

    fn set(&mut self, slots: &[(&PathBuf, Option<Ino>)]) {
        let entries = slots.iter().filter_map(|(path, ino)| {
            let dir = self.lookup(path.parent()?)?;
            Some((dir, path.file_name()?.to_string_lossy().into_owned(), *ino))
        });
        let entries = entries.collect();
        self.push(Op::Entries(entries));
    }

    fn lookup(&self, path: &Path) -> Option<Ino> {
        let mut ino = ROOT;
        for part in path.strip_prefix(&self.folder).ok()?.components() {
            let name = part.as_os_str().to_string_lossy();
            ino = *self.live.folders.get(&ino)?.get(name.as_ref())?;
        }
        Some(ino)
    }

    fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// One finished system call.
struct Call {
    name: String,
    args: Vec<Arg>,
    /// `None` for a failed one.
    result: Option<i64>,
}

/// `3</path>`, `"\x61"`, `O_RDONLY|O_CREAT`, `17`.
#[derive(Clone, Debug, Default)]
struct Arg {
    text: String,
    /// What strings in it stand for, one after the other.
    bytes: Vec<u8>,
    /// The path of a file descriptor.
    path: Option<PathBuf>,
}

impl Arg {
    fn parse(text: &str) -> Self {
        let strings = text.split('"').skip(1).step_by(2);
        let path = text
            .split_once('<')
            .and_then(|(_, rest)| rest.split_once('>'));
        Self {
            text: text.split('<').next().unwrap_or_default().to_owned(),
            bytes: strings.flat_map(unescape).collect(),
            path: path.map(|(path, _)| {
                PathBuf::from(String::from_utf8_lossy(&unescape(path)).into_owned())
            }),
        }
    }

    fn number(&self) -> i32 {
        self.text.parse().unwrap_or(-1)
    }

    fn is_string(&self) -> bool {
        self.text.starts_with('"')
    }
}

impl Call {
    /// Its path arguments, each resolved against the folder that comes before it, if any.
    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for (index, arg) in self.args.iter().enumerate() {
            if arg.is_string() {
                let path = PathBuf::from(String::from_utf8_lossy(&arg.bytes).into_owned());
                let base = index
                    .checked_sub(1)
                    .and_then(|before| self.args[before].path.clone());
                let joined = base.map_or_else(|| path.clone(), |base| base.join(&path));
                paths.push(joined.components().collect());
            }
        }
        paths
    }
}

/// The calls in the order in which they ended.
fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: BTreeMap<String, String> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((pid, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(start) = rest.strip_suffix("<unfinished ...>") {
            unfinished.insert(pid.to_owned(), start.trim_end().to_owned());
        } else if let Some(end) = rest
            .strip_prefix("<... ")
            .and_then(|rest| rest.split_once("resumed>"))
        {
            let start = unfinished.remove(pid).unwrap_or_default();
            calls.extend(parse(&format!("{start}{}", end.1)));
        } else {
            calls.extend(parse(rest));
        }
    }
    calls
}

fn parse(line: &str) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (args, result) = rest.rsplit_once(" = ")?;
    let args = args.trim_end().strip_suffix(')')?;
    let number: String = result.chars().take_while(char::is_ascii_digit).collect();
    Some(Call {
        name: name.to_owned(),
        args: split(args).into_iter().map(Arg::parse).collect(),
        result: number.parse().ok(),
    })
}

/// At the commas that are in no bracket; strings are hexadecimal, so they contain none.
fn split(args: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0_i32, 0, Vec::new());
    for (index, c) in args.char_indices() {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(args[from..index].trim());
                from = index + 1;
            }
            _ => {}
        }
    }
    parts.push(args[from..].trim());
    parts
}

fn unescape(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .filter_map(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok())
        .collect()
}
