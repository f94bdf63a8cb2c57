//! The readers of all formats.

use persist_core::{Document, Format};

/// A document in each format, or an error; a document keeps its bytes, and its value can be written afresh or is refused.
pub fn decode(data: &[u8]) {
    for format in Format::ALL {
        let Ok(document) = Document::parse(data, format) else {
            continue;
        };
        assert_eq!(document.bytes(), data);
        let _lines = document.comments().count();
        for other in Format::ALL {
            if let Ok((converted, warnings)) = document.convert(other)
                && warnings.is_empty()
            {
                // Not by equality: what JSON can't tell apart (a date, a text) is no loss to it.
                let again =
                    Document::parse(&converted.bytes(), other).expect("what was written is read");
                assert_eq!(again.value(), converted.value());
            }
        }
    }
}
