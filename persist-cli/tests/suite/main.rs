//! The real command on real files: what it does, what it says, what it exits with.

#![expect(
    clippy::unwrap_used,
    reason = "clippy spares tests, but not the functions they call"
)]

mod actor;
#[cfg(unix)]
mod bounded;
mod change;
#[cfg(unix)]
mod comes_back;
mod convert;
mod damage;
mod demo;
mod diff;
mod dry;
#[cfg(target_os = "linux")]
mod failed_sync;
mod followed;
mod foreign;
mod get;
#[cfg(unix)]
mod hard_links;
mod home;
#[cfg(target_os = "linux")]
mod home_crash;
mod keep;
mod migrate;
mod newcomer;
mod newer_state;
mod odd;
mod processes;
#[cfg(target_os = "linux")]
mod prompt;
#[cfg(target_os = "linux")]
mod pty;
mod published;
mod purge;
mod raw_names;
mod readme;
mod secrets;
#[cfg(unix)]
mod share;
mod small;
mod stream;
mod support;
mod terminal;
mod values;
mod versions;
#[cfg(target_os = "linux")]
mod watchers;
mod whose_manifest;
mod words;
