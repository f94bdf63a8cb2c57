//! "Did you mean": the name nearest to a misspelt one.

/// The candidate that differs in the fewest single edits (insert, delete, replace, swap neighbours), if that is few enough to be a slip.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    let near = candidates
        .into_iter()
        .map(|name| (strsim::osa_distance(&lower(word), &lower(name)), name));
    near.filter(|(d, _)| *d <= most)
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
}

/// The beginning, so that nobody's file costs the square of its length.
fn lower(word: &str) -> String {
    word.chars().take(64).flat_map(char::to_lowercase).collect()
}
