//! Whose name the journal gets.

use std::env::var_os;

use crate::args::Args;

/// The name that was given; else who is behind `sudo`; else the environment's word for the user; else the account's name.
pub(super) fn actor(args: &Args) -> String {
    let name = args.actor.clone().or_else(behind_sudo);
    let name = name.or_else(|| ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(said));
    let name = name.or_else(account);
    // A name is one line, and nothing that a terminal acts upon.
    name.map_or_else(|| "unknown".into(), |n| n.replace(char::is_control, " "))
}

/// Root is many people: whoever became root says more.
#[cfg(unix)]
fn behind_sudo() -> Option<String> {
    let root = uzers::get_effective_uid() == 0;
    let user = said("SUDO_USER").filter(|_| root)?;
    Some(format!("{user} (sudo)"))
}

#[cfg(not(unix))]
fn behind_sudo() -> Option<String> {
    None
}

/// A variable that says something.
fn said(variable: &str) -> Option<String> {
    let value = var_os(variable)?.to_string_lossy().into_owned();
    Some(value).filter(|value| !value.is_empty())
}

/// Services and containers often have no variable that names the user.
#[cfg(unix)]
fn account() -> Option<String> {
    let uid = uzers::get_effective_uid();
    let user = uzers::get_user_by_uid(uid);
    let name = user.map(|user| user.name().to_string_lossy().into_owned());
    // Containers run under numbers that no account has.
    Some(name.unwrap_or_else(|| format!("uid {uid}")))
}

/// Windows sets `USERNAME` for every session and service.
#[cfg(not(unix))]
fn account() -> Option<String> {
    None
}
