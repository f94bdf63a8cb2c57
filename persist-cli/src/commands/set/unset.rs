//! `persist unset`.

use std::path::Path;

use persist_core::format::Extent;
use persist_core::{Document, KeyPath};

use super::overlap::resolved;
use super::{How, allow, make, tell};
use crate::args::Args;
use crate::commands::missing::missing;
use crate::commands::{dry, open};
use crate::failure::{Failure, Outcome, of_edit};
use crate::out::Out;

pub(in crate::commands) fn unset(
    args: &Args,
    out: &mut Out,
    path: &Path,
    keys: &[KeyPath],
    how: How<'_>,
) -> Outcome {
    if keys.iter().any(KeyPath::is_root) {
        let message = "an empty key means the whole document; name what to remove";
        return Err(Failure::usage(message));
    }
    let (file, present) = dry::read(args, out, path)?;
    let piped = open::is_input(path);
    let name = file.path();
    let mut trouble = None;
    let mut extent = Extent::Unchanged;
    // Without a lock, so that what is not there is told of a file that can't be written, too.
    removals(name, &present, keys)?;
    let change = |document: &mut Document| {
        allow(document, how.allowed);
        let keys = removals(name, document, keys).map_err(|failure| {
            let error = persist_core::format::Error::refused(failure.message.clone());
            trouble = Some(failure);
            error
        })?;
        let edit = document.edit(|edits| keys.iter().try_for_each(|key| edits.remove(key)))?;
        extent = edit.extent;
        Ok(edit.warnings)
    };
    let made = make(&file, Some(&present).filter(|_| piped), how, change);
    let done = made.map_err(|error| trouble.take().unwrap_or_else(|| of_edit(error)))?;
    tell(out, &done, (extent, piped), how)
}

/// What is to be removed, in an order in which no removal changes what a later path means: of a list the last item first.
fn removals(file: &Path, document: &Document, keys: &[KeyPath]) -> Result<Vec<KeyPath>, Failure> {
    let root = document.value();
    if let Some(key) = keys.iter().find(|key| root.get(key).is_none()) {
        let mut failure = missing(file, document, key);
        failure.message.push_str("; nothing was removed");
        return Err(failure);
    }
    let mut places: Vec<(KeyPath, &KeyPath)> = keys
        .iter()
        .map(|key| (resolved(key, root).0, key))
        .collect();
    places.sort_by(|a, b| a.0.cmp(&b.0));
    for pair in places.windows(2) {
        let [(first, a), (second, b)] = pair else {
            continue;
        };
        let is_item = second
            .segments()
            .iter()
            .any(|s| matches!(s, persist_core::format::Segment::Index(_)));
        if is_item && second.starts_with(first) {
            let what = match first == second {
                true => "the same item",
                false => "one within the other",
            };
            let message = format!(
                "{}: `{a}` and `{b}` are {what}; nothing was removed",
                file.display()
            );
            return Err(Failure::usage(message));
        }
    }
    let mut kept: Vec<KeyPath> = Vec::new();
    for (place, _) in places {
        // What is removed as a whole needs no removal of its parts.
        if !kept.iter().any(|whole| place.starts_with(whole)) {
            kept.push(place);
        }
    }
    kept.reverse();
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use persist_core::Format;

    #[test]
    fn removals_leave_what_is_still_to_be_removed_where_it_is() {
        let text = br#"{"l": ["a", "b", "c", {"m": [1, 2]}], "a": {"b": 1}}"#;
        let document = Document::parse(text, Format::Json).unwrap();
        let check = |keys: &str, wanted: &str| {
            let keys: Vec<KeyPath> = keys.split(' ').map(|key| key.parse().unwrap()).collect();
            let told = match removals(Path::new("f"), &document, &keys) {
                Ok(order) => order
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" "),
                Err(failure) => failure.message,
            };
            assert_eq!(told, wanted);
        };
        check("l[0] l[1]", "l[1] l[0]");
        check("l[-1].m[0] l[0] l[3].m[1]", "l[3].m[1] l[3].m[0] l[0]");
        check("a a.b", "a");
        check("a a", "a");
        check("/l/0 a.b", "l[0] a.b");
        check(
            "l[0] l[-4]",
            "f: `l[0]` and `l[-4]` are the same item; nothing was removed",
        );
        check(
            "l l[0]",
            "f: `l` and `l[0]` are one within the other; nothing was removed",
        );
        check("x", "f: there is no `x`; nothing was removed");
    }
}
