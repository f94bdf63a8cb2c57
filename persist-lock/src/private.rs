//! Files of the state folder. Somebody else may have put something there under their names: no link is followed, and
//! what is no regular file (a FIFO would block for ever) is an error of kind [`io::ErrorKind::InvalidInput`].

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::sys;

/// The content of a file of the state folder.
///
/// # Errors
/// As the operating system says; see the module for what is no regular file.
pub fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = regular(sys::open_private(File::options().read(true), path))?;
    let len = file.metadata().map_or(0, |meta| meta.len());
    let mut bytes = Vec::with_capacity(usize::try_from(len).map_or(0, |len| len + 1));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file that is there, to be appended to.
///
/// # Errors
/// As [`read_private`].
pub fn append_private(path: &Path) -> io::Result<File> {
    regular(sys::open_private(File::options().append(true), path))
}

/// A new file to append to, 0600 from its first moment. Root gives it to the owner of the folder, as
/// [`create_dir_private`](crate::create_dir_private) does.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], or what the operating system says.
pub fn create_private(path: &Path) -> io::Result<File> {
    sys::create_private(path)
}

/// As [`create_private`]; what has the name so far is removed, not written into.
///
/// # Errors
/// As [`create_private`]; a folder of that name stays.
pub fn recreate_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => create_private(path),
    }
}

fn regular(opened: io::Result<File>) -> io::Result<File> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
    match opened {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(wrong()),
        Err(error) if sys::is_no_file(&error) => Err(wrong()),
        Err(error) => Err(error),
    }
}
