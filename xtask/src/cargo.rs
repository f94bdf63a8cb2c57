//! Running commands.

use std::process::Command;

use crate::outcome::Outcome;

/// A `cargo` command, run by the cargo that runs us.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// What the proofs run, besides the command.
const PROOFS: [&str; 4] = ["bombs", "crash", "hostile", "lossless"];

/// The one feature that no crate of the workspace asks for.
pub(crate) const OPTIONAL: &str = "persist-format/schemars";

/// Builds the command and all long test targets for proofs: our own crates optimised, overflow still checked. All at
/// once, and with the workspace and the features of the tests, so that all else is built once for tests and proofs.
pub(crate) fn build_proofs() -> Outcome {
    let mut command = cargo(&["build", "--quiet", "--bin", "persist"]);
    run(select(&mut command, &PROOFS))
}

/// Long test targets in the build for proofs, their arguments to follow.
pub(crate) fn proof(targets: &[&str]) -> Command {
    let mut command = cargo(&["test", "--quiet"]);
    select(&mut command, targets).arg("--");
    command
}

fn select<'a>(command: &'a mut Command, targets: &[&str]) -> &'a mut Command {
    for setting in ["opt-level=2", "debug-assertions=false"] {
        command.args(["--config", &format!("profile.dev.{setting}")]);
    }
    command.args(["--workspace", "--features", OPTIONAL]);
    for target in targets {
        command.args(["--test", target]);
    }
    command
}

/// Runs to the end, output going straight through.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let shown = shown(command);
    match command.status() {
        Ok(status) if status.success() => Outcome::Passed,
        Ok(status) => Outcome::Failed(format!("{shown}: {status}")),
        Err(error) => Outcome::Failed(format!("{shown}: {error}")),
    }
}

/// Whether a program is in the search path.
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/sbin", "/sbin"].map(std::path::PathBuf::from);
    std::env::split_paths(&path)
        .chain(sbin)
        .any(|dir| dir.join(program).is_file())
}

fn shown(command: &Command) -> String {
    let args = command.get_args().map(|arg| arg.to_string_lossy());
    let program = std::path::Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    std::iter::once(name)
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}
