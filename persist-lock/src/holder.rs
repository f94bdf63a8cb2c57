//! Who holds a lock: text in the lock file, for messages only.
//!
//! No decision rests on it but one: the token tells a writer whether somebody else was writer since (see `verify`).

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Fixed length of the record, so that a shorter one never leaves the end of a longer one behind.
pub(crate) const LEN: usize = 384;

/// Who holds a lock. Informative: a process may have ended since it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// Process id, on its host and in its namespace.
    pub pid: u32,
    /// Host name; empty when unknown.
    pub host: String,
    /// When the lock was taken; `None` when unknown (readers leave no record).
    pub since: Option<SystemTime>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        if !self.host.is_empty() {
            write!(f, " on {}", self.host)?;
        }
        if let Some(age) = self.since.and_then(|since| since.elapsed().ok()) {
            write!(f, " for {:.1} s", age.as_secs_f64())?;
        }
        Ok(())
    }
}

/// The record of one writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) holder: Holder,
    pub(crate) token: u64,
}

/// Asked once.
static HOST: OnceLock<String> = OnceLock::new();

impl Record {
    pub(crate) fn here(pid: u32, token: u64) -> Self {
        let host = HOST.get_or_init(|| {
            let mut host = gethostname::gethostname().to_string_lossy().into_owned();
            host.retain(|c| !c.is_control());
            host
        });
        Self {
            holder: Holder {
                pid,
                host: host.clone(),
                since: Some(SystemTime::now()),
            },
            token,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let since = self
            .holder
            .since
            .and_then(|since| since.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_millis());
        let mut text = format!(
            "pid {}\nsince {since}\ntoken {:016x}\nhost {}",
            self.holder.pid, self.token, self.holder.host
        )
        .into_bytes();
        text.truncate(LEN - 1);
        text.resize(LEN - 1, b' ');
        text.push(b'\n');
        text
    }

    /// Anything that is not a record, the blank one included, is `None`.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
                .map(str::trim)
        };
        let since = field("since")?.parse().ok()?;
        Some(Self {
            holder: Holder {
                pid: field("pid")?.parse().ok()?,
                host: field("host").unwrap_or_default().to_owned(),
                since: UNIX_EPOCH.checked_add(Duration::from_millis(since)),
            },
            token: u64::from_str_radix(field("token")?, 16).ok()?,
        })
    }

    pub(crate) fn blank() -> Vec<u8> {
        let mut text = vec![b' '; LEN - 1];
        text.push(b'\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_decode_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..LEN)) {
            Record::decode(&bytes);
        }

        #[test]
        fn a_record_survives_its_text(pid: u32, token: u64, host in "[a-z.-]{0,64}", ms in 0u64..1 << 44) {
            let since = UNIX_EPOCH.checked_add(Duration::from_millis(ms));
            let record = Record { holder: Holder { pid, host, since }, token };
            let text = record.encode();
            prop_assert_eq!(text.len(), LEN);
            prop_assert_eq!(Record::decode(&text), Some(record));
        }
    }

    #[test]
    fn a_host_name_too_long_is_cut() {
        let mut record = Record::here(1, 7);
        record.holder.host = "é".repeat(400);
        let text = record.encode();
        assert_eq!(text.len(), LEN);
        assert_eq!(Record::decode(&text).map(|record| record.token), Some(7));
    }

    #[test]
    fn the_blank_record_names_nobody() {
        assert_eq!(Record::blank().len(), LEN);
        assert_eq!(Record::decode(&Record::blank()), None);
        assert_eq!(Record::decode(b""), None);
        assert_eq!(
            Record::decode(b"pid 1\nsince 99999999999999999999\ntoken 0"),
            None
        );
    }
}
