//! Content in a file that proves itself: what a write in place puts into the live file, and what it is finished over.
//!
//! The next writer puts the one into the live file and has the other kept, so they must be what a writer of ours meant, and
//! whole: anybody who may write in the folder could have moved another file to this name, and a power cut can have torn it.
//! Hence a first line with the digest of all that follows.

use sha2::{Digest as _, Sha256};

/// What it is that is certified: one can't be taken for the other, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The new content of a write in place.
    Redo,
    /// What one was finished over.
    Found,
}

impl What {
    fn word(self) -> &'static [u8] {
        match self {
            Self::Redo => b"persist-redo ",
            Self::Found => b"persist-found ",
        }
    }
}

/// `bytes` with the line that certifies them.
pub(crate) fn encode(what: What, bytes: &[u8]) -> Vec<u8> {
    let mut text = what.word().to_vec();
    text.extend_from_slice(&hex(bytes));
    text.push(b'\n');
    text.extend_from_slice(bytes);
    text
}

/// The content, if the text certifies it.
pub(crate) fn decode(what: What, text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(what.word())?;
    let (digest, rest) = rest.split_at_checked(64)?;
    let bytes = rest.strip_prefix(b"\n")?;
    (hex(bytes) == digest).then_some(bytes)
}

/// The most bytes that the first line adds.
pub(crate) const OVERHEAD: u64 = 14 + 65;

fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let pair = |byte: u8| {
        [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]
    };
    Sha256::digest(bytes).into_iter().flat_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_encoded_is_decoded() {
        for (what, other) in [(What::Redo, What::Found), (What::Found, What::Redo)] {
            for bytes in [&b""[..], b"\n", b"width = 1\n"] {
                let text = encode(what, bytes);
                assert!(text.len() as u64 <= bytes.len() as u64 + OVERHEAD);
                assert_eq!(decode(what, &text), Some(bytes));
                assert_eq!(decode(other, &text), None);
                for at in 0..text.len() {
                    let mut wrong = text.clone();
                    wrong[at] ^= 1;
                    assert_eq!(decode(what, &wrong), None, "bit of byte {at}");
                    assert_eq!(decode(what, &text[..at]), None, "cut at {at}");
                }
            }
            assert_eq!(decode(what, b"root:x:0:0\n"), None);
        }
    }
}
