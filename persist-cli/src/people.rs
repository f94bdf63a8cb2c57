//! Users and groups by their names, where their numbers have any.

/// `user alice`, or `user 1001`.
pub(crate) fn user(id: u32) -> String {
    format!("user {}", user_name(id).unwrap_or_else(|| id.to_string()))
}

/// `group team`, or `group 2001`.
pub(crate) fn group(id: u32) -> String {
    format!("group {}", group_name(id).unwrap_or_else(|| id.to_string()))
}

#[cfg(unix)]
fn user_name(id: u32) -> Option<String> {
    let user = uzers::get_user_by_uid(id)?;
    Some(user.name().to_string_lossy().into_owned())
}

#[cfg(unix)]
fn group_name(id: u32) -> Option<String> {
    let group = uzers::get_group_by_gid(id)?;
    Some(group.name().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn user_name(_id: u32) -> Option<String> {
    None
}

#[cfg(not(unix))]
fn group_name(_id: u32) -> Option<String> {
    None
}
