//! Compressed snapshots.

use persist_core::backup::frame;

/// A compressed snapshot of any bytes: bounded; and what was compressed comes out.
pub fn frame(data: &[u8]) {
    const LIMIT: u64 = 1 << 16;
    // The header's checksum keeps most bytes from ever reaching the decompressor, so as a bare block, too.
    for stored in [data.to_vec(), framed(data)] {
        if let Ok(plain) = frame::decode(&stored, LIMIT) {
            assert!(plain.len() as u64 <= LIMIT);
        }
    }
    let stored = frame::encode(data).expect("in memory");
    assert_eq!(
        frame::decode(&stored, data.len() as u64).expect("our own frame"),
        data
    );
}

/// One LZ4 frame without checksums, `block` its only block.
fn framed(block: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
    let len = u32::try_from(block.len()).unwrap_or(u32::MAX);
    frame.extend(len.to_le_bytes());
    frame.extend(block);
    frame.extend([0; 4]);
    frame
}
