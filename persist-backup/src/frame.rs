//! Compressed snapshots: one LZ4 frame, as `lz4 -d` reads it.
//!
//! The frame states the content's length and carries a checksum of each block and of the whole (LZ4 Frame Format 1.6).
//! SHA-256 of the result decides in the end; the checksums catch the flipped bits that happen not to change the result.

use std::io::{self, Read, Write};

use lz4_flex::frame::{FrameDecoder, FrameEncoder, FrameInfo};

/// Compresses `plain` into one frame.
///
/// # Errors
///
/// Only those of the compressor; writing to memory does not fail.
pub fn encode(plain: &[u8]) -> io::Result<Vec<u8>> {
    let info = FrameInfo::new()
        .content_size(Some(plain.len() as u64))
        .block_checksums(true)
        .content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(plain)?;
    encoder.finish().map_err(io::Error::other)
}

/// Decompresses exactly one frame, never producing more than `max_len` bytes.
///
/// # Errors
///
/// `InvalidData` if `stored` is no frame, is damaged, stops early or goes on after the frame's end;
/// `FileTooLarge` if the content is longer than `max_len`.
pub fn decode(stored: &[u8], max_len: u64) -> io::Result<Vec<u8>> {
    let mut decoder = FrameDecoder::new(Source {
        rest: stored,
        ran_dry: false,
    });
    let mut plain = Vec::new();
    decoder
        .by_ref()
        .take(max_len.saturating_add(1))
        .read_to_end(&mut plain)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => invalid("the frame is cut short"),
            _ => io::Error::new(io::ErrorKind::InvalidData, error),
        })?;
    if plain.len() as u64 > max_len {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let source = decoder.get_ref();
    if source.ran_dry {
        return Err(invalid("the frame is cut short"));
    }
    if !source.rest.is_empty() {
        return Err(invalid("there are bytes after the frame"));
    }
    Ok(plain)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Notes when the decoder asks for more than there is. The decoder itself takes the end of the input at a block
/// boundary for the end of the frame, which would let a truncated frame pass.
struct Source<'a> {
    rest: &'a [u8],
    ran_dry: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.rest.read(buffer)?;
        self.ran_dry |= count < buffer.len();
        Ok(count)
    }
}
