//! A document that is written without an old text.

use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::limits::Limits;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::value::Value;

/// A fresh document that was read again and compared.
pub(super) fn fresh(value: &Value, format: Format, limits: &Limits) -> Result<Reading, Error> {
    let text = format.engine().emit(value)?;
    let made = Reading::again(text, format, limits)?;
    let unlike = |seen: &str| {
        let message = format!("{format} would read the value back as {seen}");
        Error::new(ErrorKind::Unrepresentable, message)
    };
    match made.trees.as_slice() {
        [tree] if tree.value == *value => match made.cross_check() {
            Ok(()) => Ok(made),
            Err(Refusal::Disagreement(seen)) => Err(unlike(&seen)),
            Err(why) => Err(unlike(&why.to_string())),
        },
        _ => Err(unlike("another one")),
    }
}
