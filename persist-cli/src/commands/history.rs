//! `persist log` and `persist backups`.

use std::path::Path;

use persist_core::backup::Id;
use persist_core::{ConfigFile, Entry, Gap, Purged, changelog};

use super::open::{Versions, open};
use super::status;
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BAD, BOLD, DIM, Out, WARN, counted, paint};
use crate::quote::quoted;
use crate::show;

pub(super) fn log(
    args: &Args,
    out: &mut Out,
    path: &Path,
    number: Option<usize>,
    as_changelog: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let mut entries = match number {
        Some(number) => file.last_changes(number)?,
        None => file.history()?,
    };
    let gone = where_there_is_none(out, &file, entries.is_empty())?;
    let none = entries.is_empty() && number != Some(0);
    if as_changelog && !out.is_json() {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        out.content(&changelog(&name, &entries))?;
        return Ok(gone);
    }
    entries.reverse();
    // Those from before what is shown are not.
    let since = match number {
        Some(number) if entries.len() >= number => entries.last().map_or(u64::MAX, |e| e.seq),
        _ => 0,
    };
    let mut purges = file.purges(number)?;
    purges.retain(|purge| purge.seq > since);
    let mut lines: Vec<Line<'_>> = entries.iter().map(Line::Change).collect();
    lines.extend(purges.iter().map(Line::Purge));
    let gaps = file.gaps(number)?;
    lines.extend(gaps.iter().map(Line::Gap));
    lines.sort_by_key(|line| std::cmp::Reverse(line.place()));
    out.json(&lines.iter().map(Line::told).collect::<Vec<_>>())?;
    if none {
        out.line(paint(DIM, "no changes through persist yet"))?;
    }
    for line in &lines {
        match line {
            Line::Change(entry) => show_entry(out, entry)?,
            Line::Purge(purge) => show_purge(out, purge)?,
            Line::Gap(gap) => show_gap(out, gap)?,
        }
    }
    if since == 0
        && let Some(first) = file.first_record()?
    {
        let gone = format!("records before #{first} were pruned (journal size limit)");
        out.line(paint(DIM, gone))?;
    }
    Ok(gone)
}

/// What the log tells of.
enum Line<'l> {
    Change(&'l Entry),
    Purge(&'l Purged),
    Gap(&'l Gap),
}

impl Line<'_> {
    /// A gap stands after the last record before it.
    fn place(&self) -> (u64, bool) {
        match self {
            Line::Change(entry) => (entry.seq, false),
            Line::Purge(purge) => (purge.seq, false),
            Line::Gap(gap) => (gap.after, true),
        }
    }

    fn told(&self) -> json::Line<'_> {
        match self {
            Line::Change(entry) => json::Line::Change(entry),
            Line::Purge(purge) => json::Line::Purged {
                how: "purged",
                purge,
            },
            Line::Gap(gap) => json::Line::Lost { how: "lost", gap },
        }
    }
}

fn show_gap(out: &mut Out, gap: &Gap) -> std::io::Result<()> {
    let heading = paint(
        BAD,
        format!("records are lost; the last readable one was #{}", gap.after),
    );
    let noted = gap
        .noted
        .map(|seq| paint(DIM, format!("  noted by #{seq}")));
    out.line(format!("{heading}{}", noted.unwrap_or_default()))?;
    match &gap.backups[..] {
        [] => out.line("  no backup is left of what they replaced"),
        backups => out.line(format!(
            "  what they replaced may be {}",
            show::copies(backups)
        )),
    }
}

fn show_purge(out: &mut Out, purge: &Purged) -> std::io::Result<()> {
    let time = purge.time.strftime("%Y-%m-%d %H:%M:%S UTC");
    let actor = purge.actor.name.replace(char::is_control, " ");
    let heading = paint(BOLD, format!("#{} purged", purge.seq));
    out.line(format!(
        "{heading}  {}",
        paint(DIM, format!("{time}, {actor}"))
    ))?;
    for copy in &purge.copies {
        out.line(format!("  {copy}"))?;
    }
    Ok(())
}

fn show_entry(out: &mut Out, entry: &Entry) -> std::io::Result<()> {
    let time = entry.time.strftime("%Y-%m-%d %H:%M:%S UTC");
    let undone = if entry.undone {
        paint(WARN, " (undone)")
    } else {
        String::new()
    };
    let heading = paint(BOLD, format!("#{} {}", entry.seq, entry.how));
    let actor = entry.actor.name.replace(char::is_control, " ");
    let by = paint(DIM, format!("{time}, {actor}"));
    out.line(format!("{heading}{undone}  {by}"))?;
    // Nobody's words may look like an entry of their own.
    for line in entry.reason.iter().flat_map(|reason| reason.lines()) {
        out.line(format!("  {line}"))?;
    }
    if let Some(from) = &entry.from {
        out.line(format!("  {} {from}", paint(DIM, "from")))?;
    }
    for note in &entry.changes {
        out.line(format!("  {}", show::note(note)))?;
    }
    Ok(())
}

pub(super) fn backups(args: &Args, out: &mut Out, path: &Path) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let backups = file.backups();
    let history = file.history()?;
    let replaced_by = |id: Id| {
        let holds = |e: &&Entry| e.backup.is_some_and(|copy| copy.id == id);
        history
            .iter()
            .find(holds)
            .map(|e| format!("before {} #{}", e.how, e.seq))
    };
    let mut rows = Vec::new();
    for snapshot in backups
        .list()
        .map_err(|source| persist_core::Error::Backup {
            file: path.into(),
            source,
        })?
    {
        let verified = backups.verify(&snapshot.id);
        rows.push(json::Backup {
            named: snapshot.id.into(),
            bytes: snapshot.stored_len,
            compressed: snapshot.compressed,
            why: replaced_by(snapshot.id)
                .or_else(|| snapshot.meta.as_ref().map(|m| m.reason.clone())),
            problem: verified.err().map(|e| e.to_string()),
        });
    }
    let gone = where_there_is_none(out, &file, history.is_empty() && rows.is_empty())?;
    out.json(&rows)?;
    if rows.is_empty() {
        out.line(paint(DIM, "no backups yet"))?;
    } else if !out.is_json() {
        out.line(table(&rows))?;
    }
    let damaged = rows.iter().filter(|row| row.problem.is_some()).count();
    if damaged > 0 {
        let verify = format!("persist verify {}", quoted(path));
        let (backups, verb) = (
            counted(damaged, "backup"),
            if damaged == 1 { "is" } else { "are" },
        );
        out.aside(&format!("{backups} {verb} damaged; `{verify}` shows how"))?;
    }
    Ok(gone)
}

/// How `status` ends, if there is no such file. What is left of its history is shown all the same, if not `nothing` is.
pub(super) fn where_there_is_none(
    out: &mut Out,
    file: &ConfigFile,
    nothing: bool,
) -> Result<Exit, Failure> {
    if file.exists()? {
        return Ok(Exit::Done);
    }
    let info = file.info()?;
    if nothing {
        let path = file.path().display();
        let message = format!("{path}: there is no such file, and none was ever saved");
        return Err(Failure::new(Exit::Failed, message));
    }
    out.aside("the file no longer exists; this is its remaining history")?;
    Ok(status::exit(&info))
}

fn table(rows: &[json::Backup]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["number", "taken (UTC)", "bytes", "digest", "why", "state"]);
    for row in rows {
        let packed = if row.compressed { " lz4" } else { "" };
        table.add_row([
            row.named.number.to_string(),
            row.named.taken.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            format!("{}{packed}", row.bytes),
            row.named.digest.short(),
            row.why.clone().unwrap_or_default(),
            match row.problem {
                None => "good".to_owned(),
                Some(_) => "damaged".to_owned(),
            },
        ]);
    }
    table
}
