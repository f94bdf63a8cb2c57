//! Up to a newer schema version and down again, in every format, with nothing lost on either side.

use std::path::Path;

use persist_core::{ConfigFile, Value, Version};

use super::files::{Told, read, sample, set};
use super::samples;
use super::steps::Steps;
use crate::failure::Failure;

pub(super) fn run(steps: &mut Steps<'_>, dir: &Path) -> Told {
    for (name, text) in samples::FILES {
        let file = sample(dir, name, text)?;
        planned(steps, &file, name, text)?;
        upwards(steps, &file, name)?;
        and_back(steps, &file, name, text)?;
    }
    newer(steps, dir)
}

fn planned(steps: &mut Steps<'_>, file: &ConfigFile, name: &str, text: &str) -> Told {
    let migration = file.plan_migration(&Version::new(1, 2, 0))?;
    let untouched = read(file.path())? == text.as_bytes();
    let good = untouched && !migration.plan.is_empty();
    steps.check(
        good,
        format!("{name}: a plan shows what would happen, and touches nothing"),
    )?;
    steps.show(&migration.plan.to_string())?;
    Ok(())
}

fn upwards(steps: &mut Steps<'_>, file: &ConfigFile, name: &str) -> Told {
    migrate(file, &Version::new(1, 1, 0))?;
    let cached = holds(file, "cache.max_size_mb", 256)?;
    steps.check(
        cached && version(file, "1.1.0")?,
        format!("{name}: 1.0.0 to 1.1.0 adds caching"),
    )?;
    set(file, "cache.max_size_mb", 512)?;
    migrate(file, &Version::new(1, 2, 0))?;
    let secured = holds(file, "security.session_timeout_minutes", 30)?;
    let good = secured && version(file, "1.2.0")?;
    steps.check(good, format!("{name}: 1.1.0 to 1.2.0 adds security"))?;
    set(file, "security.session_timeout_minutes", 5)?;
    Ok(())
}

/// Down, an edit there, and up again: what 1.0.0 has no place for waits in the state folder.
fn and_back(steps: &mut Steps<'_>, file: &ConfigFile, name: &str, text: &str) -> Told {
    migrate(file, &Version::new(1, 0, 0))?;
    let same = read(file.path())? == text.as_bytes();
    steps.check(
        same,
        format!("{name}: back at 1.0.0 it is byte for byte the file it was"),
    )?;
    set(file, "theme", "light")?;
    migrate(file, &Version::new(1, 2, 0))?;
    let kept = holds(file, "cache.max_size_mb", 512)?
        && holds(file, "security.session_timeout_minutes", 5)?
        && holds(file, "theme", "light")?;
    steps.check(
        kept,
        format!(
            "{name}: migrated up again, the values set in 1.2.0, 1.1.0 and 1.0.0 are all there"
        ),
    )?;
    let comments = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'#').count();
    let commented = comments(&read(file.path())?) == comments(text.as_bytes());
    steps.check(commented, format!("{name}: every comment is still there"))?;
    Ok(())
}

/// A file from a newer application is not guessed at.
fn newer(steps: &mut Steps<'_>, dir: &Path) -> Told {
    let text = samples::TOML.replace("1.0.0", "9.0.0");
    let file = sample(dir, "newer.toml", &text)?;
    let refused = file.migrate_to(&Version::new(1, 2, 0)).err();
    let untouched = read(file.path())? == text.as_bytes();
    steps.check(
        refused.is_some() && untouched,
        "a file of a newer version is refused, not guessed at",
    )?;
    steps.show(&refused.map(|e| e.to_string()).unwrap_or_default())?;
    Ok(())
}

fn migrate(file: &ConfigFile, to: &Version) -> Told {
    file.migrate_to(to).map(drop).map_err(Failure::from)
}

fn holds(file: &ConfigFile, key: &str, value: impl Into<Value>) -> Result<bool, Failure> {
    let key = key
        .parse()
        .map_err(|e| Failure::usage(format!("{key}: {e}")))?;
    Ok(file.document()?.get(&key) == Some(&value.into()))
}

fn version(file: &ConfigFile, version: &str) -> Result<bool, Failure> {
    holds(file, "schema_version", version)
}
