//! Every flipped bit and every truncation is found.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use persist_backup::{Backups, Error, Meta, Snapshot, frame};
use proptest::prelude::*;

use crate::{scratch, settings};

/// Bytes of the content that is damaged bit by bit. What is stored is the same everywhere, and Wine takes its time for each
/// of the files.
const LENGTH: usize = if cfg!(windows) { 512 } else { 4096 };

/// Damages the stored file in every way `damage` knows and counts what was not found.
fn check(backups: &Backups, snapshot: &Snapshot, damaged: impl Iterator<Item = Vec<u8>>) -> usize {
    let mut tried = 0;
    for bytes in damaged {
        overwrite(&snapshot.path, &bytes);
        let outcome = backups.verify(&snapshot.id);
        assert!(
            matches!(outcome, Err(Error::Corrupt { .. })),
            "passed: {outcome:?} with {} bytes",
            bytes.len()
        );
        tried += 1;
    }
    tried
}

/// In place: truncating to nothing first makes ext4 flush at every close.
fn overwrite(path: &Path, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path);
    let mut file = file.expect("the stored file");
    file.set_len(bytes.len() as u64).expect("a new length");
    file.write_all(bytes).expect("new bytes");
}

fn flips(good: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..good.len() * 8).map(move |bit| {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    })
}

fn truncations(good: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..good.len()).map(move |len| good[..len].to_vec())
}

fn every_damage_is_found(backups: &Backups) {
    let made = backups
        .create(&settings(LENGTH), &Meta::default())
        .expect("a snapshot");
    let good = fs::read(&made.path).expect("readable");
    assert_eq!(check(backups, &made, flips(&good)), good.len() * 8);
    assert_eq!(check(backups, &made, truncations(&good)), good.len());
    let longer = [good.as_slice(), &[0]].concat();
    check(
        backups,
        &made,
        [
            longer,
            [good.as_slice(), &good].concat(),
            vec![0; good.len()],
        ]
        .into_iter(),
    );
    fs::write(&made.path, &good).expect("writable");
    backups
        .verify(&made.id)
        .expect("the untouched bytes are good");
}

#[test]
fn of_a_plain_snapshot() {
    let (_dir, backups) = scratch();
    every_damage_is_found(&backups);
}

#[test]
fn of_a_compressed_snapshot() {
    let (_dir, backups) = scratch();
    let backups = backups.compress_above(0);
    every_damage_is_found(&backups);
    assert!(backups.find("latest").unwrap().compressed);
}

/// A frame that was cut at a block's end decodes to the full content: only the missing end mark tells.
#[test]
fn a_frame_without_its_end_mark_is_refused() {
    let whole = frame::encode(&settings(4096)).unwrap();
    let cut = &whole[..whole.len() - 8];
    let error = frame::decode(cut, 1 << 20).unwrap_err();
    assert_eq!(error.to_string(), "the frame is cut short");
}

#[test]
fn decompression_is_bounded() {
    let bomb = frame::encode(&vec![0; 1 << 20]).unwrap();
    assert_eq!(
        frame::decode(&bomb, (1 << 20) - 1).unwrap_err().kind(),
        std::io::ErrorKind::FileTooLarge
    );
    assert_eq!(frame::decode(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    let (_dir, backups) = scratch();
    let made = backups.create(&vec![0; 1 << 20], &Meta::default()).unwrap();
    let refused = backups.max_len(1000).read(&made.id);
    assert!(matches!(refused, Err(Error::TooLarge { limit: 1000, .. })));
}

proptest! {
    #[test]
    fn arbitrary_frames_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut framed = vec![0x04, 0x22, 0x4d, 0x18];
        framed.extend(&bytes);
        prop_assert!(frame::decode(&bytes, 4096).map_or(true, |plain| plain.len() <= 4096));
        prop_assert!(frame::decode(&framed, 4096).map_or(true, |plain| plain.len() <= 4096));
    }

    #[test]
    fn frames_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
        let frame = frame::encode(&bytes).unwrap();
        prop_assert_eq!(frame::decode(&frame, 5000).unwrap(), bytes);
    }
}
