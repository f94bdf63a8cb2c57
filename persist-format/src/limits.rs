//! Bounds on what a document may cost to read.

/// Bounds on what is accepted, against hostile input.
///
/// The defaults are above any configuration that people write (etcd, and Kubernetes with it, stops at as many bytes), and low enough that *whatever* the
/// text is, reading it takes less than 150 ms and less than 50 MB beyond the text. Programs that keep data in such files raise them.
/// A document beyond a limit is an [`ErrorKind::Limit`](crate::ErrorKind::Limit) error that names the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of text. Default: 1.5 MiB.
    pub bytes: usize,
    /// Containers within containers, the root counted as one. Default: 128. Values above 512 are taken as 512,
    /// since reading and dropping a value recurses.
    pub depth: usize,
    /// Values in the document, after aliases are expanded. Comments in YAML, and parts of dotted keys and headers in TOML, are counted against the
    /// same bound; tokens of TOML (its names, values, signs, line breaks and spaces) against eight times as much. Default: 50,000.
    pub nodes: usize,
    /// Bytes of strings and keys that expanding aliases may add. Default: 1 MiB.
    pub alias_bytes: usize,
    /// Digits of one number. Default: 4,300 (as Python has it: reading longer ones is quadratic). A quarter
    /// as many for hexadecimal and octal numbers of YAML, which are converted.
    pub digits: usize,
    /// Whether JSON objects may hold a key twice, the last one counting, as RFC 8259 allows and warns of. Such a document is for
    /// reading; edits of it are refused where the twins are in the way. Default: no.
    pub allow_duplicate_keys: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 3 << 19,
            depth: 128,
            nodes: 50_000,
            alias_bytes: 1 << 20,
            digits: 4_300,
            allow_duplicate_keys: false,
        }
    }
}

impl Limits {
    /// The depth that is really allowed.
    pub(crate) fn max_depth(&self) -> usize {
        self.depth.min(512)
    }
}
