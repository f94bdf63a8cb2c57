//! A writer that counts up in a file, and what may be in the file after a cut.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cli::Cli;

/// Every content that was ever saved, and how far it was acknowledged. The content of number n is `contents[n]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) contents: Vec<Vec<u8>>,
    pub(crate) acknowledged: usize,
}

impl History {
    /// A file with number 0 in it.
    pub(crate) fn begin(file: &Path) -> Result<Self, String> {
        let line = |line| format!("key_{line} = \"a value of some length\" # {line}\n");
        let text = format!(
            "n = 0\nprobe = 0\n{}",
            (0..40).map(line).collect::<String>()
        );
        fs::write(file, &text).map_err(|error| error.to_string())?;
        fs::File::open(file)
            .and_then(|file| file.sync_all())
            .map_err(|error| error.to_string())?;
        let folder = file.parent().unwrap_or(file);
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            contents: vec![text.into_bytes()],
            acknowledged: 0,
        })
    }

    /// Begins again from what is in the file.
    pub(crate) fn resume(file: &Path) -> Result<Self, String> {
        let content = fs::read(file).map_err(|error| error.to_string())?;
        Ok(Self {
            contents: vec![content],
            acknowledged: 0,
        })
    }

    /// One more save. The content is known beforehand, because a save changes only the number.
    pub(crate) fn save(&mut self, cli: &Cli, file: &Path, number: u64) -> bool {
        let next = with_number(&self.contents[self.acknowledged], number);
        self.contents.push(next);
        let saved = cli.run(&format!("set FILE n={number}"), file);
        let saved = saved.is_ok_and(|output| output.status.success());
        if saved {
            self.acknowledged += 1;
        }
        saved
    }

    /// Saves until told to stop or until a save fails.
    pub(crate) fn save_until(&mut self, cli: &Cli, file: &Path, first: u64, stop: &AtomicBool) {
        let mut number = first;
        while !stop.load(Ordering::Relaxed) && self.save(cli, file, number) {
            number += 1;
        }
    }

    /// Old or new, before and after recovery; what was acknowledged is there; the version before it comes back by undo; and
    /// `verify` complains of none of it, at no time.
    pub(crate) fn check(&self, cli: &Cli, file: &Path, acknowledged: usize) -> Result<(), String> {
        let before = self.position(file, acknowledged)?;
        cli.must("verify FILE", file)?;
        cli.must("recover FILE", file)?;
        cli.must("verify FILE", file)?;
        let after = self.position(file, acknowledged)?;
        if before != after {
            return Err(format!(
                "recovery went from number {before} to {after}, and nothing was damaged"
            ));
        }
        if after > 0 {
            cli.must("undo FILE", file)?;
            let undone = fs::read(file).map_err(|error| error.to_string())?;
            if undone != self.contents[after - 1] {
                return Err(format!(
                    "undo from {after} does not lead to the content before it"
                ));
            }
        }
        cli.healthy(file)
    }

    fn position(&self, file: &Path, acknowledged: usize) -> Result<usize, String> {
        let live = fs::read(file).map_err(|error| format!("the file is gone: {error}"))?;
        let found = self.contents.iter().rposition(|content| *content == live);
        match found {
            Some(number) if number >= acknowledged => Ok(number),
            Some(number) => Err(format!(
                "number {acknowledged} was acknowledged, {number} is there"
            )),
            None => Err(format!(
                "{} bytes that were never saved, after {acknowledged}",
                live.len()
            )),
        }
    }
}

fn with_number(content: &[u8], number: u64) -> Vec<u8> {
    let text = String::from_utf8_lossy(content);
    let lines = text.lines().map(|line| match line.strip_prefix("n = ") {
        Some(_) => format!("n = {number}\n"),
        None => format!("{line}\n"),
    });
    lines.collect::<String>().into_bytes()
}
