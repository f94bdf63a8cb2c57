use persist_migrate::{Manifest, ManifestEdge, ManifestVersion};

fn refused(text: &str) -> String {
    Manifest::parse(text).unwrap_err().to_string()
}

#[test]
fn the_sample_is_read_and_written() {
    let manifest = Manifest::parse(crate::sample::MANIFEST).unwrap();
    assert_eq!(manifest.version_path().to_string(), "/schema_version");
    assert_eq!(manifest.sensitive[0], "api_key");
    assert!(manifest.schema_for(&crate::v("1.1.0")).is_some());
    assert_eq!(Manifest::parse(&manifest.to_json()).unwrap(), manifest);
}

#[test]
fn errors_name_line_column_and_path() {
    insta::assert_snapshot!(refused("{\n  \"app\": 7\n}"), @"line 2, column 10: at `/app`: invalid type: integer `7`, expected a string");
    insta::assert_snapshot!(refused("{"), @"line 1, column 1: EOF while parsing an object");
    let head =
        "{\"app\": \"a\", \"versions\": [{\"version\": \"1.0.0\"}, {\"version\": \"2.0.0\"}],\n";
    insta::assert_snapshot!(refused(&format!("{head}\"edgs\": []}}")), @"line 2, column 6: at `/edgs`: unknown field `edgs`, expected one of `$schema`, `app`, `version_key`, `versions`, `edges`, `sensitive`, `retention`; did you mean `edges`?");
    let edge = |lenses: &str| {
        format!(
            "{head}\"edges\": [{{\"from\": \"1.0.0\", \"to\": \"2.0.0\", \"lenses\": {lenses}}}]}}"
        )
    };
    insta::assert_snapshot!(refused(&edge(r#"[{"rename": {"path": "a", "to": "b"}}]"#)), @"line 2, column 77: at `/edges/0/lenses/0/rename/path`: path `a` must start with `/` (or be empty for the whole document)");
    insta::assert_snapshot!(refused(&edge(r#"[{"rename": {"path": "/a", "too": "b"}}]"#)), @"line 2, column 85: at `/edges/0/lenses/0/rename/too`: unknown field `too`, expected `path` or `to`; did you mean `to`?");
    insta::assert_snapshot!(refused(&edge(r#"[{"renam": {}}]"#)), @"line 2, column 62: at `/edges/0/lenses/0`: unknown lens `renam`, expected one of `add`, `remove`, `rename`, `move`, `wrap`, `unwrap`, `hoist`, `plunge`, `map`, `convert`, `split`, `join`, `default`, `optional`; did you mean `rename`?");
    insta::assert_snapshot!(refused(&edge(r#"[{"remove": {"path": "/a"}, "hoist": {"path": "/b", "key": "c"}}]"#)), @r#"line 2, column 79: at `/edges/0/lenses/0`: a lens is a map of one entry, such as {"remove": {"path": "/old"}}; two lenses are two maps"#);
    insta::assert_snapshot!(refused(&edge(r#"["remov"]"#)), @"line 2, column 61: at `/edges/0/lenses/0`: unknown lens `remov`, expected one of `add`, `remove`, `rename`, `move`, `wrap`, `unwrap`, `hoist`, `plunge`, `map`, `convert`, `split`, `join`, `default`, `optional`; did you mean `remove`?");
    insta::assert_snapshot!(refused(&edge("[7]")), @r#"line 2, column 55: at `/edges/0/lenses/0`: a lens is a map of one entry, such as {"remove": {"path": "/old"}}; two lenses are two maps"#);
    insta::assert_snapshot!(refused(&head.replace("2.0.0", "2")), @"line 1, column 63: at `/versions/1/version`: a version is three numbers, such as 1.2.0");
    insta::assert_snapshot!(refused(r#"{"app": "a", "versions": ["1.0.0"]}"#), @r#"line 1, column 33: at `/versions/0`: invalid type: string "1.0.0", expected a version such as {"version": "1.2.0"}"#);
    insta::assert_snapshot!(refused(r#"{"app": "a", "versions": [], "edges": [[]]}"#), @r#"line 1, column 41: at `/edges/0`: invalid length 0, expected an edge such as {"from": "1.0.0", "to": "1.1.0", "lenses": []}"#);
    insta::assert_snapshot!(refused(&edge(r#"[{"remove": {"path": ""}}]"#)), @"line 2, column 55: at `/edges/0/lenses/0`: the path must name an entry, not the whole document");
}

/// What holds the version is no lens's to change: it would be lost, or there twice.
#[test]
fn no_lens_may_touch_the_version() {
    let manifest = |lens: &str, list: &str| {
        format!(
            r#"{{"app": "a", "version_key": "/meta/v", "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}],
                "edges": [{{"from": "1.0.0", "to": "2.0.0", {list}: [{lens}]}}]}}"#
        )
    };
    insta::assert_snapshot!(refused(&manifest(r#"{"remove": {"path": "/meta"}}"#, "\"lenses\"")), @"line 2, column 71: at `/edges/0/lenses/0`: `/meta` holds the version of the document, which is no lens's to change");
    for lens in [
        r#"{"rename": {"path": "/meta", "to": "m"}}"#,
        r#"{"rename": {"path": "/m", "to": "meta"}}"#,
        r#"{"move": {"from": "/meta/v", "to": "/v"}}"#,
        r#"{"move": {"from": "/v", "to": "/meta/v"}}"#,
        r#"{"hoist": {"path": "/meta", "key": "v"}}"#,
        r#"{"plunge": {"path": "/x", "key": "meta"}}"#,
        r#"{"wrap": {"path": "/meta/v"}}"#,
        r#"{"add": {"path": "/meta/v", "value": 1}}"#,
        r#"{"split": {"path": "/a", "separator": ":", "into": ["/b", "/meta"]}}"#,
    ] {
        let error = refused(&manifest(lens, "\"lenses\""));
        assert!(error.contains("holds the version"), "{lens}: {error}");
        let error = refused(&manifest(lens, "\"lenses\": [], \"down\""));
        assert!(error.contains("/edges/0/down/0"), "{lens}: {error}");
    }
    for lens in [
        r#"{"add": {"path": "/meta/w", "value": 1}}"#,
        r#"{"plunge": {"path": "/meta", "key": "x"}}"#,
        r#"{"rename": {"path": "/metadata", "to": "m"}}"#,
    ] {
        Manifest::parse(&manifest(lens, "\"lenses\"")).expect(lens);
    }
}

#[test]
fn the_digest_is_of_what_the_edge_does() {
    let (one, two) = (crate::v("1.0.0"), crate::v("1.1.0"));
    let digest = |text: &str| {
        Manifest::parse(text)
            .unwrap()
            .edge_digest(&one, &two)
            .unwrap()
    };
    let sample = digest(crate::sample::MANIFEST);
    insta::assert_snapshot!(sample, @"sha256:aa014a57c8f848db964f22d50b2e5c75e174df7b0d9ee134c668d053cb9c9b90");
    let reworded =
        crate::sample::MANIFEST.replace("add performance monitoring and caching", "caches");
    assert_eq!(digest(&reworded), sample);
    let changed =
        crate::sample::MANIFEST.replace("\"ttl_seconds\": 3600}", "\"ttl_seconds\": 3601}");
    assert_ne!(digest(&changed), sample);
}

/// The schema that editors check a manifest by agrees with the reader.
#[test]
fn the_schema_of_the_manifest_agrees_with_its_reader() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../config_versions.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let agree = |text: &str| {
        let read = Manifest::parse(text).is_ok();
        let value = serde_json::from_str(text).expect("JSON");
        let valid: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert_eq!(valid.is_empty(), read, "{text}: {valid:?}");
        read
    };
    assert!(agree(crate::sample::MANIFEST));
    let head = r#"{"app": "a", "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}], "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": "#;
    for (lens, good) in LENSES {
        assert_eq!(agree(&format!("{head}[{lens}]}}]}}")), *good, "{lens}");
    }
    assert!(!agree(r#"{"app": "a"}"#));
    assert!(!agree(r#"{"app": "a", "versions": [{"version": "1.0"}]}"#));
    assert!(!agree(r#"{"app": "a", "versions": [], "edgs": []}"#));
}

const LENSES: &[(&str, bool)] = &[
    (r#"{"add": {"path": "/a", "value": null}}"#, true),
    (r#"{"add": {"path": "/a/*"}}"#, false),
    (r#"{"remove": {"path": "/a/*"}}"#, false),
    (r#"{"remove": {"path": "a"}}"#, false),
    (r#"{"remove": {"path": "/a~3"}}"#, false),
    (r#"{"rename": {"path": "/a~1b", "to": "b"}}"#, true),
    (r#"{"rename": {"path": "/a"}}"#, false),
    (r#"{"move": {"from": "/a", "to": "/b"}}"#, true),
    (r#"{"wrap": {"path": "/a"}}"#, true),
    (r#"{"unwrap": {"path": "/a", "key": "k"}}"#, true),
    (r#"{"unwrap": {"path": "/a", "index": 0}}"#, false),
    (r#"{"hoist": {"path": "/a", "key": "k"}}"#, true),
    (r#"{"plunge": {"path": "/a"}}"#, false),
    (r#"{"map": {"path": "/a", "table": [["a", 1]]}}"#, true),
    (r#"{"map": {"path": "/a", "table": [["a"]]}}"#, false),
    (
        r#"{"convert": {"path": "/a", "from": "string", "to": "integer", "otherwise": 0}}"#,
        true,
    ),
    (
        r#"{"convert": {"path": "/a", "from": "string", "to": "date"}}"#,
        false,
    ),
    (
        r#"{"split": {"path": "/a", "separator": ":", "into": ["/b"]}}"#,
        true,
    ),
    (r#"{"split": {"path": "/a", "separator": ""}}"#, false),
    (r#"{"join": {"path": "/a", "separator": ":"}}"#, true),
    (r#"{"default": {"path": "/a", "value": 1}}"#, true),
    (r#"{"default": {"path": "/a"}}"#, false),
    (r#"{"optional": {"path": "/a", "value": 1}}"#, true),
    (
        r#"{"rename": {"path": "/a", "to": "b"}, "wrap": {"path": "/a"}}"#,
        false,
    ),
    (r#"{"what": {}}"#, false),
];

#[test]
fn a_manifest_can_be_made_and_written() {
    let mut manifest = Manifest::new("a");
    let (one, two) = (crate::v("1.0.0"), crate::v("1.1.0"));
    manifest.versions = vec![
        ManifestVersion::new(one.clone()),
        ManifestVersion::new(two.clone()),
    ];
    let draft =
        persist_migrate::propose(&serde_json::json!({"a": 1}), &serde_json::json!({"A": 1}));
    manifest
        .edges
        .push(ManifestEdge::new(one, two, draft.lenses));
    assert_eq!(Manifest::parse(&manifest.to_json()).unwrap(), manifest);
}

proptest::proptest! {
    #![proptest_config(crate::cases(150))]

    /// A manifest with any part of it replaced is read or refused with a place, never a panic.
    #[test]
    fn damaged_manifests_are_refused(at in 0usize..9000, len in 0usize..20, text in ".{0,8}|[{}\\[\\]\",:0-9*/~]{0,8}") {
        let sample = crate::sample::MANIFEST;
        let floor = |at: usize| (0..=at.min(sample.len())).rev().find(|&at| sample.is_char_boundary(at)).unwrap_or(0);
        let damaged = format!("{}{text}{}", &sample[..floor(at)], &sample[floor(at + len)..]);
        if let Err(error) = Manifest::parse(&damaged) {
            proptest::prop_assert!(error.line.is_some() && !error.message.is_empty(), "{error:?}");
        }
    }
}
