//! Which values a format has.

/// What there is in a format beyond booleans, strings, lists, maps with strings as keys, and numbers of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vocabulary {
    pub(crate) null: bool,
    /// Infinities, and what is not a number.
    pub(crate) non_finite: bool,
    /// Integers beyond 64 bits.
    pub(crate) wide_integers: bool,
    pub(crate) datetimes: bool,
    pub(crate) bytes: bool,
    pub(crate) tags: bool,
    /// Keys that are no strings.
    pub(crate) any_key: bool,
    /// Documents that are no map.
    pub(crate) any_root: bool,
}
