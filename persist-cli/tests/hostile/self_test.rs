//! The harness sees what it is there to see: shell scripts do what persist must not.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use crate::canary::Canary;
use crate::case::Case;
use crate::commands::STEPS;
use crate::judge::{self, GIVEN, HANG, KILLED, LEAK, MEMORY_USED, OUTSIDE, PANIC, SET_ID, SHOWN};
use crate::kinds::Kind;
use crate::names::{self, Name};
use crate::races;
use crate::world::{SETUPS, World};

/// What is planted as `mirror`, what root does to it, and what has to be found. In a script `$0` is the state folder and
/// `$1` the tree of canaries.
const SCRIPTS: [(Kind, &str, &[&str]); 29] = [
    (Kind::Link(Canary::Text), "true", &[]),
    (Kind::Link(Canary::Text), "rm $0/mirror", &[]),
    (Kind::Hard(Canary::Text), "rm $0/mirror", &[]),
    (Kind::Hard(Canary::Text), "mv $0/mirror $0/old", &[]),
    (Kind::Moved(Canary::Text), "mv $0/mirror $0/old", &[]),
    (Kind::Link(Canary::Text), "echo >> $0/mirror", &[OUTSIDE]),
    (Kind::Link(Canary::Text), "chmod 644 $0/mirror", &[OUTSIDE]),
    (Kind::Link(Canary::Text), "chmod 600 $0/mirror", &[OUTSIDE]),
    (
        Kind::Link(Canary::Text),
        "chown 61001 $0/mirror",
        &[OUTSIDE],
    ),
    (Kind::Link(Canary::Text), "touch $0/mirror", &[OUTSIDE]),
    (Kind::Hard(Canary::Text), "echo >> $0/mirror", &[OUTSIDE]),
    (
        Kind::Hard(Canary::Text),
        "chown 61001 $0/mirror",
        &[OUTSIDE],
    ),
    (Kind::Link(Canary::Absent), "echo > $0/mirror", &[OUTSIDE]),
    (Kind::Link(Canary::Empty), "mkdir $0/mirror/x", &[OUTSIDE]),
    (Kind::Link(Canary::State), "rm $0/mirror/lock", &[OUTSIDE]),
    (
        Kind::Link(Canary::State),
        "mv $0/mirror/lock $0",
        &[OUTSIDE],
    ),
    (Kind::Fifo, "touch $1/../new", &[OUTSIDE]),
    (Kind::Fifo, "cd $1; cp -p text new; mv new text", &[OUTSIDE]),
    (Kind::Link(Canary::Text), "cat $0/mirror", &[SHOWN]),
    (Kind::Hard(Canary::Toml), "cat $0/mirror >&2", &[SHOWN]),
    (
        Kind::Link(Canary::Text),
        "umask 22; cat $0/mirror > $0/x",
        &[LEAK],
    ),
    (
        Kind::Link(Canary::Text),
        "umask 77; cat $0/mirror > $0/x",
        &[],
    ),
    (
        Kind::Moved(Canary::Log),
        "umask 77; cp $0/mirror $0/x; chown 61001 $0/x",
        &[LEAK],
    ),
    (Kind::Moved(Canary::Text), "chown 61001 $0/mirror", &[GIVEN]),
    (Kind::Moved(Canary::Text), "chmod 604 $0/mirror", &[GIVEN]),
    (Kind::Fifo, "read line < $0/mirror", &[HANG]),
    (
        Kind::Zero,
        "exec dd if=$0/mirror of=/dev/null bs=900M count=4 2> /dev/null",
        &[MEMORY_USED],
    ),
    (
        Kind::Folder,
        "cp /bin/true $0/x; chmod 4755 $0/x",
        &[SET_ID],
    ),
    (Kind::Folder, "kill -SEGV $$", &[KILLED]),
];

pub(crate) fn run() {
    let mut world = World::new(&SETUPS[0]);
    world.runner.program = "sh".into();
    let names = names::all(&world);
    let mirror = names.iter().find(|name| name.label == "state/mirror");
    for (kind, script, expected) in SCRIPTS {
        let patience = if expected == [HANG] { 1 } else { 60 };
        world.runner.patience = Duration::from_secs(patience);
        check(&world, mirror.unwrap(), kind, script, expected);
    }
    check(&world, mirror.unwrap(), Kind::Fifo, "exit 101", &[PANIC]);
    for spot in &races::SPOTS {
        let report = races::race(&world, spot, 16, careless);
        let seen = report.violations.iter().any(|v| v.finding.what == OUTSIDE);
        assert!(seen, "{}: writing through a link goes unseen", spot.0);
    }
}

fn check(world: &World, name: &Name, kind: Kind, script: &str, expected: &[&str]) {
    let (state, canaries) = (world.conf().join(".app.toml.persist"), world.canaries());
    let args = ["-c".into(), script.into(), state.into(), canaries.into()];
    let case = Case {
        kind: ("something", kind),
        name,
        step: &STEPS[0],
    };
    let findings: Vec<judge::Finding> = match case.run_with(world, &args) {
        Ok(findings) => findings,
        Err(error) => return println!("skipped: {kind:?}: {error}"),
    };
    let seen: BTreeSet<_> = findings.iter().map(|finding| finding.what).collect();
    let expected: BTreeSet<_> = expected.iter().copied().collect();
    assert_eq!(seen, expected, "{kind:?}, {script}: {findings:?}");
}

/// What a save must not be like: it opens whatever the path leads to at that moment.
fn careless(world: &World, _: &str, _: usize) -> Vec<OsString> {
    let script = "for i in $(seq 200); do for d in journal backups complements quarantine .; do \
                  echo > $0/$d/new; done; done 2> /dev/null";
    let state = world.conf().join(".app.toml.persist");
    vec!["-c".into(), script.into(), state.into()]
}
