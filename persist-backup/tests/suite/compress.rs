use std::fs;
use std::process::Command;

use persist_backup::{Error, Meta};

use crate::{filled, scratch, settings};

#[test]
fn the_plain_file_goes_when_the_frame_is_good() {
    let bytes = settings(5000);
    let (_dir, backups) = filled(&[&bytes]);
    let plain = backups.find("latest").unwrap();
    let compressed = backups.compress(&plain.id).unwrap();
    assert!(compressed.compressed && compressed.stored_len < 5000);
    assert!(!plain.path.exists());
    assert_eq!(backups.read(&plain.id).unwrap(), bytes);
    assert_eq!(
        backups.compress(&plain.id).unwrap(),
        compressed,
        "once more changes nothing"
    );
}

#[test]
fn incompressible_content_stays_plain() {
    let (_dir, backups) = filled(&[b"x"]);
    let id = backups.find("latest").unwrap().id;
    assert!(!backups.compress(&id).unwrap().compressed);
    assert_eq!(backups.read(&id).unwrap(), b"x");
}

#[test]
fn a_damaged_plain_file_is_not_compressed() {
    let (_dir, backups) = filled(&[&settings(5000)]);
    let made = backups.find("latest").unwrap();
    fs::write(&made.path, settings(4999)).unwrap();
    assert!(matches!(
        backups.compress(&made.id),
        Err(Error::Corrupt { .. })
    ));
    assert_eq!(fs::read(&made.path).unwrap().len(), 4999);
}

#[test]
fn an_interrupted_compression_is_finished() {
    let bytes = settings(5000);
    for half_done in [bytes.clone(), Vec::new(), b"garbage".to_vec()] {
        let (_dir, backups) = filled(&[&bytes]);
        let made = backups.find("latest").unwrap();
        let frame = made.path.with_file_name(format!("{}.lz4", made.id));
        fs::write(&frame, &half_done).unwrap();
        assert_eq!(
            backups.list().unwrap().len(),
            1,
            "both files are one snapshot"
        );
        assert!(backups.compress(&made.id).unwrap().compressed);
        assert!(!made.path.exists());
        assert_eq!(backups.read(&made.id).unwrap(), bytes);
    }
}

/// A good frame beside a damaged plain file still gives the content.
#[test]
fn either_file_will_do() {
    let bytes = settings(20_000);
    let (_dir, backups) = filled(&[&bytes]);
    let made = backups.find("latest").unwrap();
    fs::write(backups.path_for(&made.id), "damaged").unwrap();
    assert_eq!(backups.read(&made.id).unwrap(), bytes);
    assert!(backups.compress(&made.id).unwrap().compressed);
    assert!(!backups.path_for(&made.id).exists());
}

/// The reference tool reads our frames, where it is installed.
#[test]
fn lz4_reads_it() {
    let (_dir, backups) = scratch();
    let bytes = settings(200_000);
    let made = backups.create(&bytes, &Meta::default()).unwrap();
    match Command::new("lz4").arg("-dc").arg(&made.path).output() {
        Ok(output) => assert_eq!(output.stdout, bytes),
        Err(_) => println!("skipped: the lz4 tool is not installed"),
    }
}
