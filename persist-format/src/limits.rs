//! Bounds on what a document may cost to read.

/// What any value may be deep, since reading, comparing and dropping it recurse.
pub(crate) const DEEPEST: usize = 512;

/// Bounds on what is accepted, against hostile input.
///
/// There are two sets. The [default](Limits::default) refuses every *bomb*, a text whose cost is out of proportion to its size: nesting, aliases that multiply,
/// numbers that take quadratic time, lines without end. Each is refused in less than 150 ms and with less than 50 MB beyond the text. A large
/// and honest document is read, and costs what its size does: to read and edit 8 MB that are like a lock file (650,000
/// values in JSON) took at most 6 s and 880 MB of any format, on a busy machine. [`Limits::untrusted`] bounds that too.
///
/// A document beyond a limit is an [`ErrorKind::Limit`](crate::ErrorKind::Limit) error that names the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of text. Default: 32 MiB, several times the largest configuration we know of (lock files and API descriptions of some MB).
    pub bytes: usize,
    /// Containers within containers, the root counted as one. Default: 128. Values above 512 are taken as 512,
    /// since reading and dropping a value recurses.
    pub depth: usize,
    /// Values in the document, after aliases are expanded. Comments in YAML, and parts of dotted keys and headers in TOML, are counted against the
    /// same bound; tokens of TOML (its names, values, signs, line breaks and spaces) against eight times as much. Default: 1,000,000.
    pub nodes: usize,
    /// Values that expanding aliases may add: what makes a bomb of a small text. Default: 50,000.
    pub alias_nodes: usize,
    /// Bytes of strings and keys that expanding aliases may add. Default: 1 MiB.
    pub alias_bytes: usize,
    /// Digits of one number. Default: 4,300 (as Python has it: reading longer ones is quadratic). A quarter
    /// as many for hexadecimal and octal numbers of YAML, which are converted.
    pub digits: usize,
    /// Whether objects of JSON and mappings of YAML may hold a key twice, the last one counting, as RFC 8259 allows and warns of. Such a document is for
    /// reading; edits of it are refused where the twins are in the way. Default: no.
    pub allow_duplicate_keys: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            depth: 128,
            nodes: 1_000_000,
            alias_nodes: 50_000,
            alias_bytes: 1 << 20,
            digits: 4_300,
            allow_duplicate_keys: false,
        }
    }
}

impl Limits {
    /// For texts that anybody may have written: 1.5 MiB (where etcd, and Kubernetes with it, stops too) and 50,000 values, so that *whatever* the text is,
    /// reading or refusing it takes less than 150 ms and less than 50 MB beyond the text.
    #[must_use]
    pub fn untrusted() -> Self {
        Self {
            bytes: 3 << 19,
            nodes: 50_000,
            ..Self::default()
        }
    }

    /// For a text that has been read within limits already.
    pub(crate) fn none() -> Self {
        Self {
            bytes: usize::MAX,
            depth: usize::MAX,
            nodes: usize::MAX,
            alias_nodes: usize::MAX,
            alias_bytes: usize::MAX,
            digits: usize::MAX,
            allow_duplicate_keys: true,
        }
    }

    /// The depth that is really allowed.
    pub(crate) fn max_depth(&self) -> usize {
        self.depth.min(DEEPEST)
    }
}
