use persist_migrate::{Path, PathError, Step};
use proptest::prelude::*;

#[test]
fn pointers_are_read_as_rfc_6901_says() {
    let cases: [(&str, Vec<Step>); 8] = [
        ("", vec![]),
        ("/", vec![Step::Key(String::new())]),
        ("/a~1b", vec![Step::Key("a/b".into())]),
        ("/m~0n", vec![Step::Key("m~n".into())]),
        ("/~01", vec![Step::Key("~1".into())]),
        ("/0/01", vec![Step::Index(0), Step::Key("01".into())]),
        ("/*/~2", vec![Step::Each, Step::Key("*".into())]),
        (
            "/18446744073709551616",
            vec![Step::Key("18446744073709551616".into())],
        ),
    ];
    for (text, steps) in cases {
        let path: Path = text.parse().unwrap();
        assert_eq!(path.steps(), steps, "{text}");
        assert_eq!(path.to_string(), text);
    }
}

#[test]
fn other_texts_are_refused() {
    assert_eq!("a/b".parse::<Path>(), Err(PathError::NoSlash("a/b".into())));
    insta::assert_snapshot!("/a~/b".parse::<Path>().unwrap_err(), @"path `/a~/b` has a stray `~`: write `~0` for `~`, `~1` for `/` and `~2` for the key `*`");
    insta::assert_snapshot!("a".parse::<Path>().unwrap_err(), @"path `a` must start with `/`: write `/a`");
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn text_keeps_every_path(keys in prop::collection::vec(".{0,6}|[0-9]{1,22}|[*~/]{1,3}", 0..5)) {
        let path: Path = keys.iter().map(|key| Step::from(key.as_str())).collect();
        prop_assert_eq!(path.to_string().parse::<Path>().unwrap(), path.clone());
        let json = serde_json::to_string(&path).unwrap();
        prop_assert_eq!(serde_json::from_str::<Path>(&json).unwrap(), path.clone());
        for (step, key) in path.steps().iter().zip(&keys) {
            prop_assert_eq!(step.key().unwrap(), key.as_str());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,12}") {
        if let Ok(path) = text.parse::<Path>() {
            prop_assert_eq!(path.to_string().parse::<Path>().unwrap(), path);
        }
    }
}
