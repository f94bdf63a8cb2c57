//! The new content of a write in place, in a file that proves itself.
//!
//! The next writer puts these bytes into the live file, so they must be what a writer of ours meant: anybody who may write
//! in the folder could have moved another file to this name. Hence a first line with the digest of all that follows.

use sha2::{Digest as _, Sha256};

const MAGIC: &[u8] = b"persist-redo ";

/// `bytes` with the line that certifies them.
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = MAGIC.to_vec();
    text.extend_from_slice(&hex(bytes));
    text.push(b'\n');
    text.extend_from_slice(bytes);
    text
}

/// The content, if the text certifies it.
pub(crate) fn decode(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(MAGIC)?;
    let (digest, rest) = rest.split_at_checked(64)?;
    let bytes = rest.strip_prefix(b"\n")?;
    (hex(bytes) == digest).then_some(bytes)
}

/// Bytes that the first line adds.
pub(crate) const OVERHEAD: u64 = MAGIC.len() as u64 + 65;

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
        for bytes in [&b""[..], b"\n", b"width = 1\n"] {
            let text = encode(bytes);
            assert_eq!(text.len() as u64, bytes.len() as u64 + OVERHEAD);
            assert_eq!(decode(&text), Some(bytes));
            for at in 0..text.len() {
                let mut wrong = text.clone();
                wrong[at] ^= 1;
                assert_eq!(decode(&wrong), None, "bit of byte {at}");
                assert_eq!(decode(&text[..at]), None, "cut at {at}");
            }
        }
        assert_eq!(decode(b"root:x:0:0\n"), None);
    }
}
