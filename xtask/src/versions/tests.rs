use super::{Manifest, check, holds_together};
use crate::workspace::Workspace;

fn findings(manifest: &str) -> Vec<String> {
    let manifest: Manifest = serde_json::from_str(manifest).expect("a manifest");
    holds_together(&manifest)
}

#[test]
fn a_sound_manifest_passes() {
    let sound = r#"{"versions": [{"version": "1.0.0"}, {"version": "1.1.0"}], "edges": [{"from": "1.0.0", "to": "1.1.0"}]}"#;
    assert!(findings(sound).is_empty());
}

#[test]
fn disorder_and_dangling_edges_are_found() {
    let versions = r#""versions": [{"version": "1.1.0"}, {"version": "1.0.0"}]"#;
    let found = findings(&format!(
        r#"{{{versions}, "edges": [{{"from": "1.1.0", "to": "1.0.0"}}, {{"from": "1.0.0", "to": "2.0.0"}}]}}"#
    ));
    assert_eq!(
        found,
        [
            "config_versions.json: 1.1.0 is listed before 1.0.0",
            "config_versions.json: the edge 1.1.0 to 1.0.0 does not go up",
            "config_versions.json: the edge 1.0.0 to 2.0.0 has an unknown end, 2.0.0",
        ]
    );
}

#[test]
fn a_workspace_that_disagrees_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n",
    );
    let manifest = |name: &str, version: &str, rest: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n[dependencies]\n{rest}\n"
        )
    };
    write(
        "a/Cargo.toml",
        &manifest("a", "0.1.0", "b = { path = \"../b\", version = \"0.2\" }"),
    );
    write("b/Cargo.toml", &manifest("b", "0.2.0", ""));
    write("a/src/lib.rs", "");
    write("b/src/lib.rs", "");
    let found = check(&Workspace::at(dir.path()).expect("metadata"));
    assert_eq!(found[0], "crates differ: a 0.1.0, b 0.2.0");
    assert_eq!(found[1], "a asks for b ^0.2, which is 0.2.0");
    assert_eq!(found[2], "CHANGELOG.md has no section for 0.1.0");
    assert!(
        found[3].starts_with("config_versions.json: No such file"),
        "{found:?}"
    );
}
