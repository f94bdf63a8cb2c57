use std::path::Path;

use persist_format::{Document, Format};

#[test]
fn the_name_says_it_and_else_the_content() {
    let check = |path: &str, content: &str, expected: Option<Format>| {
        assert_eq!(
            Format::detect(Path::new(path), content.as_bytes()).ok(),
            expected,
            "{path} {content:?}"
        );
    };
    check("a.json", "{}", Some(Format::Json));
    check("a.json", "{} // c", Some(Format::Jsonc));
    check("a.json", "{", Some(Format::Json));
    check("tsconfig.json", "{}", Some(Format::Jsonc));
    check(".vscode/settings.json", "{}", Some(Format::Jsonc));
    check("A.TOML", "", Some(Format::Toml));
    check("a.yml", "", Some(Format::Yaml));
    check("Cargo.lock", "", Some(Format::Toml));
    check("config", "[a]\nb = 1\n", Some(Format::Toml));
    check("config", "{\"a\": 1}", Some(Format::Json));
    check("config", "{\"a\": 1,}", Some(Format::Jsonc));
    check("config", "a: 1\n", Some(Format::Yaml));
    check("config", "just words", None);
}

#[test]
fn a_text_with_nul_bytes_is_said_to_hold_them() {
    for format in [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml] {
        let told = |text: &[u8]| {
            let error = Document::parse(text, format).expect_err("no format has NUL");
            error.to_string()
        };
        assert_eq!(
            told(&[0; 300]),
            "the text holds NUL bytes (1:1)",
            "{format}"
        );
        assert_eq!(
            told(b"# {}\n\0"),
            "the text holds NUL bytes (2:1)",
            "{format}"
        );
    }
}
