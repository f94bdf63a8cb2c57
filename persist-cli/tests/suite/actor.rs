//! Whose name the journal gets.

use crate::support::Sandbox;

const NAMES: [&str; 3] = ["USER", "LOGNAME", "USERNAME"];

/// The name in the journal after a change made with these variables alone.
fn actor(variables: &[(&str, &str)], args: &[&str]) -> String {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    let mut command = sandbox.command(&["set", "app.toml", "a=2"]);
    NAMES.iter().for_each(|name| {
        command.env_remove(name);
    });
    let ran = command.args(args).envs(variables.iter().copied()).output();
    assert!(ran.unwrap().status.success());
    let log = sandbox.json(0, &["log", "app.toml"]);
    log[0]["actor"]["name"].as_str().unwrap().to_owned()
}

#[cfg(unix)]
/// What id(1) says of the user.
fn id(flags: &str) -> Option<String> {
    let output = std::process::Command::new("id").arg(flags).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim_end().to_owned()).filter(|text| !text.is_empty())
}

#[test]
fn the_environment_names_the_user() {
    assert_eq!(actor(&[("USER", "a"), ("LOGNAME", "b")], &[]), "a");
    assert_eq!(actor(&[("USER", ""), ("LOGNAME", "b")], &[]), "b");
    assert_eq!(actor(&[("USERNAME", "c")], &[]), "c");
    assert_eq!(actor(&[("USER", "a")], &["--actor", "d"]), "d");
    let hostile = actor(&[("USER", "a\n#99 \u{1b}[31m\u{9b}")], &[]);
    assert_eq!(hostile, "a #99  [31m ");
}

#[cfg(unix)]
#[test]
fn where_it_does_not_the_account_has_a_name() {
    let Some(name) = id("-un") else {
        println!("skipped: id(1) knows no name of this user");
        return;
    };
    assert_eq!(actor(&[], &[]), name);
}

#[cfg(unix)]
#[test]
fn root_by_sudo_is_somebody() {
    let sudo = [("USER", "root"), ("SUDO_USER", "alice")];
    match id("-u").as_deref() {
        Some("0") => assert_eq!(actor(&sudo, &[]), "alice (sudo)"),
        _ => assert_eq!(
            actor(&sudo, &[]),
            "root",
            "nobody else is root by saying so"
        ),
    }
    assert_eq!(actor(&sudo, &["--actor", "d"]), "d");
}
