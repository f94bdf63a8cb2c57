//! What the system's numbers of errors mean.

use std::io;

use rustix::io::Errno;

pub(crate) fn is_errno(error: &io::Error, numbers: &[Errno]) -> bool {
    Errno::from_io_error(error).is_some_and(|errno| numbers.contains(&errno))
}

pub(crate) fn is_contended(error: &io::Error) -> bool {
    is_errno(error, &[Errno::AGAIN, Errno::ACCESS])
}

/// The file system has no locks, or none that work.
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    is_errno(
        error,
        &[
            Errno::NOLCK,
            Errno::NOTSUP,
            Errno::OPNOTSUPP,
            Errno::NOSYS,
            Errno::INVAL,
        ],
    )
}

pub(crate) fn is_symlink_loop(error: &io::Error) -> bool {
    is_errno(error, &[Errno::LOOP])
}

pub(crate) fn is_busy(error: &io::Error) -> bool {
    is_errno(error, &[Errno::BUSY])
}

/// Whether a file system may have meant that it does not know an operation. Some of FUSE say that they do not permit it.
pub(super) fn lacks(errno: Errno) -> bool {
    [
        Errno::INVAL,
        Errno::NOSYS,
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::PERM,
    ]
    .contains(&errno)
}

/// The several ways of saying "this file system does not know that", as one. It may not be meant: what is tried instead
/// tells, for it then fails, too.
pub(super) fn unsupported(errno: Errno) -> io::Error {
    match lacks(errno) {
        true => not_offered(errno),
        false => errno.into(),
    }
}

pub(super) fn not_offered(errno: Errno) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, io::Error::from(errno))
}
