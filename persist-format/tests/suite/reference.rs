use persist_format::Format;

use crate::support::{document, edited};

#[test]
fn the_schema_for_editors_is_kept_and_written() {
    let check = |format, text: &str, before: Option<&str>, expected: &str| {
        assert_eq!(
            document(format, text).schema_reference(),
            before,
            "{text:?}"
        );
        let new = edited(format, text, |doc| {
            doc.set_schema_reference("https://x.org/s.json")
        });
        assert_eq!(new, expected);
        assert_eq!(
            document(format, &new).schema_reference(),
            Some("https://x.org/s.json")
        );
    };
    check(
        Format::Json,
        "{\n  \"a\": 1\n}\n",
        None,
        "{\n  \"$schema\": \"https://x.org/s.json\",\n  \"a\": 1\n}\n",
    );
    check(
        Format::Json,
        "{\"$schema\": \"old\"}",
        Some("old"),
        "{\"$schema\": \"https://x.org/s.json\"}",
    );
    check(
        Format::Toml,
        "a = 1\r\n",
        None,
        "#:schema https://x.org/s.json\r\na = 1\r\n",
    );
    check(
        Format::Toml,
        "# top\n#:schema old\n\na = 1\n",
        Some("old"),
        "# top\n#:schema https://x.org/s.json\n\na = 1\n",
    );
    check(
        Format::Yaml,
        "#!/bin/x\na: 1\n",
        None,
        "#!/bin/x\n# yaml-language-server: $schema=https://x.org/s.json\na: 1\n",
    );
    let mut doc = document(Format::Toml, "a = 1\n");
    assert!(doc.set_schema_reference("two\nlines").is_err());
    assert_eq!(doc.text(), "a = 1\n");
}
