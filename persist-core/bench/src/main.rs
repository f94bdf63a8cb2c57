//! `cargo run --release --manifest-path persist-core/bench/Cargo.toml [FOLDER]`
//!
//! Loads and saves of JSON settings of three sizes, each beside a raw durable replacement (write, fsync, rename, fsync of the folder) of the
//! same bytes in the same run. Prints the best of many rounds and the ratio; the folder says on which disk.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use persist_core::{ConfigFile, Options, Store, Value};
use serde::{Deserialize, Serialize};

type Done = Result<(), Box<dyn std::error::Error>>;

/// Settings with as many entries as it takes.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    width: u64,
    names: std::collections::BTreeMap<String, String>,
}

fn settings(len: usize) -> Settings {
    let name = |n: usize| (format!("key_{n:06}"), "a value of some length".to_owned());
    Settings {
        width: 1,
        names: (0..len / 44).map(name).collect(),
    }
}

fn best(
    rounds: usize,
    mut work: impl FnMut(usize) -> Done,
) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut shortest = Duration::MAX;
    for round in 0..rounds {
        let start = Instant::now();
        work(round)?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}

/// What a careful program does that keeps nothing.
fn raw(path: &Path, bytes: &[u8]) -> Done {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(path.parent().ok_or("a folder")?)?.sync_all()?;
    Ok(())
}

fn main() -> Done {
    let base = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    println!(
        "{:>8} {:10} {:>10} {:>10} {:>7}",
        "size", "what", "ours", "raw", "ratio"
    );
    for (len, rounds) in [(2_000, 60), (100_000, 40), (10_000_000, 4)] {
        let folder = tempfile::tempdir_in(&base)?;
        let path = folder.path().join("app.json");
        let text = serde_json::to_vec_pretty(&settings(len))?;
        fs::write(&path, &text)?;
        let other = folder.path().join("raw.json");
        raw(&other, &text)?;
        let replaced = best(rounds, |_| raw(&other, &text))?;
        let show = |what: &str, ours: Duration| {
            let (a, b) = (ours.as_secs_f64() * 1e3, replaced.as_secs_f64() * 1e3);
            println!(
                "{:>8} {what:10} {a:>7.3} ms {b:>7.3} ms {:>7.2}",
                text.len(),
                a / b
            );
        };
        let file = ConfigFile::open(&path, Options::default())?;
        let set = |width: usize| -> Done {
            file.edit(None, |document| {
                Ok(document
                    .set(&"width".parse()?, Value::from(width as i64))?
                    .warnings)
            })?;
            Ok(())
        };
        for width in 2..15 {
            set(width)?; // as many backups as are kept
        }
        show("edit", best(rounds, |round| set(round + 100))?);
        show("unchanged", best(rounds, |_| set(rounds + 99))?);
        show("load", best(rounds, |_| Ok(drop(file.read()?)))?);
        let store: Store<Settings> = Store::builder(&path).open()?;
        show(
            "update",
            best(rounds, |round| {
                store.update(|settings| settings.width = round as u64 + 1000)?;
                Ok(())
            })?,
        );
        show("typed load", best(rounds, |_| Ok(drop(store.load()?)))?);
    }
    Ok(())
}
