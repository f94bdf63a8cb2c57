//! The log of block operations, in the format of the kernel's dm-log-writes.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use super::super::disk::command;

const MAGIC: u64 = 0x6a_7366_7773_6872;
const FLUSH: u64 = 1;
const FUA: u64 = 2;
const DISCARD: u64 = 4;
const SECTOR: u64 = 512;

/// One write, discard or flush; the bytes stay in the log file.
#[derive(Clone, Copy, Debug)]
struct Operation {
    sector: u64,
    sectors: u64,
    flags: u64,
    /// Where its data begins in the log.
    data: u64,
}

pub(crate) struct Log {
    file: File,
    sector_size: u64,
    operations: Vec<Operation>,
}

/// What reached the medium: the first so many operations, without some of those that came after their last flush.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) prefix: usize,
    left_out: Vec<usize>,
}

impl Log {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(failed)?;
        let len = file.metadata().map_err(failed)?.len();
        let number = |at: u64| -> Result<u64, String> {
            let mut bytes = [0; 8];
            file.read_exact_at(&mut bytes, at).map_err(failed)?;
            Ok(u64::from_le_bytes(bytes))
        };
        if number(0)? != MAGIC {
            return Err(format!("{} is no log of writes", path.display()));
        }
        let (count, sector_size) = (number(16)?, number(24)? & 0xffff_ffff);
        let mut operations = Vec::new();
        let mut at = sector_size;
        for _ in 0..count {
            if at + sector_size > len {
                return Err("the log is cut short".to_owned());
            }
            let operation = Operation {
                sector: number(at)?,
                sectors: number(at + 8)?,
                flags: number(at + 16)?,
                data: at + sector_size,
            };
            at += sector_size;
            if operation.flags & DISCARD == 0 {
                at += operation.sectors * sector_size;
            }
            operations.push(operation);
        }
        Ok(Self {
            file,
            sector_size,
            operations,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.operations.len()
    }

    /// How many operations the first `len` bytes of the log hold.
    pub(crate) fn operations_within(&self, len: u64) -> usize {
        self.operations
            .iter()
            .take_while(|operation| operation.data <= len)
            .count()
    }

    /// `count` states from operation `from` on: prefixes spread evenly, prefixes without some of the writes that
    /// were not flushed yet, and then more prefixes. Fewer if the log is so short that there are no more.
    pub(crate) fn states(&self, from: usize, count: usize) -> Vec<State> {
        let span = self.len().saturating_sub(from);
        let prefixes = (count / 2).clamp(1, span.max(1));
        let prefix = |index: usize| from + (index + 1) * span / prefixes;
        let whole = |index| State {
            prefix: prefix(index),
            left_out: Vec::new(),
        };
        let mut states: Vec<_> = (0..prefixes).map(whole).collect();
        for turn in 0..4 * count {
            if states.len() >= count {
                break;
            }
            let state = self.torn(prefix(turn % prefixes), turn as u64);
            if !states.contains(&state) {
                states.push(state);
            }
        }
        // Where little waits for a flush, the prefixes in between.
        for prefix in from + 1..=self.len() {
            let state = State {
                prefix,
                left_out: Vec::new(),
            };
            if states.len() < count && !states.contains(&state) {
                states.push(state);
            }
        }
        states
    }

    /// The medium has forgotten about half of what it may forget.
    fn torn(&self, prefix: usize, seed: u64) -> State {
        let mut bits = (prefix as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
        let mut left_out = self.unflushed(prefix);
        left_out.retain(|_| {
            bits = bits.rotate_left(13).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits >> 63 == 1
        });
        State { prefix, left_out }
    }

    /// Writes that the medium may still forget after so many operations.
    fn unflushed(&self, prefix: usize) -> Vec<usize> {
        let flush = self.operations[..prefix]
            .iter()
            .rposition(|operation| operation.flags & FLUSH != 0);
        let open = flush.map_or(0, |index| index + 1)..prefix;
        open.filter(|index| self.operations[*index].flags & FUA == 0)
            .collect()
    }

    /// Writes the medium's state over a copy of `base`.
    pub(crate) fn lay_out(&self, base: &Path, state: &State, image: &Path) -> Result<(), String> {
        drop(fs::remove_file(image));
        command(
            Command::new("cp")
                .arg("--sparse=always")
                .arg(base)
                .arg(image),
        )?;
        let image = File::options()
            .write(true)
            .open(image)
            .map_err(|error| error.to_string())?;
        for (index, operation) in self.operations[..state.prefix].iter().enumerate() {
            if state.left_out.contains(&index)
                || operation.flags & DISCARD != 0
                || operation.sectors == 0
            {
                continue;
            }
            // Sectors are the log's own size; the kernel's are always 512.
            let scale = self.sector_size.max(SECTOR);
            let mut bytes = vec![
                0;
                usize::try_from(operation.sectors * scale)
                    .map_err(|error| error.to_string())?
            ];
            self.file
                .read_exact_at(&mut bytes, operation.data)
                .map_err(|error| format!("log: {error}"))?;
            image
                .write_all_at(&bytes, operation.sector * scale)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
