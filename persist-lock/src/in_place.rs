//! Writing into the live file itself, where no other file can take its name.

use crate::displaced::Displaced;
use crate::error::{CommitError, Error};
use crate::stage::Staged;

pub(crate) fn commit(staged: Staged<'_>) -> Result<Displaced<'_>, CommitError<'_>> {
    let source = Error::Io {
        op: "write in place",
        path: staged.target().to_path_buf(),
        source: std::io::ErrorKind::Unsupported.into(),
    };
    Err(staged.not_replaced(source))
}
