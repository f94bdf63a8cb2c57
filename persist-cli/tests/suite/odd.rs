//! Files that are not what one would wish for.

use crate::support::Sandbox;

#[test]
fn missing_empty_and_no_file_at_all() {
    let sandbox = Sandbox::with("empty.toml", "");
    sandbox.write("empty.json", "");
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    insta::assert_snapshot!(sandbox.run(&["get", "none.toml", "a"]), @r"
    error: none.toml: there is no such file
    exit code 8
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "folder"]), @r"
    error: folder could not be opened or locked; nothing was changed
      because: [dir]/folder is a folder, not a regular file
    exit code 8
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "empty.json"]), @r"
    error: expected a value, found the end of the file
     --> empty.json:1:1
      |
    1 |
      | ^
    exit code 4
    ");
    sandbox.ok(&["set", "empty.toml", "a=1"]);
    assert_eq!(sandbox.text("empty.toml"), "a = 1\n");
    insta::assert_snapshot!(sandbox.run(&["set", "no-such-folder/app.toml", "a=1"]), @r"
    error: no-such-folder/app.toml could not be opened or locked; nothing was changed
      because: the folder [dir]/no-such-folder does not exist: create it first
    exit code 8
    ");
}

#[test]
fn bytes_that_are_no_text() {
    let sandbox = Sandbox::with("app.toml", b"a = \"\xff\"\n");
    insta::assert_snapshot!(sandbox.run(&["get", "app.toml"]), @r#"
    error: byte 0xff is not UTF-8
     --> app.toml:1:6
      |
    1 | a = "
      |      ^
      |
      = help: the file is damaged or in another encoding; save it as UTF-8
    exit code 4
    "#);
    sandbox.write("app.json", b"\xff\xfe{\0}\0");
    insta::assert_snapshot!(sandbox.run(&["get", "app.json"]), @r"
    error: app.json: the file is UTF-16, not UTF-8
      help: save it as UTF-8
    exit code 4
    ");
}

/// The state folder is its owner's; the file is for everybody who may read it.
#[cfg(unix)]
#[test]
fn who_may_not_enter_the_state_folder_reads_all_the_same() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.ok(&["set", "app.toml", "a=2"]);
    let mode = |path, mode| set_permissions(path, Permissions::from_mode(mode)).unwrap();
    mode(sandbox.path(""), 0o755);
    mode(sandbox.path(".app.toml.persist"), 0o000);
    let locked_out = |args: &[&str]| {
        let mut command = sandbox.command(args);
        if std::fs::read_dir(sandbox.path(".app.toml.persist")).is_ok() {
            command.uid(65534).gid(65534); // no permission keeps root out
        }
        command.output().map(crate::support::Ran::from)
    };
    let (Ok(read), Ok(written)) = (
        locked_out(&["get", "app.toml", "a"]),
        locked_out(&["set", "app.toml", "a=3"]),
    ) else {
        println!("skipped: another user can't run the command where it is built");
        return;
    };
    mode(sandbox.path(".app.toml.persist"), 0o700);
    assert_eq!((read.code, read.stdout.as_str()), (0, "2\n"), "{read}");
    assert_eq!(written.code, 8, "{written}");
    assert_eq!(sandbox.text("app.toml"), "a = 2\n");
}

#[test]
fn a_name_that_says_no_format() {
    let sandbox = Sandbox::with("config", "a = 1\n");
    assert_eq!(sandbox.ok(&["get", "config", "a"]).stdout, "1\n");
    sandbox.write("unclear", "just words\n");
    insta::assert_snapshot!(sandbox.run(&["get", "unclear"]), @r"
    error: unclear: the format can't be determined from the file's name or content
      help: the formats are json, jsonc, toml and yaml: name the right one with --format, or by the file's extension
    exit code 4
    ");
    // Another extension does not help a file that has one of another format.
    sandbox.write("a.ini", "a = 1\n");
    let told = sandbox.run(&["get", "a.ini"]).stderr;
    assert!(
        told.contains(
            "the formats are json, jsonc, toml and yaml: name the right one with --format"
        ),
        "{told}"
    );
    assert_eq!(
        sandbox
            .ok(&["--format", "toml", "get", "a.ini", "a"])
            .stdout,
        "1\n"
    );
    sandbox.write("really.json", "a: 1\n");
    assert_eq!(
        sandbox
            .ok(&["--format", "yaml", "get", "really.json", "a"])
            .stdout,
        "1\n"
    );
}

#[test]
fn huge_values_and_many_keys() {
    let sandbox = Sandbox::with("app.json", "{}\n");
    // A command line of Windows has room for 32,767 characters.
    let long = "x".repeat(if cfg!(windows) { 30_000 } else { 100_000 });
    let told = sandbox.ok(&["set", "app.json", &format!("long={long}")]);
    assert!(told.stdout.len() < 1000, "a receipt is for reading");
    assert_eq!(
        sandbox.ok(&["get", "app.json", "long"]).stdout.trim_end(),
        long
    );
    sandbox.ok(&["set", "app.json", "big=123456789012345678901234567890"]);
    assert_eq!(
        sandbox.ok(&["get", "app.json", "big"]).stdout,
        "123456789012345678901234567890\n"
    );
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use crate::support::Sandbox;

    #[test]
    fn a_symbolic_link_stays_one() {
        let sandbox = Sandbox::new();
        std::fs::create_dir(sandbox.path("dotfiles")).unwrap();
        sandbox.write("dotfiles/app.toml", "a = 1\n");
        symlink("dotfiles/app.toml", sandbox.path("app.toml")).unwrap();
        sandbox.ok(&["set", "app.toml", "a=2"]);
        assert!(sandbox.path("app.toml").is_symlink());
        assert_eq!(sandbox.text("dotfiles/app.toml"), "a = 2\n");
        sandbox.ok(&["undo", "dotfiles/app.toml"]);
        assert_eq!(sandbox.text("app.toml"), "a = 1\n");
    }

    #[test]
    fn what_persist_keeps_is_private_and_what_it_changes_keeps_its_mode() {
        let sandbox = Sandbox::with("app.toml", "a = 1\n");
        let mode = |name: &str| sandbox.path(name).metadata().unwrap().permissions().mode() & 0o777;
        std::fs::set_permissions(sandbox.path("app.toml"), PermissionsExt::from_mode(0o640))
            .unwrap();
        sandbox.ok(&["set", "app.toml", "a=2"]);
        assert_eq!(mode("app.toml"), 0o640);
        assert_eq!(mode(".app.toml.persist/mirror"), 0o600);
        assert_eq!(mode(".app.toml.persist"), 0o700);
    }

    /// `persist` as somebody without rights: as another user where this is root.
    fn powerless(sandbox: &Sandbox, args: &[&str]) -> Option<crate::support::Ran> {
        let persist = sandbox.command(args);
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
            .arg(persist.get_program())
            .args(args)
            .current_dir(sandbox.path(""))
            .env("USER", "nobody");
        let output = command.output().ok()?;
        Some(output.into())
    }

    #[test]
    fn a_folder_that_may_only_be_read() {
        let sandbox = Sandbox::with("app.toml", "a = 1\n");
        std::fs::set_permissions(sandbox.path(""), PermissionsExt::from_mode(0o755)).unwrap();
        let works = powerless(&sandbox, &["--version"]).is_some_and(|ran| ran.code == 0);
        if !works {
            println!("skipped: needs root, setpriv and a build folder that others may read");
            return;
        }
        let ran = powerless(&sandbox, &["get", "app.toml", "a"]).unwrap();
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (0, "1\n"),
            "reading needs no rights to write"
        );
        insta::assert_snapshot!(powerless(&sandbox, &["set", "app.toml", "a=2"]).unwrap(), @r"
    error: app.toml was not saved; the old content is in place
      because: [dir]/app.toml can't be written by this user: save as its owner, or change its mode
    exit code 8
    ");
        assert_eq!(sandbox.text("app.toml"), "a = 1\n");
        std::fs::set_permissions(sandbox.path("app.toml"), PermissionsExt::from_mode(0o600))
            .unwrap();
        insta::assert_snapshot!(powerless(&sandbox, &["get", "app.toml", "a"]).unwrap(), @r"
    error: could not read [dir]/app.toml
      because: Permission denied (os error 13)
    exit code 8
    ");
    }
}

/// As containers get a single file of the host's.
#[cfg(target_os = "linux")]
#[test]
fn a_mount_point() {
    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    sandbox.write("real.toml", "a = 1\n");
    let on_mount = |args: &[&str]| -> Option<crate::support::Ran> {
        let program = sandbox.command(&[]).get_program().to_owned();
        let mut command = std::process::Command::new("unshare");
        let script = "mount --bind real.toml app.toml && exec \"$@\"";
        command
            .args(["-m", "sh", "-c", script, "sh"])
            .arg(program)
            .args(args)
            .current_dir(sandbox.path("."))
            .stdin(std::process::Stdio::null());
        let ran: crate::support::Ran = command.output().ok()?.into();
        (!ran.stderr.contains("unshare") && !ran.stderr.contains("mount:")).then_some(ran)
    };
    let Some(refused) = on_mount(&["set", "app.toml", "a=2"]) else {
        println!("skipped: mounting is not allowed here");
        return;
    };
    insta::assert_snapshot!(refused, @r"
    error: app.toml was not saved; the old content is in place
      because: [dir]/app.toml is a mount point and can't be replaced: mount its folder instead, or allow writing in place
      because: Device or resource busy (os error 16)
      help: --in-place writes into the file itself, which a power cut can leave half-written until the next save
    exit code 8
    ");
    assert_eq!(sandbox.text("real.toml"), "a = 1\n");
    let saved = on_mount(&["set", "app.toml", "a=2", "--in-place"]).unwrap();
    assert_eq!(saved.code, 0, "{saved}");
    assert_eq!(sandbox.text("real.toml"), "a = 2\n");
    let undone = on_mount(&["undo", "app.toml", "--in-place"]).unwrap();
    assert_eq!(undone.code, 0, "{undone}");
    assert_eq!(sandbox.text("real.toml"), "a = 1\n");
}

/// What is saved is saved: exit codes of failures are for what is not.
#[cfg(target_os = "linux")]
#[test]
fn a_receipt_that_can_not_be_told() {
    use std::os::unix::ffi::OsStringExt;

    let sandbox = Sandbox::with("app.toml", "a = 1\n");
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = sandbox.command(&["set", "app.toml", "a=2"]);
    let ran = crate::support::Ran::from(command.stdout(full).output().unwrap());
    insta::assert_snapshot!(ran, @"
    error: app.toml is saved, but the receipt could not be written: No space left on device (os error 28)
    exit code 0
    ");
    assert_eq!(sandbox.text("app.toml"), "a = 2\n");

    let name = std::ffi::OsString::from_vec(b"bad\xff.toml".to_vec());
    std::fs::write(sandbox.path("").join(&name), "a = 1\n").unwrap();
    let mut command = sandbox.command(&["set", "--json"]);
    let ran = crate::support::Ran::from(command.arg(&name).arg("a=3").output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["file"], "bad\u{fffd}.toml");
}

/// Neither words nor a name with line ends in them look like an entry of the log.
#[test]
fn words_do_not_forge_entries() {
    let sandbox = Sandbox::with("a.toml", "a = 1\n");
    let words = "ok\n#99 save  2020-01-01 00:00:00 UTC, root\n  a: 1 -> 666";
    sandbox.ok(&[
        "set",
        "a.toml",
        "a=2",
        "-m",
        words,
        "--actor",
        "x\n#98 save",
    ]);
    let log = sandbox.ok(&["log", "a.toml"]).stdout;
    let headings: Vec<&str> = log.lines().filter(|l| l.starts_with('#')).collect();
    assert_eq!(headings.len(), 1, "{log}");
    assert!(log.contains("  #99 save"), "{log}");
    let changelog = sandbox.ok(&["log", "a.toml", "--changelog"]).stdout;
    assert!(!changelog.contains("\n#99"), "{changelog}");
}
