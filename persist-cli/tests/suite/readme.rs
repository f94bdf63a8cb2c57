//! What the README shows is what the command does.

use crate::support::{Sandbox, own};

/// The text of the code block that starts with ```` ```LANGUAGE ````.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// Whether `line` is `shown`, in which `…` stands for what differs from run to run.
fn matches(shown: &str, line: &str) -> bool {
    match shown.split_once('…') {
        Some((start, end)) => line.starts_with(start) && line.ends_with(end),
        None => shown == line,
    }
}

/// The words of a command line, double quotes taken off.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    let words = quoted.flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

#[test]
fn the_tour_is_true() {
    // Whoever goes by the README has run its first command in this clone.
    let example = own("examples/app.toml").replacen("width  = 1280", "width  = 1024", 1);
    let sandbox = Sandbox::with("app.toml", example);
    sandbox.write("config_versions.json", own("config_versions.json"));
    #[cfg(unix)]
    {
        // There is a key in it: whoever keeps it to themselves is told nothing of that.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(sandbox.path("app.toml"), mode).unwrap();
    }
    let readme = own("README.md");
    let mut steps = block(&readme, "console").split("$ ");
    assert_eq!(steps.next(), Some(""), "the tour starts with a command");
    for step in steps {
        let (command, shown) = step.split_once('\n').unwrap();
        let words = words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = match words[..] {
            ["truncate", "-s", len, file] => {
                let mut bytes = sandbox.read(file);
                bytes.truncate(len.parse().unwrap());
                sandbox.write(file, bytes);
                continue;
            }
            _ => sandbox.command(&words[1..]).env("USER", "ada").output(),
        };
        let ran = crate::support::Ran::from(ran.unwrap());
        let said = ran.stdout.clone() + &ran.stderr;
        let (shown, said) = (shown.trim_end(), said.trim_end());
        let same = shown.lines().count() == said.lines().count()
            && shown.lines().zip(said.lines()).all(|(a, b)| matches(a, b));
        assert!(
            same,
            "README shows for {command:?}\n{shown}\nbut it says\n{said}"
        );
    }
}

/// The example is persist-core's own, which runs as a doctest, less what only the test needs.
#[test]
fn the_example_is_one_that_runs() {
    let (readme, core) = (own("README.md"), own("persist-core/README.md"));
    let tested: Vec<&str> = block(&core, "rust").lines().collect();
    for line in block(&readme, "rust").lines() {
        assert!(
            tested.contains(&line),
            "not in persist-core's example: {line}"
        );
    }
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = Sandbox::new().ok(&["--help"]).stdout;
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    let readme = own("README.md");
    for line in codes.lines().filter(|line| !line.is_empty()) {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        let row = format!("| {code} | {meaning} |");
        assert!(readme.contains(&row), "README has no {row}");
    }
}
