//! Which `config_versions.json` is used, and whose.
#![cfg(unix)]

use std::fs::{Permissions, create_dir_all, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Ran, Sandbox};

const MANIFEST: &str = r#"{
  "app": "app",
  "versions": [
    {"version": "1.0.0", "schema": {"type": "object", "properties": {"schema_version": {"type": "string"}, "a": {"type": "integer"}}}},
    {"version": "1.1.0", "schema": {"type": "object", "properties": {"schema_version": {"type": "string"}, "b": {"type": "integer"}}}}
  ],
  "edges": [{"from": "1.0.0", "to": "1.1.0", "lenses": [{"rename": {"path": "/a", "to": "b"}}]}],
  "sensitive": ["pin"]
}"#;

const NAME: &str = "config_versions.json";
const OTHER: u32 = 65534;

/// `home/conf/app.toml` of a version that the manifest knows, if there is one.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    create_dir_all(sandbox.path("home/conf")).unwrap();
    sandbox.write("home/conf/app.toml", "schema_version = \"1.0.0\"\na = 1\n");
    sandbox
}

/// Puts the manifest there, with a mode that the umask has no say in.
fn put(sandbox: &Sandbox, path: &str, mode: u32) {
    sandbox.write(path, MANIFEST);
    set_permissions(sandbox.path(path), Permissions::from_mode(mode)).unwrap();
}

/// Whether the file at `path` could be given to somebody else.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn given_away(sandbox: &Sandbox, path: &str) -> bool {
    let given = lchown(sandbox.path(path), Some(OTHER), Some(OTHER)).is_ok();
    if !given {
        println!("skipped: only root can give files to others");
    }
    given
}

const FILE: &str = "home/conf/app.toml";

fn status(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["status", FILE], args].concat())
}

/// Whether a manifest is in use, and nothing is said.
fn is_used(sandbox: &Sandbox) -> bool {
    let ran = status(sandbox, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    knows_versions(&ran)
}

fn knows_versions(ran: &Ran) -> bool {
    ran.stdout.contains("(newest: 1.1.0)")
}

#[test]
fn ones_own_is_used_wherever_it_lies() {
    let sandbox = sandbox();
    assert!(!is_used(&sandbox));
    for path in [
        NAME,
        "home/config_versions.json",
        "home/conf/config_versions.json",
    ] {
        put(&sandbox, path, 0o644);
        assert!(is_used(&sandbox), "{path}");
        std::fs::remove_file(sandbox.path(path)).unwrap();
    }
}

#[test]
fn another_users_above_is_passed_over() {
    let sandbox = sandbox();
    put(&sandbox, "home/config_versions.json", 0o644);
    if !given_away(&sandbox, "home/config_versions.json") {
        return;
    }
    let ran = status(&sandbox, &[]);
    assert!(ran.code == 0 && !knows_versions(&ran), "{ran}");
    let Ran { stderr, .. } = &ran;
    insta::assert_snapshot!(stderr, @"[dir]/home/config_versions.json is not used: it belongs to user 65534, who is neither you nor root nor the owner of the file; --versions [dir]/home/config_versions.json uses it anyway");
    assert_eq!(
        sandbox.json(0, &["status", FILE])["latest"],
        serde_json::Value::Null
    );
    assert_eq!(status(&sandbox, &["--no-versions"]).stderr, "");
    let named = status(&sandbox, &["--versions", "home/config_versions.json"]);
    assert!(named.stderr.is_empty() && knows_versions(&named), "{named}");
    // Further up there may be a good one.
    put(&sandbox, NAME, 0o644);
    let ran = status(&sandbox, &[]);
    assert!(
        knows_versions(&ran) && ran.stderr.contains("is not used"),
        "{ran}"
    );
    // Of many files it is said once.
    std::fs::copy(sandbox.path(FILE), sandbox.path("home/conf/b.toml")).unwrap();
    let many = sandbox.ok(&["migrate", "to", "--all", "home/conf/*.toml"]);
    assert_eq!(many.stderr.matches("is not used").count(), 1, "{many}");
}

#[test]
fn another_users_beside_is_refused() {
    let sandbox = sandbox();
    put(&sandbox, "home/conf/config_versions.json", 0o644);
    if !given_away(&sandbox, "home/conf/config_versions.json") {
        return;
    }
    insta::assert_snapshot!(status(&sandbox, &[]), @r"
    error: [dir]/home/conf/config_versions.json is not trusted as the file's version manifest: it belongs to user 65534, who is neither you nor root nor the owner of the file
      help: --versions [dir]/home/conf/config_versions.json uses it anyway, --no-versions ignores it
    exit code 4
    ");
    let told = sandbox.json(4, &["set", FILE, "a=2"]);
    assert_eq!(told["error"], "invalid");
    assert!(!knows_versions(&sandbox.ok(&[
        "status",
        FILE,
        "--no-versions"
    ])));
    let named = [
        "status",
        FILE,
        "--versions",
        "home/conf/config_versions.json",
    ];
    assert!(knows_versions(&sandbox.ok(&named)));
    let both = [&named[..], &["--no-versions"]].concat();
    assert_eq!(sandbox.run(&both).code, 2);
    // Who owns the file could have written into it what the manifest says.
    chown(sandbox.path(FILE), Some(OTHER), None).unwrap();
    assert!(is_used(&sandbox));
}

#[test]
fn what_others_can_write_is_nobodys() {
    let sandbox = sandbox();
    let manifest = "home/conf/config_versions.json";
    put(&sandbox, manifest, 0o646);
    insta::assert_snapshot!(status(&sandbox, &[]), @r"
    error: [dir]/home/conf/config_versions.json is not trusted as the file's version manifest: anyone can write to it
      help: --versions [dir]/home/conf/config_versions.json uses it anyway, --no-versions ignores it
    exit code 4
    ");
    put(&sandbox, manifest, 0o664);
    assert!(is_used(&sandbox), "a group of one's own is no stranger");
    if chown(sandbox.path(manifest), None, Some(OTHER)).is_ok() {
        let ran = status(&sandbox, &[]);
        assert_eq!(ran.code, 4, "{ran}");
        assert!(
            ran.stderr
                .contains("group 65534, which you are not in, can write to it"),
            "{ran}"
        );
        put(&sandbox, manifest, 0o644);
        assert!(is_used(&sandbox), "a group that only reads does not matter");
    }
    std::fs::remove_file(sandbox.path(manifest)).unwrap();
    put(&sandbox, NAME, 0o646);
    let ran = status(&sandbox, &[]);
    assert!(
        !knows_versions(&ran) && ran.stderr.contains("anyone can write to it"),
        "{ran}"
    );
}

#[test]
fn links() {
    let sandbox = sandbox();
    let link = "home/conf/config_versions.json";
    put(&sandbox, "real.json", 0o644);
    symlink("../../real.json", sandbox.path("home/second")).unwrap();
    symlink("../second", sandbox.path(link)).unwrap();
    assert_eq!(status(&sandbox, &[]).code, 8, "the last one leads nowhere");
    std::fs::remove_file(sandbox.path("home/second")).unwrap();
    symlink("../real.json", sandbox.path("home/second")).unwrap();
    assert!(is_used(&sandbox));
    for theirs in ["home/second", link] {
        if !given_away(&sandbox, theirs) {
            return;
        }
        let ran = status(&sandbox, &[]);
        assert_eq!(ran.code, 4, "{theirs}: {ran}");
        assert!(
            ran.stderr.contains("a symbolic link in its path belongs"),
            "{ran}"
        );
        lchown(sandbox.path(theirs), Some(0), None).unwrap();
    }
    assert!(is_used(&sandbox));
    // Somebody else's link to their own file says nothing new: the file is judged.
    assert!(given_away(&sandbox, "real.json") && given_away(&sandbox, link));
    let ran = status(&sandbox, &[]);
    assert!(ran.stderr.contains("it belongs to user 65534"), "{ran}");
}

#[test]
fn a_fifo_is_not_waited_for() {
    let sandbox = sandbox();
    let fifo = sandbox.path("home/conf/config_versions.json");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let mut command = sandbox.command(&["status", FILE]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("it waits for somebody to write into the FIFO");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let ran = Ran::from(child.wait_with_output().unwrap());
    insta::assert_snapshot!(ran, @r"
    error: [dir]/home/conf/config_versions.json is not trusted as the file's version manifest: it is not a regular file
      help: --no-versions ignores it, --versions FILE uses another
    exit code 4
    ");
    std::fs::rename(&fifo, sandbox.path(NAME)).unwrap();
    let ran = status(&sandbox, &[]);
    assert!(
        ran.code == 0 && ran.stderr.contains("not a regular file"),
        "{ran}"
    );
}

/// Else its list of sensitive keys would be lost without a word.
#[test]
fn ones_own_that_can_not_be_used_is_an_error_wherever_it_lies() {
    let sandbox = sandbox();
    sandbox.write(NAME, "{\"versions\": [");
    insta::assert_snapshot!(status(&sandbox, &[]), @r"
    error: [dir]/config_versions.json is not a valid version manifest
      because: line 1, column 14: at `/versions`: EOF while parsing a list
      help: --no-versions ignores it, --versions FILE uses another
    exit code 4
    ");
    assert_eq!(status(&sandbox, &["--no-versions"]).code, 0);
    let long = std::fs::File::create(sandbox.path(NAME)).unwrap();
    long.set_len((16 << 20) + 1).unwrap();
    insta::assert_snapshot!(status(&sandbox, &[]), @r"
    error: could not read [dir]/config_versions.json
      because: it is longer than 16777216 bytes, the limit for a manifest
      help: --no-versions ignores it, --versions FILE uses another
    exit code 8
    ");
    std::fs::remove_file(sandbox.path(NAME)).unwrap();
    symlink("nowhere", sandbox.path(NAME)).unwrap();
    assert_eq!(status(&sandbox, &[]).code, 8);
}

#[test]
fn one_of_roots_that_may_not_be_read() {
    let sandbox = sandbox();
    put(&sandbox, NAME, 0o600);
    let open = |path| set_permissions(sandbox.path(path), Permissions::from_mode(0o755)).unwrap();
    open("");
    let mut command = sandbox.command(&["status", FILE]);
    match command.uid(OTHER).gid(OTHER).output() {
        Ok(output) => {
            let ran = Ran::from(output);
            assert_eq!(ran.code, 8, "{ran}");
            assert!(ran.stderr.contains("Permission denied"), "{ran}");
            assert!(ran.stderr.contains("--no-versions"), "{ran}");
        }
        Err(_) => println!("skipped: needs root, and a build folder that others may read"),
    }
}

#[test]
fn nothing_above_the_home_folder() {
    let sandbox = sandbox();
    put(&sandbox, NAME, 0o644);
    let at_home = |home: &str| {
        let mut command = sandbox.command(&["status", FILE]);
        Ran::from(command.env("HOME", sandbox.path(home)).output().unwrap())
    };
    assert!(!knows_versions(&at_home("home")));
    assert!(!knows_versions(&at_home("home/conf/..")));
    assert!(knows_versions(&at_home("")), "the home folder itself");
    create_dir_all(sandbox.path("elsewhere")).unwrap();
    assert!(
        knows_versions(&at_home("elsewhere")),
        "the file is not in it"
    );
    put(&sandbox, "home/config_versions.json", 0o644);
    assert!(knows_versions(&at_home("home")));
}

/// `..` leads out of the folder that one is in, and out of what is searched.
#[test]
fn above_means_above_the_file() {
    let sandbox = sandbox();
    create_dir_all(sandbox.path("here")).unwrap();
    put(&sandbox, "here/config_versions.json", 0o644);
    let mut command = sandbox.command(&["status", "../home/conf/app.toml"]);
    let ran = Ran::from(command.current_dir(sandbox.path("here")).output().unwrap());
    assert!(ran.code == 0 && !knows_versions(&ran), "{ran}");
}

#[test]
fn commands_about_a_manifest_look_from_where_they_are() {
    let sandbox = sandbox();
    put(&sandbox, NAME, 0o646);
    let check = |args: &[&str]| {
        let mut command = sandbox.command(&["migrate", "check", "--cases", "1"]);
        let command = command.args(args).current_dir(sandbox.path("home"));
        Ran::from(command.output().unwrap())
    };
    let ran = check(&[]);
    assert_eq!(ran.code, 10, "{ran}");
    assert!(
        ran.stderr.contains("is not used: anyone can write to it"),
        "{ran}"
    );
    let named = check(&["../config_versions.json"]);
    assert_eq!(named.code, 0, "{named}");
    assert_eq!(check(&["--versions", "../config_versions.json"]).code, 0);
    put(&sandbox, NAME, 0o644);
    assert_eq!(check(&[]).code, 0);
    assert_eq!(check(&["--no-versions"]).code, 10);
    put(&sandbox, "home/config_versions.json", 0o646);
    assert_eq!(check(&[]).code, 4);
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_across_a_mount_point() {
    let sandbox = sandbox();
    put(&sandbox, NAME, 0o644);
    let script = "mount -t tmpfs none home && mkdir home/conf \
        && printf 'schema_version = \"1.0.0\"\\n' > home/conf/app.toml && exec \"$@\"";
    let program = sandbox.command(&[]).get_program().to_owned();
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, "sh"]).arg(program);
    command.args(["status", FILE]).current_dir(sandbox.path(""));
    let ran: Option<Ran> = command.output().ok().map(Ran::from);
    match ran.filter(|ran| !ran.stderr.contains("unshare") && !ran.stderr.contains("mount:")) {
        Some(ran) => assert!(ran.code == 0 && !knows_versions(&ran), "{ran}"),
        None => println!("skipped: mounting is not allowed here"),
    }
}
