//! One thing at one name, and one command.

use std::ffi::OsString;
use std::io;

use crate::commands::Step;
use crate::judge::{self, Finding};
use crate::kinds::Kind;
use crate::names::Name;
use crate::tree;
use crate::user::ATTACKER;
use crate::world::World;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) kind: (&'static str, Kind),
    pub(crate) name: &'a Name,
    pub(crate) step: &'static Step,
}

impl Case<'_> {
    /// Everything afresh but for the canaries, which are restored if something got at them.
    ///
    /// # Errors
    /// What is planted can't be made here.
    pub(crate) fn run(&self, world: &World) -> io::Result<Vec<Finding>> {
        self.run_with(world, &self.step.args(world))
    }

    /// With another command line.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(crate) fn run_with(&self, world: &World, args: &[OsString]) -> io::Result<Vec<Finding>> {
        world.reset();
        self.step.prepare(world);
        tree::remove(&self.name.path);
        make_parents(&self.name.path);
        let plant = self.kind.1.plant(world, &self.name.path)?;
        let owner_and_mode = plant.owner_and_mode();
        let before = world.outside();
        let ran = world.runner.run(args);
        let changes = before.changes(&world.outside(), Some(plant.inode));
        if !changes.is_empty() {
            world.restore();
        }
        let mut findings = judge::ran(&ran);
        if self.is_its_own(world) {
            findings.retain(|finding| finding.what != judge::SHOWN);
        }
        findings.extend(changes.into_iter().map(judge::outside));
        findings.extend(judge::inside(world, Some(plant.inode)));
        if matches!(self.kind.1, Kind::Moved(_)) {
            findings.extend(judge::moved(owner_and_mode, plant.owner_and_mode()));
        }
        Ok(findings)
    }

    /// Whoever asks for a file by its name, and it is a file of the own under that name, is shown it.
    ///
    /// Nor can anybody else put a file of the own in a state folder of the own.
    fn is_its_own(&self, world: &World) -> bool {
        let named = ["app.toml", "out.json"].contains(&self.name.label.as_str());
        match self.kind.1 {
            Kind::Moved(_) => named || world.setup.state_is_actors(),
            Kind::Hard(_) => self.name.label == "app.toml",
            _ => false,
        }
    }
}

fn make_parents(path: &std::path::Path) {
    let parent = path.parent().unwrap();
    if !parent.exists() {
        make_parents(parent);
        tree::folder(parent, ATTACKER, 0o700);
    }
}
