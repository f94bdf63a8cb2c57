//! What has nothing to do, or is refused, leaves no state folder beside a file that was never saved.

use persist_core::{ConfigFile, Error, Outcome, Purge, RecoverySource};

use crate::support::{open, set, with};

/// Whether the operation says so, and no folder is there after it.
fn check(
    name: &str,
    text: Option<&str>,
    act: impl Fn(&ConfigFile) -> Result<String, Error>,
    says: &str,
) {
    let (_dir, file) = with(name, text.unwrap_or_default());
    if text.is_none() {
        std::fs::remove_file(file.path()).expect("it can be done");
    }
    let said = act(&file).unwrap_or_else(|error| error.to_string());
    assert!(said.contains(says), "{said}");
    assert!(!file.state_dir().exists(), "{said}");
}

const SOUND: Option<&str> = Some("a = 1\n");
const DAMAGED: Option<&str> = Some("\0\0\0\0\0\0\0\0");

fn outcome(receipt: Result<persist_core::Receipt, Error>) -> Result<String, Error> {
    receipt.map(|receipt| format!("{:?}", receipt.outcome))
}

#[test]
fn going_back_and_forth() {
    check(
        "app.toml",
        SOUND,
        |f| outcome(f.undo()),
        "there is no change to undo",
    );
    check(
        "app.toml",
        SOUND,
        |f| outcome(f.redo()),
        "there is no change to redo",
    );
    check(
        "app.toml",
        None,
        |f| outcome(f.undo()),
        "there is no such file",
    );
    check(
        "app.toml",
        SOUND,
        |f| outcome(f.restore("latest")),
        "no such backup",
    );
}

#[test]
fn recovery() {
    check("app.toml", SOUND, |f| outcome(f.recover(None)), "Unchanged");
    check(
        "app.toml",
        Some("a = [\n"),
        |f| outcome(f.recover(None)),
        "app.toml:",
    );
    check(
        "app.toml",
        None,
        |f| outcome(f.recover(None)),
        "none was ever saved",
    );
    check(
        "app.toml",
        DAMAGED,
        |f| outcome(f.recover(None)),
        "nothing was ever saved here",
    );
    check(
        "app.json",
        Some("{\"a\": 1, \"b\": \0\0\0"),
        |f| outcome(f.recover_up_to(RecoverySource::Copy, None)),
        "nothing was ever saved here",
    );
}

#[test]
fn adoption_and_purge() {
    check("app.toml", SOUND, |f| outcome(f.adopt()), "Unchanged");
    check("app.toml", None, |f| outcome(f.adopt()), "nothing to adopt");
    let none = Purge::default();
    check(
        "app.toml",
        SOUND,
        |f| f.purge(&none).map(|p| p.copies.len().to_string()),
        "0",
    );
    let mut one = Purge::default();
    one.named.push(7.into());
    check(
        "app.toml",
        SOUND,
        |f| f.purge(&one).map(|_| String::new()),
        "no such backup",
    );
}

#[cfg(unix)]
#[test]
fn sharing_that_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let private = |f: &ConfigFile| {
        drop(std::fs::set_permissions(
            f.path(),
            std::fs::Permissions::from_mode(0o600),
        ));
        f.share(false).map(|_| String::new())
    };
    check(
        "app.toml",
        SOUND,
        private,
        "can't be shared; nothing was changed",
    );
    check(
        "app.toml",
        None,
        |f| f.share(false).map(|_| String::new()),
        "can't be shared; nothing was changed",
    );
}

#[test]
fn a_change_that_is_none() {
    let same = |f: &ConfigFile| {
        outcome(f.edit_tried(None, |document| {
            Ok(document.set(&"a".parse()?, 1)?.warnings)
        }))
    };
    check("app.toml", SOUND, same, "Unchanged");
    let committed = |f: &ConfigFile| {
        let reading = f.read()?;
        let document = reading.document().expect("a document").clone();
        outcome(f.commit(&reading, &document, None))
    };
    check("app.toml", SOUND, committed, "Unchanged");
}

/// Damage of which something can be read is mended even where nothing was saved before.
#[test]
fn what_has_something_to_do_still_does_it() {
    let (_dir, file) = with("app.json", "{\"a\": 1, \"b\": \0\0\0");
    let receipt = file.recover(None).unwrap();
    assert_eq!(
        (receipt.outcome, receipt.recovered_from),
        (Outcome::Saved, Some(RecoverySource::Salvage))
    );
    assert!(file.state_dir().exists());
    let again = open(file.path());
    assert!(again.verify().unwrap().passed());
    set(&again, "a", 2).unwrap();
}
