//! What a change would do, and content that is in no file.

use std::io::Read as _;
use std::path::Path;

use persist_core::{ConfigFile, Document, Format, Preview};

use super::open::{Versions, is_input, named, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BOLD, DIM, GOOD, Out, WARN, paint};
use crate::show;

/// What standard input is called in messages.
const INPUT: &str = "standard input";

/// The document that a command is to read, with what the arguments say about it: a file's, or standard input's.
pub(super) fn read(
    args: &Args,
    out: &mut Out,
    path: &Path,
) -> Result<(ConfigFile, Document), Failure> {
    if is_input(path) {
        return input(args, None);
    }
    let file = open(args, out, path, Versions::IfItApplies)?;
    let document = file.document()?;
    Ok((file, document))
}

/// What is on standard input, in the format that the arguments say; without a word of theirs a map in JSON is one, and all else is in `like`'s.
pub(super) fn input(args: &Args, like: Option<Format>) -> Result<(ConfigFile, Document), Failure> {
    let mut options = named(args)?;
    let mut bytes = Vec::new();
    let most = options.limits.bytes as u64 + 1;
    let read = std::io::stdin().take(most).read_to_end(&mut bytes);
    read.map_err(|e| Failure::new(Exit::Failed, format!("could not read {INPUT}: {e}")))?;
    let format = args.format.or_else(|| certain(&bytes)).or(like);
    options.format = Some(format.ok_or_else(|| {
        let message = format!("the format of {INPUT} is not known");
        Failure::usage(message).with_hint("name it with --format")
    })?);
    // Nothing is ever looked for under that name.
    let file = ConfigFile::open(INPUT, options)?;
    let document = file.document_of(&bytes)?;
    Ok((file, document))
}

/// A map in JSON is the same in YAML, and nothing in TOML.
fn certain(bytes: &[u8]) -> Option<Format> {
    let is_map = bytes.trim_ascii_start().starts_with(b"{");
    let is_json = is_map && Document::parse(bytes, Format::Json).is_ok();
    is_json.then_some(Format::Json)
}

/// Content that was to be changed, for standard output: byte for byte, with what there is to be told beside it.
pub(super) fn print(out: &mut Out, preview: &Preview) -> Outcome {
    let text = String::from_utf8_lossy(preview.bytes());
    out.json(&json::Piped {
        text: &text,
        changes: &preview.changes,
        notices: &preview.notices,
    })?;
    out.content(&text)?;
    for notice in &preview.notices {
        out.aside(&notice.to_string())?;
    }
    Ok(Exit::Done)
}

/// What a change would do.
pub(super) fn show(out: &mut Out, preview: &Preview) -> Outcome {
    let outcome = match preview.changes_content() {
        true => json::WouldBe::WouldSave,
        false => json::WouldBe::Unchanged,
    };
    out.json(&json::WouldDo { outcome, preview })?;
    let file = paint(BOLD, preview.file.display());
    if !preview.changes_content() {
        out.line(format!("{} {file}", paint(DIM, "unchanged")))?;
        return Ok(Exit::Done);
    }
    let kind = paint(DIM, format!("({})", preview.kind));
    out.line(format!("{} {file} {kind}", paint(GOOD, "would save")))?;
    for note in &preview.changes {
        out.line(format!("  {}", show::note(note)))?;
    }
    if preview.changes.is_empty() {
        out.line(paint(DIM, format!("  {}", preview.without_changes())))?;
    }
    if let Some(from) = &preview.from {
        out.line(format!("  {} {from}", paint(DIM, "from    ")))?;
    }
    if let Some(version) = &preview.version {
        out.line(format!("  {} {version}", paint(DIM, "version ")))?;
    }
    for notice in &preview.notices {
        out.line(format!("  {} {notice}", paint(WARN, "note    ")))?;
    }
    out.line(paint(DIM, "nothing was touched"))?;
    Ok(Exit::Done)
}
