//! From one format to another, and what is said of it.

use persist_format::{Format, Warning};

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
