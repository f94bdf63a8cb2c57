//! One integration binary per crate; its modules mirror `src`.

mod back_and_forth;
mod calls;
mod chains;
mod change;
mod counts;
mod deletion;
mod diagnose;
mod draft;
mod foretold;
#[cfg(unix)]
mod hard_links;
mod history;
mod home;
mod hostile;
#[cfg(unix)]
mod in_place;
mod journal;
#[cfg(unix)]
mod kept;
#[cfg(unix)]
mod late;
mod lists;
mod long_journal;
mod lost_records;
mod meant;
mod merges;
mod messages;
mod migrate;
mod months;
mod newer_records;
mod newer_state;
mod ordinary;
mod outcome;
#[cfg(unix)]
mod overtaken;
mod place;
#[cfg(unix)]
mod purge;
#[cfg(unix)]
mod raw_names;
mod recover;
mod redacted_text;
mod replaced_damage;
mod retention;
mod sensitive;
mod stage;
mod state_format;
mod store;
mod streams;
mod support;
mod travel;
mod two_builds;
mod untouched;
mod verify;
mod version_key;
mod way_back;
