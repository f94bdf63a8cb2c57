//! `persist migrate to --all`: many files, going on where one fails.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use persist_core::manifest;
use persist_core::{ConfigFile, Outcome as Saved, Receipt, Version};

use super::matching::matching;
use super::migrate::{newest_or, opened};
use crate::args::{Args, Assumed};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BAD, BOLD, DIM, GOOD, Out, paint, visible};

/// Migrates every file that matches; 3 if some of them could not be.
pub(super) fn to(
    args: &Args,
    out: &mut Out,
    version: Option<&Path>,
    globs: &[OsString],
    assumed: &Assumed,
) -> Outcome {
    let version = version.map(parse).transpose()?;
    let (manifests, files): (Vec<PathBuf>, Vec<PathBuf>) = matching(globs)?
        .into_iter()
        .partition(|path| is_manifest(args, path));
    for path in &manifests {
        let path = path.display();
        out.aside(&format!("{path} was skipped: it is a version manifest"))?;
    }
    if files.is_empty() {
        let message = "only manifests match; nothing was touched";
        return Err(Failure::new(Exit::No, message));
    }
    let bar = progress(files.len());
    let mut results = Vec::new();
    for file in files {
        bar.set_message(visible(&file.display().to_string()).into_owned());
        // Opening may tell of a manifest that is not used.
        let opened = bar.suspend(|| opened(args, out, (&file, assumed)));
        let result = opened.and_then(|opened| migrate(&opened, version.as_ref()));
        bar.suspend(|| tell(out, &file, &result))?;
        bar.inc(1);
        results.push((file, result));
    }
    bar.finish_and_clear();
    sum_up(out, &results, &manifests)
}

/// What the patterns may match beside settings: the file that all of this goes by.
fn is_manifest(args: &Args, path: &Path) -> bool {
    let named = |named: &PathBuf| match (named.canonicalize(), path.canonicalize()) {
        (Ok(named), Ok(path)) => named == path,
        _ => named == path,
    };
    let name = path.file_name().unwrap_or_default();
    name == manifest::NAME || args.versions.as_ref().is_some_and(named)
}

fn migrate(file: &ConfigFile, to: Option<&Version>) -> Result<Receipt, Failure> {
    let to = newest_or(file, to)?;
    Ok(file.migrate_to(&to)?)
}

fn parse(version: &Path) -> Result<Version, Failure> {
    let text = version.to_string_lossy();
    text.parse().map_err(|_| {
        let message =
            format!("`{text}` is not a valid version; write `migrate to 1.2.0 --all GLOB`");
        Failure::usage(message)
    })
}

/// Only drawn where standard error is a terminal.
fn progress(files: usize) -> ProgressBar {
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

fn tell(out: &mut Out, file: &Path, result: &Result<Receipt, Failure>) -> std::io::Result<()> {
    let name = paint(BOLD, file.display());
    match result {
        Ok(receipt) if receipt.outcome == Saved::Saved => {
            let version = receipt.version.as_deref().unwrap_or_default();
            let to = paint(DIM, format!("to {version}"));
            out.line(format!("{} {name} {to}", paint(GOOD, "migrated")))
        }
        Ok(_) => out.line(format!("{} {name}", paint(DIM, "unchanged"))),
        Err(failure) => {
            out.line(format!("{} {}", paint(BAD, "failed"), failure.message))?;
            let causes = failure.causes.iter().chain(&failure.hint);
            causes
                .into_iter()
                .try_for_each(|cause| out.line(format!("  {cause}")))
        }
    }
}

fn sum_up(
    out: &mut Out,
    results: &[(PathBuf, Result<Receipt, Failure>)],
    left_out: &[PathBuf],
) -> Outcome {
    let failed = results.iter().filter(|(_, r)| r.is_err()).count();
    let saved = |r: &Receipt| r.outcome == Saved::Saved;
    let migrated = results
        .iter()
        .filter(|(_, r)| r.as_ref().is_ok_and(saved))
        .count();
    let unchanged = results.len() - failed - migrated;
    let files = results.iter().map(|(file, result)| json::OneOfMany {
        file: file.as_path().into(),
        end: match result {
            Ok(receipt) => json::End::Migrated { receipt },
            Err(failure) => json::End::Failed {
                failure: failure.into(),
            },
        },
    });
    out.json(&json::Many {
        migrated,
        unchanged,
        failed,
        files: files.collect(),
        left_out: left_out.iter().map(|path| path.as_path().into()).collect(),
    })?;
    out.line(format!(
        "{migrated} migrated, {unchanged} unchanged, {failed} failed"
    ))?;
    Ok(if failed > 0 {
        Exit::Partial
    } else {
        Exit::Done
    })
}
