//! Judging states in processes of their own: recovery starts with an empty memory there, as after a real cut, and a panic
//! or an abort is one more finding.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::check::{self, Expect, Judge};
use crate::folder::Folder;
use crate::states::Image;

/// The lock files of all states stay open in a process, so it is replaced after so many.
const STATES_PER_PROCESS: usize = 300;

/// What the judge needs to know of a scenario besides the state.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// `promises` or `bytes`.
    pub(crate) judge: &'static str,
    /// The live file's path below the folder.
    pub(crate) live: String,
    pub(crate) contents: Vec<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) what: String,
    pub(crate) image: Image,
}

/// Workers that judge states as they come.
pub(crate) struct Pool {
    states: Option<SyncSender<(Image, Expect)>>,
    threads: Vec<JoinHandle<()>>,
    found: Arc<Mutex<Vec<Violation>>>,
}

impl Pool {
    pub(crate) fn start(setting: &Setting) -> Self {
        let (states, receiver) = sync_channel(64);
        let receiver = Arc::new(Mutex::new(receiver));
        let found = Arc::new(Mutex::new(Vec::new()));
        let count = thread::available_parallelism().map_or(2, usize::from);
        let threads = (0..count).map(|_| {
            let (setting, receiver, found) =
                (setting.clone(), Arc::clone(&receiver), Arc::clone(&found));
            thread::spawn(move || judge_all(&setting, &receiver, &found))
        });
        Self {
            states: Some(states),
            threads: threads.collect(),
            found,
        }
    }

    /// Hands a state over; says whether so few violations were found that going on is worth it.
    pub(crate) fn judge(&self, image: Image, expect: Expect, enough: usize) -> bool {
        if let Some(states) = &self.states {
            states
                .send((image, expect))
                .expect("the workers live as long as the pool");
        }
        self.found.lock().expect("no worker panics").len() < enough
    }

    pub(crate) fn finish(mut self) -> Vec<Violation> {
        drop(self.states.take());
        for thread in self.threads.drain(..) {
            thread.join().expect("a worker thread does not panic");
        }
        std::mem::take(&mut *self.found.lock().expect("no worker panics"))
    }
}

fn judge_all(
    setting: &Setting,
    states: &Mutex<Receiver<(Image, Expect)>>,
    found: &Mutex<Vec<Violation>>,
) {
    let mut process = None;
    loop {
        let next = states.lock().expect("no worker panics").recv();
        let Ok((image, expect)) = next else { break };
        let worker = process.get_or_insert_with(|| Process::start(setting));
        let verdict = worker
            .judge(&image, &expect)
            .unwrap_or_else(|error| format!("the process died: {error}"));
        let died = verdict.starts_with("the process died");
        if !verdict.is_empty() {
            found.lock().expect("no worker panics").push(Violation {
                what: verdict,
                image,
            });
        }
        if died || worker.judged >= STATES_PER_PROCESS {
            process = None;
        }
    }
}

struct Process {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    judged: usize,
    /// The contents that it knows.
    sent: HashSet<u64>,
    folder: PathBuf,
}

impl Process {
    fn start(setting: &Setting) -> Self {
        let program = std::env::current_exe().expect("our own path");
        let mut command = Command::new(program);
        command
            .args(["--worker", setting.judge, &setting.live])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("a worker process");
        let (to, from) = (child.stdin.take(), child.stdout.take().expect("piped"));
        let folder = folder_of(child.id());
        let mut process = Self {
            child,
            to,
            from: BufReader::new(from),
            judged: 0,
            sent: HashSet::new(),
            folder,
        };
        let to = process.to.as_mut().expect("piped");
        let mut message = Vec::new();
        put_number(&mut message, setting.contents.len());
        setting
            .contents
            .iter()
            .for_each(|content| put(&mut message, content));
        to.write_all(&message).expect("the worker listens");
        process
    }

    fn judge(&mut self, image: &Image, expect: &Expect) -> io::Result<String> {
        self.judged += 1;
        let to = self.to.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        to.write_all(&message(image, expect, &mut self.sent))?;
        to.flush()?;
        let mut line = String::new();
        if self.from.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.to.take());
        // The outcome was in the answers; one that died has left its folder.
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn folder_of(process: u32) -> PathBuf {
    in_memory().join(format!("persist-crash-{process}"))
}

/// Where a sync costs nothing.
pub(crate) fn in_memory() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        shm.to_owned()
    } else {
        std::env::temp_dir()
    }
}

/// A content goes to a process once; later its hash stands for it.
fn message(image: &Image, expect: &Expect, sent: &mut HashSet<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut new, mut nodes) = (Vec::new(), Vec::new());
    for (path, content) in &image.nodes {
        let hash = content.as_ref().map(|(_, hash)| *hash);
        nodes.push((path, hash));
        new.extend(content.iter().filter(|(_, hash)| sent.insert(*hash)));
    }
    put_number(&mut bytes, new.len());
    for (content, hash) in new {
        bytes.extend(hash.to_le_bytes());
        put(&mut bytes, content);
    }
    put_number(&mut bytes, nodes.len());
    for (path, hash) in nodes {
        put(&mut bytes, path.as_bytes());
        put_number(&mut bytes, usize::from(hash.is_some()));
        bytes.extend(hash.unwrap_or_default().to_le_bytes());
    }
    put_contents(&mut bytes, &expect.raw);
    put_number(&mut bytes, expect.opened.len());
    for (content, backups) in &expect.opened {
        put_contents(&mut bytes, &[*content]);
        put_contents(
            &mut bytes,
            &backups.iter().map(|index| Some(*index)).collect::<Vec<_>>(),
        );
    }
    put_contents(&mut bytes, &[expect.quarantined]);
    put_number(&mut bytes, usize::from(expect.afterwards));
    bytes
}

fn put_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u64).to_le_bytes());
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    put_number(bytes, part.len());
    bytes.extend(part);
}

fn put_contents(bytes: &mut Vec<u8>, contents: &[Option<usize>]) {
    put_number(bytes, contents.len());
    for content in contents {
        put_number(bytes, content.map_or(0, |index| index + 1));
    }
}

/// The worker's side: reads states until the input ends, answers each with a line, empty if all is well.
pub(crate) fn serve(judge: &str, live: &str) -> io::Result<()> {
    let judge: Judge = if judge == "promises" {
        check::promises
    } else {
        check::bytes_only
    };
    let root = folder_of(std::process::id());
    let mut folder = Folder::new(root.clone());
    let mut input = io::stdin().lock();
    let contents: Vec<_> = (0..number(&mut input)?)
        .map(|_| part(&mut input))
        .collect::<Result<_, _>>()?;
    let mut output = io::stdout().lock();
    let mut known: HashMap<u64, Vec<u8>> = HashMap::new();
    while let Ok(new) = number(&mut input) {
        for _ in 0..new {
            known.insert(word(&mut input)?, part(&mut input)?);
        }
        let paths: Vec<_> = (0..number(&mut input)?)
            .map(|_| read_node(&mut input))
            .collect::<Result<_, _>>()?;
        let content = |hash: u64| (known[&hash].as_slice(), hash);
        let nodes: Vec<_> = paths
            .iter()
            .map(|(path, hash)| (path.as_str(), hash.map(content)))
            .collect();
        folder.lay_out(&nodes)?;
        let expect = read_expect(&mut input)?;
        let verdict = judge(&root.join(live), &expect, &contents)
            .err()
            .unwrap_or_default();
        writeln!(output, "{}", verdict.replace('\n', " / "))?;
        output.flush()?;
    }
    fs::remove_dir_all(&root)
}

/// A path and the hash of its content, if it is a file.
fn read_node(input: &mut impl Read) -> io::Result<(String, Option<u64>)> {
    let path = String::from_utf8_lossy(&part(input)?).into_owned();
    let is_file = number(input)? == 1;
    let hash = word(input)?;
    Ok((path, is_file.then_some(hash)))
}

fn read_expect(input: &mut impl Read) -> io::Result<Expect> {
    let raw = read_contents(input)?;
    let mut opened = Vec::new();
    for _ in 0..number(input)? {
        let content = read_contents(input)?.pop().flatten();
        opened.push((
            content,
            read_contents(input)?.into_iter().flatten().collect(),
        ));
    }
    Ok(Expect {
        raw,
        opened,
        quarantined: read_contents(input)?.pop().flatten(),
        afterwards: number(input)? == 1,
    })
}

fn read_contents(input: &mut impl Read) -> io::Result<Vec<Option<usize>>> {
    (0..number(input)?)
        .map(|_| Ok(number(input)?.checked_sub(1)))
        .collect()
}

fn word(input: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn number(input: &mut impl Read) -> io::Result<usize> {
    usize::try_from(word(input)?).map_err(io::Error::other)
}

fn part(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; number(input)?];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
