//! What can be wrong with a file's bytes.

/// How a file was damaged: it holds what nobody wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(tag = "damage", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Damage {
    /// The file was deleted; whether on purpose can't be determined.
    #[error("the file was deleted")]
    Missing,
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// There are NUL bytes, as a crashed file system leaves them.
    #[error("NUL bytes from offset {offset}")]
    Nuls {
        /// Byte offset of the first.
        offset: usize,
    },
    /// The bytes are not text.
    #[error("invalid UTF-8 at offset {offset}")]
    NotUtf8 {
        /// Byte offset of the first bad byte.
        offset: usize,
    },
    /// The file is the beginning of known content: it was cut off.
    #[error("cut off after {len} of {of} bytes")]
    Truncated {
        /// Bytes left.
        len: usize,
        /// Bytes there were.
        of: usize,
    },
    /// Length and time are those of the last save, the content is not: nobody edited it.
    #[error("the content changed while length and modification time did not")]
    SilentChange,
}
