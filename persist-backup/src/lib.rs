//! Verified, rotated snapshots of a file.
