//! Damage, or somebody's edit? A pure judgement over what was found and what is known.

use crate::checkpoint::Content;
use crate::damage::Damage;
use crate::live::Live;

/// Whether `live` is damaged, given the content the journal expects and copies of content it knows.
///
/// `None` means that a person or program wrote it, well or badly. A file persist has never seen is
/// only judged by its bytes.
pub(crate) fn diagnose(
    live: Option<&Live>,
    expected: Option<&Content>,
    known: &[Vec<u8>],
) -> Option<Damage> {
    let Some(live) = live else {
        return expected.map(|_| Damage::Missing);
    };
    if live.bytes.is_empty() {
        let held_something = match expected {
            Some(expected) => expected.len > 0,
            None => !known.is_empty(), // the journal is lost, and copies are left
        };
        return held_something.then_some(Damage::Empty);
    }
    if !utf16(&live.bytes) {
        if let Some(offset) = live.bytes.iter().position(|&b| b == 0) {
            return Some(Damage::Nuls { offset });
        }
        // A file that was never saved here is somebody's text in another encoding; the parser says where.
        if let Err(e) = std::str::from_utf8(&live.bytes)
            && expected.is_some()
        {
            return Some(Damage::NotUtf8 {
                offset: e.valid_up_to(),
            });
        }
    }
    let longer = known
        .iter()
        .find(|k| k.len() > live.bytes.len() && k.starts_with(&live.bytes));
    if let Some(whole) = longer {
        return Some(Damage::Truncated {
            len: live.bytes.len(),
            of: whole.len(),
        });
    }
    expected
        .filter(|e| silently_changed(live, e))
        .map(|_| Damage::SilentChange)
}

/// Whether a cut may as well be somebody's edit: whole lines are left, or all but the end of the last, and the file was
/// written since.
pub(crate) fn may_be_an_edit(
    damage: &Damage,
    live: &Live,
    expected: Option<&Content>,
    known: &[Vec<u8>],
) -> bool {
    let written_since = expected.is_none_or(|e| e.mtime != live.mtime);
    let only_space = |whole: &Vec<u8>| {
        let rest = whole.strip_prefix(live.bytes.as_slice());
        rest.is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace))
    };
    let whole_lines = live.bytes.ends_with(b"\n") || known.iter().any(only_space);
    matches!(damage, Damage::Truncated { .. }) && whole_lines && written_since
}

/// Bytes that reach the medium together or not at all.
const SECTOR: usize = 512;

/// Whether `found` is what a cut can leave of a new file into which `whole` was written and not synced: of each sector what
/// was written or zeros, and any length up to all of it.
pub(crate) fn is_torn_copy(found: &[u8], whole: &[u8]) -> bool {
    let sectors = found.chunks(SECTOR).zip(whole.chunks(SECTOR));
    found.len() <= whole.len()
        && sectors
            .into_iter()
            .all(|(found, whole)| whole.starts_with(found) || found.iter().all(|&b| b == 0))
}

fn silently_changed(live: &Live, expected: &Content) -> bool {
    live.digest != expected.digest
        && live.bytes.len() as u64 == expected.len
        && live.mtime.is_some()
        && live.mtime == expected.mtime
}

/// A byte order mark of UTF-16: full of NULs, and yet somebody's text. The parser refuses it by name.
fn utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF])
}

#[cfg(test)]
mod tests {
    use super::is_torn_copy;

    #[test]
    fn what_a_cut_leaves_of_a_copy() {
        let whole: Vec<u8> = (0..1300_u32).map(|n| b'a' + (n % 26) as u8).collect();
        let check = |found: &[u8], torn| {
            assert_eq!(is_torn_copy(found, &whole), torn, "{} bytes", found.len());
        };
        check(&whole, true);
        for len in [0, 1, 511, 512, 513, 1299] {
            check(&whole[..len], true); // the length was not durable
            check(&vec![0; len], true); // the length alone was
        }
        for sector in 0..3 {
            let mut torn = whole.clone();
            let end = torn.len().min(512 * (sector + 1));
            torn[512 * sector..end].fill(0);
            check(&torn, true);
            torn[512 * sector] = b'?';
            check(&torn, false); // a flipped bit
            torn[512 * sector..end].copy_from_slice(&whole[512 * sector..end]);
            torn[end - 1] ^= 1;
            check(&torn, false);
        }
        check(&[&whole[..], b"z"].concat(), false);
        check(b"rubbish", false);
    }
}
