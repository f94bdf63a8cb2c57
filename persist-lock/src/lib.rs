//! Locked, atomic and durable replacement of a file.
