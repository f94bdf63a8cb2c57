//! From a file's bytes to text and back: the byte order mark.

use crate::error::{Error, ErrorKind};

const BOM: &str = "\u{feff}";

/// What stood around the text in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    mark: bool,
}

impl Envelope {
    pub(super) const PLAIN: Self = Self { mark: false };

    pub(super) fn close(self, text: &str) -> Vec<u8> {
        let mark = if self.mark { BOM } else { "" };
        [mark, text].concat().into_bytes()
    }
}

pub(super) fn open(bytes: &[u8]) -> Result<(Envelope, &str), Error> {
    let text = std::str::from_utf8(bytes).map_err(|e| wrong(bytes, e))?;
    Ok(match text.strip_prefix(BOM) {
        Some(rest) => (Envelope { mark: true }, rest),
        None => (Envelope::PLAIN, text),
    })
}

fn wrong(bytes: &[u8], error: std::str::Utf8Error) -> Error {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Error::new(ErrorKind::Encoding, "the file is UTF-16, not UTF-8")
            .with_help("save it as UTF-8");
    }
    let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
    let message = format!(
        "byte 0x{:02x} is not UTF-8",
        bytes.get(error.valid_up_to()).copied().unwrap_or(0)
    );
    Error::at(
        ErrorKind::Encoding,
        message,
        &valid,
        valid.len()..valid.len(),
    )
    .with_help("the file is damaged or in another encoding; save it as UTF-8")
}
