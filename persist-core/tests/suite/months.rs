//! Some months of a file's life, the second half of it bad: what people come back for is still there, and is put back byte for byte.
//!
//! `PERSIST_CASES=10000` makes so many saves; few by default, over as many months.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use persist_core::{Condition, ConfigFile, digest};
use tempfile::TempDir;

use crate::support::{Checkpoint, by_hand, chain, folder, live, open_with};

thread_local! {
    static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::UNIX_EPOCH) };
}

fn now() -> Timestamp {
    NOW.get()
}

/// Bursts of saves within minutes, pauses of hours, some of days: ten thousand take some months, and so do fewer.
fn wait(random: &mut u64, saves: u64) {
    let mut below = |most: u64| {
        // Marsaglia's xorshift
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        *random % most
    };
    let seconds = match below(200) {
        0..150 => 1 + below(120),
        150..198 => below(4 * 3600) * (10_000 / saves).max(1),
        _ => below(4 * 86_400) * (2_000 / saves).max(1),
    };
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).expect("few"));
    NOW.set(NOW.get() + seconds);
}

/// What was live, since when: by the test's own books.
struct Life {
    dir: TempDir,
    file: ConfigFile,
    /// Good contents that were saved, in order.
    good: Vec<(Timestamp, Vec<u8>)>,
    last_of_version: BTreeMap<String, Vec<u8>>,
}

/// What the second half is.
#[derive(Clone, Copy, PartialEq)]
enum Second {
    Unparsable,
    Wrong,
}

impl Life {
    fn of(saves: u64, second: Second) -> Life {
        NOW.set("2026-01-05T08:00:00Z".parse().expect("a time"));
        let dir = folder();
        let path = dir.path().join("app.toml");
        fs::write(
            &path,
            "schema_version = \"1.0.0\" # where it stands\nn = 0\n",
        )
        .expect("written");
        let file = open_with(&path, |o| o.clock = now);
        let mut life = Life {
            dir,
            file,
            good: Vec::new(),
            last_of_version: BTreeMap::new(),
        };
        let mut random = 1 + second as u64;
        for n in 1..=saves / 2 {
            wait(&mut random, saves);
            life.save(n, &format!("1.{}.0", n * 8 / saves), "right");
        }
        match second {
            Second::Wrong => {
                for n in saves / 2 + 1..=saves {
                    wait(&mut random, saves);
                    life.save(n, &format!("1.{}.0", n * 8 / saves), "wrong");
                }
            }
            Second::Unparsable => life.breaks(saves / 4, &mut random, saves),
        }
        life
    }

    fn save(&mut self, n: u64, version: &str, how: &str) {
        let padding = "x".repeat(usize::try_from(n * 7919 % 3000).expect("small"));
        let saved = self.file.edit(None, |document| {
            drop(document.set(&"schema_version".parse()?, version)?);
            drop(document.set(&"n".parse()?, i64::try_from(n).unwrap_or(0))?);
            drop(document.set(&"how".parse()?, how)?);
            Ok(document
                .set(&"padding".parse()?, padding.as_str())?
                .warnings)
        });
        drop(saved.expect("a save"));
        let bytes = live(&self.file);
        self.last_of_version
            .insert(version.to_owned(), bytes.clone());
        self.good.push((now(), bytes));
    }

    /// Somebody breaks it, and puts back what was broken before: two contents a round that never were good.
    fn breaks(&mut self, rounds: u64, random: &mut u64, saves: u64) {
        let broken = |n: u64| format!("n = [ {n}\n");
        for n in 0..rounds {
            wait(random, saves);
            by_hand(self.file.path(), broken(n));
            let back = match n {
                0 => "latest".to_owned(),
                _ => digest(broken(n - 1).as_bytes()).to_string(),
            };
            drop(self.file.restore_even_unparsable(&back).expect("put back"));
            if n == 0 {
                // The latest was the last good one, which is live again, on another day perhaps.
                self.good.push((now(), live(&self.file)));
            }
        }
        assert_eq!(live(&self.file), broken(rounds - 2).as_bytes());
    }

    /// What the file was like at the end of each day at whose end another content was live than the day before.
    fn ends_of_days(&self) -> BTreeMap<Date, &[u8]> {
        let day = |time: &Timestamp| Offset::UTC.to_datetime(*time).date();
        let days = self
            .good
            .iter()
            .map(|(time, bytes)| (day(time), &bytes[..]));
        days.collect()
    }

    /// Puts it back, and takes that back again.
    fn comes_back(&self, what: &str, bytes: &[u8]) {
        let before = live(&self.file);
        if before == bytes {
            return;
        }
        let undone = Checkpoint::of(self.dir.path());
        let copies = self.file.backups().list().expect("backups");
        let mut copies = copies.iter();
        let copy = copies.find(|copy| copy.id.digest() == digest(bytes));
        let copy = copy.unwrap_or_else(|| panic!("{what} is gone"));
        let restored = self.file.restore(copy.id);
        drop(restored.unwrap_or_else(|error| panic!("{what}: {}", chain(&error))));
        assert_eq!(live(&self.file), bytes, "{what}");
        undone.reset();
    }
}

/// How many saves: `PERSIST_CASES`, or so many. Of fewer than 400 the good half does not last for a month of days.
fn saves() -> u64 {
    let told = std::env::var("PERSIST_CASES").ok();
    let told = told.and_then(|n| n.parse().ok()).filter(|n| *n >= 400);
    told.unwrap_or(if cfg!(windows) { 400 } else { 600 })
}

#[test]
fn after_months_that_end_unparsable_each_point_in_time_is_put_back() {
    is_put_back(Second::Unparsable);
}

#[test]
fn after_months_that_end_wrong_each_point_in_time_is_put_back() {
    is_put_back(Second::Wrong);
}

#[expect(clippy::print_stdout, reason = "a run at full size says what it saw")]
fn is_put_back(second: Second) {
    let life = Life::of(saves(), second);
    assert_eq!(
        life.file
            .verify()
            .expect("as the test set it up")
            .problems()
            .len(),
        usize::from(second == Second::Unparsable)
    );
    assert_eq!(
        life.file.info().expect("as the test set it up").condition,
        Ok(Condition::Clean)
    );
    let days = life.ends_of_days();
    assert!(days.len() > 30, "months, not {} days", days.len());
    let (_, last_good) = life.good.last().expect("a good one");
    life.comes_back("the last good content", last_good);
    for (day, bytes) in days.iter().rev().skip(1).take(29) {
        life.comes_back(&format!("as at the end of {day}"), bytes);
    }
    for (version, bytes) in &life.last_of_version {
        life.comes_back(&format!("the last of version {version}"), bytes);
    }
    let copies = life
        .file
        .backups()
        .list()
        .expect("as the test set it up")
        .len();
    println!(
        "{} good contents, {} days, {copies} copies",
        life.good.len(),
        days.len()
    );
    assert!(copies < 250, "{copies}");
}
