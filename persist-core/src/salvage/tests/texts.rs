//! Texts to be damaged.

use persist_format::Format;

/// What becomes of the n-th damaged line.
pub(super) type Damage = dyn Fn(usize, &str) -> String;

const JSON: &str = r#"{
  "title": "mine, \"yours\" {",
  "width": 1234,
  "on": true,
  "none": null,
  "editor": {
    "font": "mono",
    "sizes": [10, 12.5, 144],
    "deep": {
      "x": -1e5,
      "list": [
        "one",
        {"two": 22}
      ]
    }
  },
  "last": {"a": 11, "b": "é"}
}
"#;

const JSONC: &str = r#"// about, all: {
{
  "title": "mine", // "yours": {
  /* "width": 5, */ "width": 1234,
  "editor": {
    "font": /* [ */ "mono",
    "sizes": [10, 12, 144,],
  },
  "last": 77, // end
}
"#;

const TOML: &str = "# about
title = \"mine\"
width = 1234
day = 1979-05-27 07:32:00
on = true
text = \"\"\"
on = false
[editor]
width = 1
\"\"\"
list = [
  \"one\", # ]
  'two',
]
a.b.c = 33
[editor]
font = 'mono'
point = { x = 11, y = 22 }
[[server]]
name = \"a\"
[server.tls]
on = false
[[server]]
name = \"b\"
[server.tls]
on = true
[last]
end = 99
";

const YAML: &str = "# about
title: mine
width: 1234
on: true
text: |
  on: false
  editor:
    width: 1
editor:
  font: 'mono'
  point: {x: 11, y: 22}
  deep:
    # here
    more: \"a # b\"
    less: 12
list:
- one
- two: 2
  three: 3
base: &base
  host: here
use:
  <<: *base
  port: 8080
end: 99
";

/// Small texts that have all that can be confused.
pub(super) const ALL: [(&str, Format); 4] = [
    (JSON, Format::Json),
    (JSONC, Format::Jsonc),
    (TOML, Format::Toml),
    (YAML, Format::Yaml),
];

/// A text of about 425 KB with sections of eight entries, and one line in `every` damaged.
pub(super) fn large(format: Format, every: usize, damage: &Damage) -> (String, String) {
    let (mut whole, mut damaged) = (String::new(), String::new());
    let mut number = 0;
    let mut line = |text: String, is_entry: bool| {
        number += usize::from(is_entry);
        whole.push_str(&text);
        match is_entry && number % every == 0 {
            true => damaged.push_str(&damage(number / every, &text)),
            false => damaged.push_str(&text),
        }
    };
    let json = format == Format::Json;
    line(if json { "{\n" } else { "" }.to_owned(), false);
    for section in 0..1_500 {
        let header = match format {
            Format::Toml => format!("[section{section}]\n"),
            Format::Yaml => format!("section{section}:\n"),
            _ => format!("  \"section{section}\": {{\n"),
        };
        line(header, false);
        for key in 0..8 {
            let n = section * 8 + key;
            let entry = match format {
                Format::Toml => format!("key{key} = \"some text {n}\"\n"),
                Format::Yaml => format!("  key{key}: \"some text {n}\"\n"),
                _ => format!(
                    "    \"key{key}\": \"some text {n}\"{}\n",
                    if key < 7 { "," } else { "" }
                ),
            };
            line(entry, true);
        }
        if json {
            line(
                format!("  }}{}\n", if section < 1_499 { "," } else { "" }),
                false,
            );
        }
    }
    line(if json { "}\n" } else { "" }.to_owned(), false);
    (whole, damaged)
}
