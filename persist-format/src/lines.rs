//! The lines of a text.

/// The start of the line that holds the offset.
pub(crate) fn start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// The end of the line that holds the offset, its newline included.
pub(crate) fn end(text: &str, offset: usize) -> usize {
    text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at + 1)
}

/// The indentation of the line that holds the offset.
pub(crate) fn indent(text: &str, offset: usize) -> &str {
    let line = &text[start(text, offset)..offset];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
