use persist_migrate::{Change, Lens, Tree};
use serde_json::{Value, json};

fn lens(data: Value) -> Lens {
    serde_json::from_value(data).expect("a lens")
}

fn apply(lens: &Lens, document: &Value) -> Result<Value, String> {
    lens.validate().expect("a valid lens");
    let mut document = document.clone();
    match lens.apply(&mut document) {
        Ok(_) => Ok(document),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            Err(format!("{error}{}", cause.unwrap_or_default()))
        }
    }
}

/// The lens gives `after`, and its inverse gives `before` again.
#[track_caller]
fn both(data: Value, before: Value, after: Value) {
    one_way(data.clone(), before.clone(), after.clone());
    assert_eq!(
        apply(&lens(data).inverse(), &after),
        Ok(before),
        "on the way back"
    );
}

/// The lens gives `after`.
#[track_caller]
fn one_way(data: Value, before: Value, after: Value) {
    let lens = lens(data.clone());
    assert_eq!(apply(&lens, &before), Ok(after));
    assert_eq!(lens.inverse().inverse(), lens, "the inverse of the inverse");
    assert_eq!(serde_json::to_value(&lens).unwrap(), data, "as data");
}

#[track_caller]
fn fails(data: Value, before: Value, message: &str) {
    assert_eq!(apply(&lens(data), &before), Err(message.to_owned()));
}

#[test]
fn add_and_remove() {
    let add = json!({"add": {"path": "/a/b", "value": 1}});
    both(add.clone(), json!({"a": {}}), json!({"a": {"b": 1}}));
    one_way(add.clone(), json!({}), json!({"a": {"b": 1}}));
    one_way(add.clone(), json!({"a": {"b": 2}}), json!({"a": {"b": 2}}));
    fails(
        add,
        json!({"a": 7}),
        "at `/a`: expected a map, found a number",
    );
    both(
        json!({"add": {"path": "/s/*/tls", "value": null}}),
        json!({"s": [{}, {"n": 1}]}),
        json!({"s": [{"tls": null}, {"n": 1, "tls": null}]}),
    );
    both(json!({"add": {"path": "/optional"}}), json!({}), json!({}));
    both(
        json!({"remove": {"path": "/old", "value": [1]}}),
        json!({"old": [1], "x": 1}),
        json!({"x": 1}),
    );
    one_way(
        json!({"remove": {"path": "/old"}}),
        json!({"x": 1}),
        json!({"x": 1}),
    );
}

#[test]
fn rename_and_move() {
    let rename = json!({"rename": {"path": "/editor/fontSize", "to": "font_size"}});
    both(
        rename.clone(),
        json!({"editor": {"fontSize": 3}}),
        json!({"editor": {"font_size": 3}}),
    );
    both(rename.clone(), json!({}), json!({}));
    // The name belongs to the renamed field now; what had it is displaced.
    one_way(
        rename,
        json!({"editor": {"fontSize": 3, "font_size": 4}}),
        json!({"editor": {"font_size": 3}}),
    );
    both(
        json!({"rename": {"path": "/s/*/a", "to": "b"}}),
        json!({"s": [{"a": 1}, {"c": 1}]}),
        json!({"s": [{"b": 1}, {"c": 1}]}),
    );
    both(
        json!({"rename": {"path": "/m/*/a", "to": "b"}}),
        json!({"m": {"x": {"a": 1}}}),
        json!({"m": {"x": {"b": 1}}}),
    );
    let shift = json!({"move": {"from": "/a", "to": "/deep/er/b"}});
    both(
        shift.clone(),
        json!({"a": 1}),
        json!({"deep": {"er": {"b": 1}}}),
    );
    both(
        shift,
        json!({"a": 1, "deep": {"x": 2}}),
        json!({"deep": {"er": {"b": 1}, "x": 2}}),
    );
    both(
        json!({"move": {"from": "/s/*/a", "to": "/s/*/n/b"}}),
        json!({"s": [{"a": 1}, {"a": 2}]}),
        json!({"s": [{"n": {"b": 1}}, {"n": {"b": 2}}]}),
    );
}

#[test]
fn wrap_and_unwrap() {
    both(
        json!({"wrap": {"path": "/a", "key": "x"}}),
        json!({"a": 1}),
        json!({"a": {"x": 1}}),
    );
    both(
        json!({"wrap": {"path": "/a"}}),
        json!({"a": {"k": 1}}),
        json!({"a": [{"k": 1}]}),
    );
    both(
        json!({"wrap": {"path": "/a/*"}}),
        json!({"a": [1, 2]}),
        json!({"a": [[1], [2]]}),
    );
    one_way(
        json!({"unwrap": {"path": "/a"}}),
        json!({"a": [1, 2]}),
        json!({"a": 1}),
    );
    one_way(
        json!({"unwrap": {"path": "/a"}}),
        json!({"a": []}),
        json!({}),
    );
    one_way(
        json!({"unwrap": {"path": "/a", "key": "x"}}),
        json!({"a": {"x": [], "y": 1}}),
        json!({"a": []}),
    );
    fails(
        json!({"unwrap": {"path": "/a"}}),
        json!({"a": {"0": 1}}),
        "at `/a`: expected an array, found a map",
    );
}

#[test]
fn hoist_and_plunge() {
    both(
        json!({"hoist": {"path": "/window", "key": "width"}}),
        json!({"window": {"width": 1}}),
        json!({"width": 1}),
    );
    both(
        json!({"hoist": {"path": "/a/b", "key": "c"}}),
        json!({"a": {"b": {"c": 1, "d": 2}}}),
        json!({"a": {"b": {"d": 2}, "c": 1}}),
    );
    both(
        json!({"plunge": {"path": "/window", "key": "width"}}),
        json!({"width": 1, "x": 1}),
        json!({"window": {"width": 1}, "x": 1}),
    );
    both(
        json!({"plunge": {"path": "/s/*/in", "key": "a"}}),
        json!({"s": [{"a": 1}]}),
        json!({"s": [{"in": {"a": 1}}]}),
    );
    fails(
        json!({"plunge": {"path": "/w", "key": "a"}}),
        json!({"a": 1, "w": "text"}),
        "at `/w`: expected a map, found a string",
    );
}

#[test]
fn map_values() {
    let table = json!({"map": {"path": "/theme", "table": [["dark", "night"], [true, 1], ["night", "dark"]]}});
    both(
        table.clone(),
        json!({"theme": "dark"}),
        json!({"theme": "night"}),
    );
    both(
        table.clone(),
        json!({"theme": "other"}),
        json!({"theme": "other"}),
    );
    one_way(table, json!({"theme": true}), json!({"theme": 1}));
    let lossy = |table: Value| lens(json!({"map": {"path": "/a", "table": table}})).is_lossy();
    assert!(
        lossy(json!([["a", "x"], ["b", "x"]])),
        "two values become one"
    );
    assert!(lossy(json!([["a", "b"]])), "an unlisted b stays b");
    assert!(!lossy(json!([["a", "b"], ["b", "a"]])));
}

#[test]
fn convert_types() {
    let convert =
        |from: &str, to: &str| json!({"convert": {"path": "/a/*", "from": from, "to": to}});
    both(
        convert("integer", "string"),
        json!({"a": [1, -5, u64::MAX, null]}),
        json!({"a": ["1", "-5", "18446744073709551615", null]}),
    );
    both(
        convert("number", "string"),
        json!({"a": [1, 1.5, -0.0, 1e300, 1.0]}),
        json!({"a": ["1", "1.5", "-0.0", "1e+300", "1.0"]}),
    );
    both(
        convert("boolean", "string"),
        json!({"a": [true, false]}),
        json!({"a": ["true", "false"]}),
    );
    both(
        convert("boolean", "integer"),
        json!({"a": [true, false]}),
        json!({"a": [1, 0]}),
    );
    one_way(
        convert("string", "boolean"),
        json!({"a": ["True", "false"]}),
        json!({"a": [true, false]}),
    );
    one_way(
        convert("number", "integer"),
        json!({"a": [3.0, 4]}),
        json!({"a": [3, 4]}),
    );
    fails(
        convert("string", "integer"),
        json!({"a": ["1", "x"]}),
        "at `/a/1`: a string can't be converted to an integer; give the lens an `otherwise` or correct the file",
    );
    fails(
        convert("number", "integer"),
        json!({"a": [0.5]}),
        "at `/a/0`: a number can't be converted to an integer; give the lens an `otherwise` or correct the file",
    );
    fails(
        convert("string", "number"),
        json!({"a": ["inf"]}),
        "at `/a/0`: a string can't be converted to a number; give the lens an `otherwise` or correct the file",
    );
    fails(
        convert("string", "number"),
        json!({"a": [{}]}),
        "at `/a/0`: a map can't be converted to a number; give the lens an `otherwise` or correct the file",
    );
    let otherwise = json!({"convert": {"path": "/a", "from": "string", "to": "integer", "otherwise": null, "otherwise_back": "0"}});
    one_way(otherwise, json!({"a": "auto"}), json!({"a": null}));
}

#[test]
fn split_and_join() {
    let fields =
        json!({"split": {"path": "/listen", "separator": ":", "into": ["/host", "/port"]}});
    both(
        fields.clone(),
        json!({"listen": "h:1:2"}),
        json!({"host": "h", "port": "1:2"}),
    );
    both(fields.clone(), json!({"listen": "h"}), json!({"host": "h"}));
    both(
        fields.clone(),
        json!({"listen": ":1"}),
        json!({"host": "", "port": "1"}),
    );
    both(fields.clone(), json!({}), json!({}));
    fails(
        fields,
        json!({"listen": 7}),
        "at `/listen`: expected a string, found a number",
    );
    let inside = json!({"split": {"path": "/listen", "separator": ":", "into": ["/listen/host", "/listen/port"]}});
    both(
        inside,
        json!({"listen": "h:1"}),
        json!({"listen": {"host": "h", "port": "1"}}),
    );
    both(
        json!({"split": {"path": "/s/*/path", "separator": ";"}}),
        json!({"s": [{"path": "a;b"}, {"path": ""}]}),
        json!({"s": [{"path": ["a", "b"]}, {"path": [""]}]}),
    );
    let join = json!({"join": {"path": "/size", "separator": "x", "from": ["/w", "/h"]}});
    one_way(
        join.clone(),
        json!({"w": 3, "h": 4}),
        json!({"size": "3x4"}),
    );
    one_way(join.clone(), json!({"h": "4"}), json!({"size": "x4"}));
    fails(
        join,
        json!({"h": []}),
        "at `/h`: expected a scalar, found an array",
    );
    fails(
        json!({"join": {"path": "/a", "separator": ","}}),
        json!({"a": [[1]]}),
        "at `/a`: expected an array of scalars, found an array",
    );
}

#[test]
fn default_fills_absent_and_null() {
    let default = json!({"default": {"path": "/a", "value": 1}});
    one_way(default.clone(), json!({}), json!({"a": 1}));
    one_way(default.clone(), json!({"a": null}), json!({"a": 1}));
    both(default, json!({"a": 2}), json!({"a": 2}));
}

#[test]
fn senseless_lenses_are_refused() {
    let refused = |data: Value| lens(data).validate().unwrap_err().to_string();
    insta::assert_snapshot!(refused(json!({"remove": {"path": ""}})), @"the path must name an entry, not the whole document");
    insta::assert_snapshot!(refused(json!({"add": {"path": "/a/*", "value": 1}})), @"path `/a/*` must end with a key or an index, not with `*`");
    insta::assert_snapshot!(refused(json!({"move": {"from": "/a/*/b", "to": "/c/*/b"}})), @"paths `/a/*/b` and `/c/*/b` must be the same up to the last `*`");
    insta::assert_snapshot!(refused(json!({"move": {"from": "/a", "to": "/a/b"}})), @"`/a` and `/a/b` must not be inside each other");
    insta::assert_snapshot!(refused(json!({"hoist": {"path": "/a", "key": "a"}})), @"`/a` and `/a/a` must not be inside each other");
    insta::assert_snapshot!(refused(json!({"split": {"path": "/a", "separator": ""}})), @"the separator must not be empty");
}

#[test]
fn changes_name_paths_in_document_order() {
    let mut document = json!({"s": [{"a": 1}, {}, {"a": 2}]});
    let changes = lens(json!({"rename": {"path": "/s/*/a", "to": "b"}}))
        .apply(&mut document)
        .unwrap();
    let shown: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["> /s/0/a to /s/0/b", "> /s/2/a to /s/2/b"]);
    let changes = lens(json!({"rename": {"path": "/s", "to": "t"}}))
        .apply(&mut document)
        .unwrap();
    assert_eq!(
        changes,
        [Change::Moved {
            from: "/s".parse().unwrap(),
            to: "/t".parse().unwrap()
        }]
    );
    assert!(document.contains(&"/t/2/b".parse().unwrap()));
}

#[test]
fn lenses_are_described() {
    let shown = [
        json!({"add": {"path": "/a", "value": 1}}),
        json!({"rename": {"path": "/s/*/a", "to": "b"}}),
        json!({"unwrap": {"path": "/a", "key": "k"}}),
        json!({"hoist": {"path": "/a", "key": "k"}}),
        json!({"convert": {"path": "/a", "from": "string", "to": "integer"}}),
        json!({"split": {"path": "/a", "separator": ":", "into": ["/b", "/c"]}}),
        json!({"default": {"path": "/a", "value": "x"}}),
    ];
    let shown: Vec<String> = shown
        .into_iter()
        .map(|data| lens(data).to_string())
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    add /a as 1
    rename /s/*/a to b
    unwrap /a to its k
    hoist k out of /a
    convert /a from a string to an integer
    split /a at `:` into /b, /c
    require /a, set to "x" where it is missing
    "#);
}

#[test]
fn a_list_is_undone_from_its_end() {
    let lenses = [
        json!({"rename": {"path": "/a", "to": "b"}}),
        json!({"wrap": {"path": "/b", "key": "c"}}),
        json!({"move": {"from": "/b/c", "to": "/d/e"}}),
    ];
    let lenses = lenses.map(lens);
    let mut document = json!({"a": 1});
    for lens in lenses.iter().chain(&persist_migrate::inverse(&lenses)) {
        lens.apply(&mut document).unwrap();
    }
    assert_eq!(document, json!({"a": 1}));
}

/// Every kind has an example that does something, and the README shows them all.
#[test]
fn each_lens_has_an_example() {
    let examples = Lens::examples();
    let mut table = String::new();
    for example in &examples {
        assert_ne!(
            example.before == example.after,
            !matches!(example.lens, Lens::Optional { .. }),
            "{}",
            example.lens
        );
        let lens = serde_json::to_string(&example.lens).unwrap();
        let purpose = example.purpose;
        table += &format!(
            "| `{lens}` | {purpose} | `{}` | `{}` |\n",
            example.before, example.after
        );
    }
    let schema: serde_json::Value =
        serde_json::from_str(persist_migrate::Manifest::SCHEMA).unwrap();
    for kind in schema["$defs"]["lens"]["oneOf"].as_array().unwrap() {
        let name = kind["required"][0].as_str().unwrap();
        let shown = examples.iter().any(|example| {
            serde_json::to_value(&example.lens)
                .unwrap()
                .get(name)
                .is_some()
        });
        assert!(shown, "{name}");
    }
    assert!(include_str!("../../README.md").contains(&table), "{table}");
}
