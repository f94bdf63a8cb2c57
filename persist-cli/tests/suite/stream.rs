//! A YAML file with several documents: one is meant, and the others keep every byte.

use serde_json::json;

use crate::support::Sandbox;

const STREAM: &str = "# all of web\n---\nkind: ConfigMap\nmetadata: {name: web}\ndata: {level: \"1\"}   # text\n--- # second\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1 # one\n# of the end\n---\nkind: Service\nspec: {ports: [80]}\n";

#[test]
fn a_read_says_which_document_it_is_of() {
    let sandbox = Sandbox::with("app.yaml", STREAM);
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "kind"]), @r"
    ConfigMap
    this is document 1 of 3; `--doc` chooses one: 1 (kind=ConfigMap, metadata.name=web), 2 (kind=Deployment, metadata.name=web), 3 (kind=Service)
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "kind", "--doc", "2"]), @r"
    Deployment
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "spec", "--doc", "kind=Service"]), @r"
    ports:
      - 80
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "kind", "--doc", "metadata.name=web"]), @r"
    error: app.yaml: metadata.name=web matches several documents: 1 and 2
      help: `--doc` chooses one: 1 (kind=ConfigMap, metadata.name=web), 2 (kind=Deployment, metadata.name=web), 3 (kind=Service)
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "kind", "--doc", "4"]), @r"
    error: app.yaml: there is no document 4; the file holds 3 documents
      help: `--doc` chooses one: 1 (kind=ConfigMap, metadata.name=web), 2 (kind=Deployment, metadata.name=web), 3 (kind=Service)
    exit code 4
    ");
    insta::assert_snapshot!(sandbox.run(&["get", "app.yaml", "kind", "--doc", "0"]), @r#"
    error: invalid value '0' for '--doc <DOC>': "0" does not name a document; name a document by its number, from 1, or by a value in it, such as `kind=Deployment`

    For more information, try '--help'.
    exit code 2
    "#);
    sandbox.write("one.toml", "a = 1\n");
    assert_eq!(
        sandbox.ok(&["get", "one.toml", "a", "--doc", "1"]).stdout,
        "1\n"
    );
    assert_eq!(sandbox.run(&["get", "one.toml", "a", "--doc", "2"]).code, 4);
}

#[test]
fn a_write_without_a_choice_is_refused_and_leaves_nothing() {
    let sandbox = Sandbox::with("app.yaml", STREAM);
    insta::assert_snapshot!(sandbox.run(&["set", "app.yaml", "spec.replicas=3"]), @r"
    error: app.yaml: the file holds 3 documents, and none was chosen
      help: `--doc` chooses one: 1 (kind=ConfigMap, metadata.name=web), 2 (kind=Deployment, metadata.name=web), 3 (kind=Service)
    exit code 4
    ");
    assert_eq!(sandbox.run(&["unset", "app.yaml", "kind"]).code, 4);
    insta::assert_snapshot!(sandbox.run(&["set", "app.yaml", "spec.replicas=3", "--doc", "kind=Job"]), @r"
    error: app.yaml: there is no document kind=Job; the file holds 3 documents
      help: `--doc` chooses one: 1 (kind=ConfigMap, metadata.name=web), 2 (kind=Deployment, metadata.name=web), 3 (kind=Service)
    exit code 4
    ");
    assert_eq!(sandbox.text("app.yaml"), STREAM);
    assert!(!sandbox.path(".app.yaml.persist").exists());
}

#[test]
fn an_edit_of_one_document_keeps_the_bytes_of_the_others() {
    for (choice, key, old, new) in [
        ("2", "spec.replicas=3", "replicas: 1 #", "replicas: 3 #"),
        (
            "kind=Deployment",
            "spec.replicas=3",
            "replicas: 1 #",
            "replicas: 3 #",
        ),
        ("1", "data.level=2", "level: \"1\"", "level: \"2\""),
        ("kind=Service", "spec.ports[0]=443", "[80]", "[443]"),
    ] {
        let sandbox = Sandbox::with("app.yaml", STREAM);
        sandbox.ok(&["set", "app.yaml", key, "--doc", choice]);
        assert_eq!(
            sandbox.text("app.yaml"),
            STREAM.replace(old, new),
            "{choice}"
        );
        // A second time over what is known of the file.
        sandbox.ok(&["set", "app.yaml", key, "--doc", choice]);
        let told = sandbox.json(0, &["diff", "app.yaml", "--doc", choice]);
        assert_eq!(told["changes"].as_array().unwrap().len(), 1, "{told}");
        sandbox.ok(&["undo", "app.yaml"]);
        assert_eq!(sandbox.text("app.yaml"), STREAM);
    }
    let sandbox = Sandbox::with("app.yaml", STREAM);
    sandbox.ok(&["unset", "app.yaml", "metadata", "--doc", "2"]);
    assert_eq!(
        sandbox.text("app.yaml"),
        STREAM.replace("metadata:\n  name: web\n", "")
    );
    sandbox.ok(&["verify", "app.yaml"]);
}

#[test]
fn what_changed_is_told_of_the_document_that_was_chosen() {
    let sandbox = Sandbox::with("app.yaml", STREAM);
    let told = sandbox.json(0, &["set", "app.yaml", "spec.replicas=3", "--doc", "2"]);
    assert_eq!(
        told["changes"],
        json!([{"path": "/spec/replicas", "old": 1, "new": 3, "doc": 2}])
    );
    sandbox.write("other.yaml", STREAM.replace("[80]", "[81]"));
    insta::assert_snapshot!(sandbox.run(&["diff", "app.yaml", "--with", "other.yaml", "--doc", "kind=Service"]), @r"
    spec.ports.0: 80 -> 81
    exit code 0
    ");
    insta::assert_snapshot!(sandbox.run(&["diff", "app.yaml", "--with", "other.yaml"]), @r"
    spec.replicas (document 2): 3 -> 1
    spec.ports.0 (document 3): 80 -> 81
    exit code 0
    ");
    sandbox.write("service.json", "{\"kind\": \"Service\"}\n");
    insta::assert_snapshot!(sandbox.run(&["diff", "app.yaml", "--with", "service.json", "--doc", "3"]), @r#"
    spec: removed {"ports":[80]}
    exit code 0
    "#);
}

#[test]
fn places_in_errors_are_those_of_the_file() {
    let sandbox = Sandbox::with("app.yaml", STREAM);
    sandbox.write(
        "config_versions.json",
        r#"{"app": "a", "version_key": "kind", "versions": [{"version": "1.0.0", "schema": {"properties": {"n": {"type": "integer"}}}}]}"#,
    );
    sandbox.write("b.yaml", "kind: 1.0.0\nn: 1\n---\nkind: 1.0.0\nn: 2\n");
    let refused = sandbox.run(&["set", "b.yaml", "n:=\"x\"", "--doc", "2"]);
    assert!(refused.stderr.contains("b.yaml:5:4"), "{refused}");
}

/// Somebody took the last documents out by hand: that is an edit, whichever document is asked for then.
#[test]
fn a_document_that_was_taken_out_is_no_damage() {
    let sandbox = Sandbox::with("app.yaml", STREAM);
    sandbox.ok(&["set", "app.yaml", "spec.replicas=2", "--doc", "2"]);
    let shorter = STREAM.split("--- # second").next().unwrap_or_default();
    sandbox.write("app.yaml", shorter);
    let gone = sandbox.run(&["set", "app.yaml", "spec.replicas=3", "--doc", "2"]);
    assert_eq!(gone.code, 4, "{gone}");
    assert!(gone.stderr.contains("there is no document 2"), "{gone}");
    sandbox.ok(&["set", "app.yaml", "data.level=2", "--doc", "1"]);
    assert_eq!(sandbox.text("app.yaml"), shorter.replace("\"1\"", "\"2\""));
}

#[test]
fn a_document_is_chosen_by_a_quoted_key() {
    let sandbox = Sandbox::with("k.yaml", "a=b: 1\n---\na: 1\n");
    sandbox.ok(&["set", "k.yaml", "--doc", "\"a=b\"=1", "c=2"]);
    assert_eq!(sandbox.text("k.yaml"), "a=b: 1\nc: 2\n---\na: 1\n");
}
