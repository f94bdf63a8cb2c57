//! Each sync is needed: with any one of them left out, the model must find a violation.

use crate::disk::Op;
use crate::explore::explore;
use crate::scenario::Recording;

pub(crate) fn run(recordings: &[Recording]) -> Result<(), String> {
    for recording in recordings {
        for (index, op) in recording.log.ops.iter().enumerate() {
            if !matches!(op, Op::Sync(_)) {
                continue;
            }
            let without = recording.without(index);
            let (_, found) = explore(&without, 3_000, 1);
            let what = found
                .first()
                .map_or("NOT FOUND".to_owned(), |violation| violation.what.clone());
            println!(
                "necessity: {} without {}: {what}",
                recording.name,
                recording.log.describe(index)
            );
        }
    }
    Ok(())
}
