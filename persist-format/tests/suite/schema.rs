use persist_format::{Format, schema};
use serde_json::json;

use crate::support::document;

#[test]
fn all_violations_at_once_at_their_lines() {
    let text = "\
port = \"x\"
mode = \"fast\"
widht = 3

[limits]
depth = -1
names = [\"a\", 2]
retry = { count = \"many\" }
";
    let doc = document(Format::Toml, text);
    let rules = json!({
        "type": "object",
        "properties": {
            "port": {"type": "integer"},
            "mode": {"enum": ["slow", "safe"]},
            "width": {"type": "integer"},
            "limits": {
                "type": "object",
                "properties": {
                    "depth": {"type": "integer", "minimum": 0},
                    "names": {"type": "array", "items": {"type": "string"}},
                    "retry": {"anyOf": [{"type": "object", "properties": {"count": {"type": "integer"}}}, {"type": "null"}]}
                }
            }
        },
        "required": ["title"],
        "additionalProperties": false
    });
    let found = schema::check(&doc, &rules).expect("the schema is right");
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    missing key `title` (1:1)
    expected integer, found string at port (1:8)
    expected one of `slow`, `safe` at mode (2:8)
    unknown key `widht` at widht (3:1)
    expected at least 0 at limits.depth (6:9)
    expected string, found integer at limits.names[1] (7:15)
    expected integer, found string at limits.retry.count (8:19)
    ");
    let error = found
        .iter()
        .find(|v| v.message.starts_with("unknown"))
        .map(|v| v.to_error(&doc).render("app.toml"));
    insta::assert_snapshot!(error.unwrap_or_default(), @r"
    error: unknown key `widht` at widht
     --> app.toml:3:1
      |
    3 | widht = 3
      | ^^^^^
      |
      = help: did you mean `width`?
    ");
    assert!(schema::check(&doc, &json!({"type": 5})).is_err());
    assert!(schema::check(&doc, &json!({})).is_ok_and(|found| found.is_empty()));
}

/// What a Rust type says of itself judges a document of it.
#[cfg(feature = "schemars")]
#[test]
fn a_type_gives_its_schema() {
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code, reason = "only its schema is wanted")]
    struct Settings {
        port: u16,
        name: Option<String>,
    }
    let rules = schema::of::<Settings>();
    assert_eq!(rules["type"], "object");
    assert_eq!(rules["required"], json!(["port"]));
    let violations = |text: &str| -> Vec<String> {
        let found = schema::check(&document(Format::Toml, text), &rules);
        let found = found.expect("a schema of schemars can be used");
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(violations("port = 80\nname = 'x'\n"), [""; 0]);
    insta::assert_snapshot!(violations("port = 80000\nname = 1\n").join("\n"), @r"
    expected at most 65535 at port (1:8)
    expected null or string, found integer at name (2:8)
    ");
    insta::assert_snapshot!(violations("name = 'x'\n").join("\n"), @"missing key `port` (1:1)");
}
