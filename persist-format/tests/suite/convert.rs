//! From one format to another, and what is said of it.

use persist_format::{Edits, Format, Warning};

use crate::support::document;

/// The text in the other format, and below it what could not be carried.
fn converted(text: &str, from: Format, to: Format) -> String {
    let (document, warnings) = document(from, text)
        .convert(to)
        .expect("it can be said in the other format");
    let warnings: Vec<String> = warnings.iter().map(Warning::to_string).collect();
    format!("{}-----\n{}", document.text(), warnings.join("\n"))
}

const TOML: &str = "\
# The settings of the house.
#:schema https://example.org/house.json

# how warm it is
# to be
warm = 21 # degrees

[rooms] # all of them
names = [
  \"hall\", # the large one
  \"attic\",
]

# set apart from what follows

[rooms.hall]
# in metres
width = 4.5
";

#[test]
fn comments_go_along_from_toml() {
    insta::assert_snapshot!(converted(TOML, Format::Toml, Format::Yaml), @r#"
    # yaml-language-server: $schema=https://example.org/house.json
    # The settings of the house.

    # how warm it is
    # to be
    warm: 21 # degrees
    rooms: # all of them
      names:
        - hall # the large one
        - attic
      hall:
        # in metres
        width: 4.5
    -----
    the comment on line 14 left out
    "#);
    insta::assert_snapshot!(converted(TOML, Format::Toml, Format::Jsonc), @r#"
    // The settings of the house.

    {
      // how warm it is
      // to be
      "warm": 21, // degrees
      "rooms": { // all of them
        "names": [
          "hall", // the large one
          "attic"
        ],
        "hall": {
          // in metres
          "width": 4.5
        }
      }
    }
    -----
    the comment on line 14 left out
    the comment that names the schema left out
    "#);
    insta::assert_snapshot!(converted(TOML, Format::Toml, Format::Json), @r#"
    {
      "warm": 21,
      "rooms": {
        "names": [
          "hall",
          "attic"
        ],
        "hall": {
          "width": 4.5
        }
      }
    }
    -----
    8 comments left out
    the comment that names the schema left out
    "#);
}

const YAML: &str = "\
# yaml-language-server: $schema=https://example.org/house.json
base: &base # shared
  # one
  x: 1
use: *base # by alias
list: # of things
  # the first
  - name: a # named
    # about y
    y: |
      text
  - b
# the end
";

#[test]
fn comments_go_along_from_yaml() {
    insta::assert_snapshot!(converted(YAML, Format::Yaml, Format::Toml), @r#"
    #:schema https://example.org/house.json
    list = [{ name = "a", y = "text\n" }, "b"] # of things

    [base] # shared
    # one
    x = 1

    [use] # by alias
    x = 1
    # the end
    -----
    the comment on line 7 left out
    the comment on line 8 left out
    the comment on line 9 left out
    1 alias or merge key written out
    "#);
    insta::assert_snapshot!(converted(YAML, Format::Yaml, Format::Jsonc), @r#"
    {
      "base": { // shared
        // one
        "x": 1
      },
      "use": { // by alias
        "x": 1
      },
      "list": [ // of things
        // the first
        { // named
          "name": "a",
          // about y
          "y": "text\n"
        },
        "b"
      ]
    }
    // the end
    -----
    the comment that names the schema left out
    1 alias or merge key written out
    "#);
}

const JSONC: &str = "\
/* The settings
 * of the house. */
{
  // how warm
  \"warm\": 21, // degrees
  /* within */ \"cold\": /* here */ 3,
  \"rooms\": { // all
    \"hall\": [1, 2] // the large one
  } // no more
}
// the end
";

#[test]
fn comments_go_along_from_jsonc() {
    insta::assert_snapshot!(converted(JSONC, Format::Jsonc, Format::Toml), @r#"
    # The settings
    # of the house.

    # how warm
    warm = 21 # degrees
    cold = 3

    [rooms] # all
    hall = [1, 2] # the large one
    # the end
    -----
    the comment on line 6 left out
    the comment on line 6 left out
    the comment on line 9 left out
    "#);
    insta::assert_snapshot!(converted(JSONC, Format::Jsonc, Format::Yaml), @r#"
    # The settings
    # of the house.

    # how warm
    warm: 21 # degrees
    cold: 3
    rooms: # all
      hall: # the large one
        - 1
        - 2
    # the end
    -----
    the comment on line 6 left out
    the comment on line 6 left out
    the comment on line 9 left out
    "#);
}

/// What was there before is no news, wherever it stands now, and what is new is told once, however it is written.
#[test]
fn an_integer_beyond_64_bits_is_told_of_once_and_where_it_is_new() {
    let (big, bigger) = (u128::MAX, u128::MAX - 1);
    let text = format!("{{\"list\": [{big}, 1], \"other\": 1}}");
    let told = |warnings: Vec<Warning>| -> Vec<String> {
        warnings.iter().map(|w| w.path.to_string()).collect()
    };
    let path = |text: &str| -> persist_format::KeyPath { text.parse().expect("a key path") };
    type Change<'a> = dyn Fn(&mut Edits) -> Result<(), persist_format::Error> + 'a;
    let cases: [(&Change<'_>, &[&str]); 7] = [
        (&|e| e.set(&path("other"), 2), &[]),
        (&|e| e.set(&path("other"), bigger), &["other"]),
        (&|e| e.set(&path("other"), big), &["other"]),
        (&|e| e.set(&path("list[0]"), bigger), &["list[0]"]),
        (&|e| e.insert(&path("list[0]"), 3), &[]),
        (&|e| e.move_to(&path("list[0]"), &path("there")), &[]),
        (&|e| e.insert(&path("list[0]"), big), &["list[1]"]),
    ];
    for (index, (change, wanted)) in cases.into_iter().enumerate() {
        let mut one = document(Format::Json, &text);
        let edit = one.edit(change).expect("it can be edited");
        assert_eq!(told(edit.warnings), wanted, "case {index}");
        let applied = document(Format::Json, &text).apply(one.value());
        let applied = applied.expect("it can be edited");
        assert_eq!(told(applied.warnings), wanted, "case {index}, applied");
        let mut several = document(Format::Json, &text);
        let edit = several.edit(|edits| {
            change(edits)?;
            edits.set(&path("more"), true)
        });
        let edit = edit.expect("it can be edited");
        assert_eq!(told(edit.warnings), wanted, "case {index}, with another");
    }
    let set = document(Format::Json, &text).set(&path("other"), 2);
    assert_eq!(told(set.expect("it can be edited").warnings), [""; 0]);
    let set = document(Format::Json, &text).set(&path("other"), bigger);
    assert_eq!(told(set.expect("it can be edited").warnings), ["other"]);
}
