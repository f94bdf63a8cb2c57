//! How far a write in place had come when its process died: told from bytes alone.
//!
//! Whatever is no trace of that write is somebody's edit, and stays. So the traces are drawn narrowly. A medium writes whole
//! sectors, each or none, in any order; a block that was allocated and never written reads as zeros; a killed process leaves
//! what it had written by then, page by page. Hence each sector of 512 bytes is the old one, the new one, or zeros, and
//! the length is one that the steps of the write pass through: write, then cut off what is beyond the new end. (Whether
//! each *byte* is old or new is no test: of `width = 10` and `width = 25` somebody's `width = 15` is a mix, too.)
//!
//! What a person writes can look the same all the same, where a change fills whole sectors. So nobody may write over what
//! is torn before it is kept.

/// Bytes that reach the medium together or not at all. Larger units are whole numbers of these.
const SECTOR: usize = 512;

/// How far a write in place had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The live file holds the old bytes.
    NotBegun,
    /// It holds some of both.
    Torn,
    /// It holds the new bytes.
    Finished,
    /// It holds something else: somebody has edited it since.
    Foreign,
}

/// Of the write of `after` over `before`. Without the old bytes there is nothing to tell by.
pub(crate) fn progress(live: &[u8], before: Option<&[u8]>, after: &[u8]) -> Progress {
    match before {
        _ if live == after => Progress::Finished,
        Some(before) if live == before => Progress::NotBegun,
        Some(before) if is_torn(live, before, after) => Progress::Torn,
        _ => Progress::Foreign,
    }
}

fn is_torn(live: &[u8], before: &[u8], after: &[u8]) -> bool {
    let mut sectors = (0..).step_by(SECTOR).zip(live.chunks(SECTOR));
    is_length_on_the_way(live.len(), before.len(), after.len())
        && sectors.all(|(start, sector)| is_sector_of_either(sector, start, before, after))
}

/// A file grows page by page, and is cut off at once.
fn is_length_on_the_way(live: usize, before: usize, after: usize) -> bool {
    let growing = before < live && live < after && live.is_multiple_of(SECTOR);
    live == before || live == after || growing
}

fn is_sector_of_either(sector: &[u8], start: usize, before: &[u8], after: &[u8]) -> bool {
    let byte = |bytes: &[u8], at| bytes.get(at).copied();
    let is = |expected: &dyn Fn(usize) -> Option<u8>| {
        let mut found = (start..).zip(sector);
        // Beyond the end of either there are zeros.
        found.all(|(at, found)| *found == expected(at).unwrap_or(0))
    };
    is(&|at| byte(before, at))
        || is(&|at| byte(after, at))
        // Written, with what is beyond the new end not cut off yet.
        || is(&|at| byte(after, at).or(byte(before, at)))
        || is(&|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_of_one_sector() {
        let check = |live: &[u8], expected| {
            assert_eq!(
                progress(live, Some(b"old"), b"newer"),
                expected,
                "{live:?} while it grows"
            );
        };
        check(b"old", Progress::NotBegun);
        check(b"newer", Progress::Finished);
        check(b"new", Progress::Torn); // the length was not durable
        check(b"old\0\0", Progress::Torn); // the length alone was
        check(b"\0\0\0\0\0", Progress::Torn);
        for edit in [
            &b"nld"[..],
            b"newe",
            b"ol\0\0",
            b"ol\0\0\0",
            b"",
            b"mine",
            b"newer still",
        ] {
            check(edit, Progress::Foreign);
        }
        let check = |live: &[u8], expected| {
            assert_eq!(
                progress(live, Some(b"longer"), b"new"),
                expected,
                "{live:?} while it shrinks"
            );
        };
        check(b"newger", Progress::Torn); // not cut off yet
        check(b"new\0\0\0", Progress::Torn);
        check(b"lon", Progress::Torn); // cut off, not written
        check(b"newge", Progress::Foreign);
        check(b"nonger", Progress::Foreign);
        assert_eq!(progress(b"x", None, b"new"), Progress::Foreign);
        assert_eq!(progress(b"new", None, b"new"), Progress::Finished);
    }

    /// Every way in which three sectors can be torn, at every length that there is on the way; and next to each, an edit.
    #[test]
    fn of_a_file_of_three_sectors() {
        for (before_len, after_len) in [(1536, 1536), (1300, 1400), (1400, 1300), (700, 1500)] {
            let (before, after) = (vec![b'o'; before_len], vec![b'n'; after_len]);
            let longest = before_len.max(after_len);
            let pad = |bytes: &[u8]| [bytes, &vec![0; longest - bytes.len()]].concat();
            let over = [&after[..], before.get(after_len..).unwrap_or_default()].concat();
            let kinds = [pad(&before), pad(&after), pad(&over), vec![0; longest]];
            for which in 0..kinds.len().pow(3) {
                let sector = |n: usize| {
                    let kind = &kinds[which / kinds.len().pow(n as u32) % kinds.len()];
                    &kind[(n * SECTOR).min(longest)..((n + 1) * SECTOR).min(longest)]
                };
                let whole = [sector(0), sector(1), sector(2)].concat();
                for len in [before_len, after_len, 1024] {
                    let on_the_way = len != 1024 || (before_len < 1024 && after_len > 1024);
                    let torn = &whole[..len];
                    let found = progress(torn, Some(&before), &after);
                    assert_eq!(found != Progress::Foreign, on_the_way, "{which} at {len}");
                    let mut edited = torn.to_vec();
                    edited[600] = b'e';
                    let found = progress(&edited, Some(&before), &after);
                    assert_eq!(found, Progress::Foreign, "{which} at {len}, edited");
                }
            }
        }
    }
}
