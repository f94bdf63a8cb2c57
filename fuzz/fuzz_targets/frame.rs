//! Any bytes as a compressed snapshot: bounded, and what was compressed comes out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persist_backup::frame;

const LIMIT: u64 = 1 << 16;

fuzz_target!(|data: &[u8]| {
    if let Ok(plain) = frame::decode(data, LIMIT) {
        assert!(plain.len() as u64 <= LIMIT);
    }
    if let Ok(stored) = frame::encode(data) {
        assert_eq!(frame::decode(&stored, data.len() as u64).expect("our own frame"), data);
    }
});
