//! Real power cuts: the file system is shut down under a running writer and mounted again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::cli::Cli;
use super::disk::{EXT4, Kind, Mount, Scratch, XFS, on_each};
use super::scope::Scope;
use super::writer::History;
use crate::apt;
use crate::outcome::Outcome;

pub(crate) fn run(cli: &Cli, scope: Scope) -> Outcome {
    if let Err(why) = apt::ensure("xfs_io", "xfsprogs") {
        return Outcome::Skipped(why);
    }
    on_each(&[EXT4, XFS], |kind| cuts(cli, kind, scope.pick(40, 200)))
}

fn cuts(cli: &Cli, kind: Kind, count: u64) -> Result<(), String> {
    let scratch = Scratch::new(&format!("power-{}", kind.name))?;
    let (image, point) = (scratch.0.join("image"), scratch.0.join("mounted"));
    let file = point.join("work/app.toml");
    kind.make(&image)?;
    let mut mount = Mount::new(&image, &point)?;
    std::fs::create_dir(point.join("work")).map_err(|error| error.to_string())?;
    History::begin(&file)?;
    let start = Instant::now();
    (0..3).try_for_each(|probe| {
        cli.must(&format!("set FILE probe={probe}"), &file)
            .map(drop)
    })?;
    let save = start.elapsed() / 3;
    let mut history = History::resume(&file)?;
    let mut saves = 0;
    for round in 0..count {
        // Anywhere in the first five saves.
        let pause = save.mul_f64(random(round) * 5.0);
        let stop = AtomicBool::new(false);
        std::thread::scope(|threads| {
            let writer =
                threads.spawn(|| history.save_until(cli, &file, round * 100_000 + 1, &stop));
            std::thread::sleep(pause);
            let cut = mount.cut();
            stop.store(true, Ordering::Relaxed);
            writer
                .join()
                .map_err(|_| "the writer panicked".to_owned())?;
            cut
        })?;
        saves += history.acknowledged;
        drop(mount);
        mount = Mount::new(&image, &point)?;
        history
            .check(cli, &file, history.acknowledged)
            .map_err(|error| format!("{} cut {round}: {error}", kind.name))?;
        history = History::resume(&file)?;
    }
    println!(
        "power: {:<5} {count} cuts, {saves} acknowledged saves, 0 violations",
        kind.name
    );
    Ok(())
}

/// Between 0 and 1, the same in every run.
fn random(round: u64) -> f64 {
    let bits = (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    f64::from(u32::try_from(bits >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
