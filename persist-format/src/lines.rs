//! The lines of a text.

/// The line end that new lines of a text get: that of its first line, `\n` if it has only one. A lone `\r`, which ends a line in YAML, counts where the
/// text has no `\n` at all. Every part of the crate goes by this, so that in a text whose lines end differently they don't disagree.
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        None if text.contains('\r') => "\r",
        _ => "\n",
    }
}

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
