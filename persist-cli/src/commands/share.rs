//! `persist share`.

use std::path::Path;

use super::open::{Versions, open};
use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::out::{BOLD, DIM, GOOD, Out, WARN, paint};
use crate::people;

pub(super) fn share(
    args: &Args,
    out: &mut Out,
    path: &Path,
    off: bool,
    with_past: bool,
) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let sharing = match off {
        true => file.unshare()?,
        false => file.share(with_past)?,
    };
    out.json(&sharing)?;
    let name = paint(BOLD, path.display());
    let word = match (sharing.changed, off) {
        (false, _) => paint(DIM, "unchanged"),
        (true, true) => paint(GOOD, "closed"),
        (true, false) => paint(GOOD, "shared"),
    };
    match sharing.group {
        Some(group) => {
            let group = people::group(group);
            out.line(format!(
                "{word} {name} with {group}: its members can save it, undo and recover"
            ))?;
            if !sharing.folder_open {
                let note = format!(
                    "they can't replace it yet: its folder is not writable for {group}, or sticky"
                );
                out.line(format!("  {} {note}", paint(WARN, "note    ")))?;
            }
        }
        None => {
            out.line(format!("{word} {name}: only its owner can use its history"))?;
            if let Some(owner) = sharing.parted_from.map(people::user) {
                let note = format!(
                    "the file belongs to {owner}, who saved it last, but its history does not: `chown` the file to continue that history"
                );
                out.line(format!("  {} {note}", paint(WARN, "note    ")))?;
            }
        }
    }
    Ok(Exit::Done)
}
