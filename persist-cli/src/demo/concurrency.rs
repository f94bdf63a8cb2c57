//! Writers in threads and in other processes: no update is lost, no reader sees half a file.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use persist_core::{ConfigFile, Document, KeyPath, Value};

use super::files::{Told, open, read, sample, set};
use super::samples;
use super::steps::Steps;
use crate::failure::Failure;

const THREADS: usize = 4;
const ROUNDS: usize = 10;
const CHILDREN: usize = 12;

pub(super) fn run(steps: &mut Steps<'_>, dir: &Path) -> Told {
    threads(steps, dir)?;
    processes(steps, dir)?;
    compare_and_swap(steps, dir)
}

/// Every thread adds one to the same number, while another reads without a lock.
fn threads(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let file = sample(dir, "counter.toml", "# counted by threads\nvisits = 0\n")?;
    let (done, torn) = (AtomicBool::new(false), AtomicUsize::new(0));
    let lost: usize = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                if file.document().is_err() {
                    torn.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let writers: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| count(&file))).collect();
        let failed = writers
            .into_iter()
            .map(|w| w.join().unwrap_or(ROUNDS))
            .sum();
        done.store(true, Ordering::Relaxed);
        failed
    });
    let counted = file.document()?.get(&key("visits")?).cloned();
    let wanted = i64::try_from(THREADS * ROUNDS).map(Value::from).ok();
    let what = format!(
        "{THREADS} threads add one {ROUNDS} times each: the sum is {}",
        THREADS * ROUNDS
    );
    steps.check(lost == 0 && counted == wanted, what)?;
    let whole = torn.into_inner() == 0;
    steps.check(
        whole,
        "a reader without a lock never saw half a file meanwhile",
    )?;
    Ok(())
}

/// Adds one, many times. Returns how many failed.
fn count(file: &ConfigFile) -> usize {
    let add = |document: &mut Document| {
        let path: KeyPath = "visits".parse()?;
        let visits = match document.get(&path) {
            Some(Value::Integer(n)) => n.to_i64().unwrap_or(0),
            _ => 0,
        };
        Ok(document.set(&path, visits + 1)?.warnings)
    };
    (0..ROUNDS)
        .filter(|_| file.edit(None, add).is_err())
        .count()
}

/// Other processes, each running `persist set` on a key of its own, all at once.
fn processes(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let file = sample(dir, "shared.yaml", samples::YAML)?;
    let started: Vec<_> = (0..CHILDREN).map(|n| child(file.path(), n)).collect();
    let saved = started.into_iter().filter_map(Result::ok).map(succeeded);
    let saved = saved.filter(|saved| *saved).count();
    steps.check(
        saved == CHILDREN,
        format!("{CHILDREN} processes run `persist set` at once: all of them save"),
    )?;
    let document = file.document()?;
    let mut present = 0;
    for n in 0..CHILDREN {
        let value = document.get(&key(&format!("workers.worker{n}"))?);
        present += usize::from(value == Some(&Value::from(n as u64)));
    }
    let recorded = file.history()?.len();
    let all = present == CHILDREN && recorded == CHILDREN;
    steps.check(
        all,
        "every change is in the file, and every one in the journal",
    )?;
    let whole = file.verify()?.passed();
    steps.check(
        whole,
        "the journal's chain is whole and every backup is sound",
    )?;
    Ok(())
}

/// This very program, changing `file` as another process.
fn child(file: &Path, n: usize) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .args(["--wait", "60", "--actor", "child", "set"])
        .arg(file)
        .arg(format!("workers.worker{n}={n}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn succeeded(mut child: Child) -> bool {
    child.wait().is_ok_and(|status| status.success())
}

/// Two changes made from the same reading: merged where they can be, refused where they can't.
fn compare_and_swap(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let file = sample(dir, "merged.toml", samples::TOML)?;
    let (mine, theirs) = (file.read()?, open(file.path())?);
    set(&theirs, "theme", "light")?;
    let wanted = changed(mine.document(), "window.width", 1920)?;
    file.commit(&mine, &wanted, None)?;
    let text = read(file.path())?;
    let both = samples::TOML
        .replacen("dark", "light", 1)
        .replacen("1024", "1920", 1);
    steps.check(
        text == both.as_bytes(),
        "saving over another writer's change of a different key keeps both",
    )?;
    let wanted = changed(mine.document(), "theme", "system")?;
    let conflict = file
        .commit(&mine, &wanted, None)
        .err()
        .map(|e| e.to_string());
    let untouched = read(file.path())? == text;
    steps.check(
        conflict.is_some() && untouched,
        "a conflicting change of the same key is refused, and the key is named",
    )?;
    steps.show(&conflict.unwrap_or_default())?;
    Ok(())
}

fn changed(
    document: Option<&Document>,
    path: &str,
    value: impl Into<Value>,
) -> Result<Document, Failure> {
    let mut document = document
        .cloned()
        .ok_or_else(|| Failure::usage("the sample is gone"))?;
    let edited = document.set(&key(path)?, value);
    drop(edited.map_err(|e| Failure::usage(e.to_string()))?); // a number or a string: nothing to warn of
    Ok(document)
}

fn key(text: &str) -> Result<KeyPath, Failure> {
    text.parse()
        .map_err(|e| Failure::usage(format!("{text}: {e}")))
}
