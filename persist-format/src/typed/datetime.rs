//! Datetimes on their way through serde, which has no type for them.

/// serde's names for a datetime of the `toml` crates, which have no other way to say it through serde.
pub(super) const STRUCT: &str = "$__toml_private_Datetime";
pub(super) const FIELD: &str = "$__toml_private_datetime";
