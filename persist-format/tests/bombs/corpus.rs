//! The bombs, and texts that fill the limits for untrusted text. Each text is made in one buffer, so that making it leaves no freed memory behind that would hide what reading it takes.

use persist_format::Format::{self, Json, Jsonc, Toml, Yaml};
use persist_format::Limits;

pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    pub(crate) format: Format,
    /// The limits that it is read within.
    pub(crate) limits: fn() -> Limits,
    pub(crate) text: fn() -> Vec<u8>,
    pub(crate) wanted: Wanted,
}

/// How the text is to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Refused for a limit.
    Limit,
    /// Refused for a limit or because it is not in the format.
    Error,
    /// Within all limits: read, as cheaply as the others are refused.
    Read,
}

/// The bytes that `Limits::untrusted` allows.
const MOST: usize = 3 << 19;

/// As many times the part as fit into that size, between a beginning and an end.
fn filled(begin: &str, part: &str, end: &str) -> Vec<u8> {
    let times = (MOST - begin.len() - end.len()) / part.len();
    times_of(begin, part, times, end)
}

fn times_of(begin: &str, part: &str, times: usize, end: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(begin.len() + part.len() * times + end.len());
    text.extend_from_slice(begin.as_bytes());
    // In blocks: byte by byte it would take the most part of an unoptimised test.
    let block = part.repeat(1_000);
    for _ in 0..times / 1_000 {
        text.extend_from_slice(block.as_bytes());
    }
    text.extend_from_slice(&block.as_bytes()[..times % 1_000 * part.len()]);
    text.extend_from_slice(end.as_bytes());
    text
}

/// Parts that are numbered, until that size is reached: `#` in the part is the number.
fn numbered(begin: &str, part: &str, end: &str) -> Vec<u8> {
    use std::io::Write as _;
    let (before, after) = part.split_once('#').expect("a part has a number");
    let mut text = Vec::with_capacity(MOST);
    text.extend_from_slice(begin.as_bytes());
    for number in 0.. {
        if text.len() + part.len() + 8 + end.len() > MOST {
            break;
        }
        write!(text, "{before}{number}{after}").expect("a buffer takes all");
    }
    text.extend_from_slice(end.as_bytes());
    text
}

const MANY: usize = 100_000_000;
const DEEP: usize = 100_000;

/// `a0: &a0 [x, …]`, then each of ten aliases of the one before.
fn laughs(first: &str, of: fn(usize) -> String) -> Vec<u8> {
    let mut text = Vec::with_capacity(MOST);
    text.extend_from_slice(first.as_bytes());
    for level in 1..40 {
        text.extend_from_slice(of(level).as_bytes());
    }
    text
}

/// Each level is as deep as is allowed and ends in an alias of the level before.
fn tower() -> Vec<u8> {
    let mut text = Vec::with_capacity(MOST);
    text.extend_from_slice(b"a0: &a0 []\n");
    // More levels would be too many values, which is found before.
    for level in 1..25 {
        let (open, close) = ("[".repeat(120), "]".repeat(120));
        let line = format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1);
        text.extend_from_slice(line.as_bytes());
    }
    text
}

/// Block mappings, each two columns further right; as deep as the size allows.
fn stairs(part: &str, step: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(MOST);
    for level in 0.. {
        if text.len() + level * step + part.len() > MOST {
            break;
        }
        text.resize(text.len() + level * step, b' ');
        text.extend_from_slice(part.as_bytes());
    }
    text
}

pub(crate) fn all() -> Vec<Bomb> {
    let mut all = bombs();
    all.extend(filled_to_the_limits());
    all
}

macro_rules! corpus {
    ($(#[$doc:meta])* $group:ident within $limits:path: $($format:ident $name:literal $wanted:ident $text:expr;)*) => {
        $(#[$doc])*
        fn $group() -> Vec<Bomb> {
            vec![$(Bomb {
                name: concat!(stringify!($format), ", ", $name),
                format: $format,
                limits: $limits,
                text: || $text,
                wanted: Wanted::$wanted,
            }),*]
        }
    };
}

corpus! {
    /// Texts that cost out of proportion to their size, or whose size alone is too much.
    bombs within Limits::default:
    Json "arrays 100,000 deep" Limit times_of("", "[", DEEP, "");
    Json "arrays 100,000 deep, closed" Limit times_of("", "[", DEEP, &"]".repeat(DEEP));
    Json "objects 100,000 deep" Limit times_of("", "{\"a\":", DEEP, "");
    Jsonc "arrays 100,000 deep" Limit times_of("", "[ // c\n", DEEP, "");
    Toml "arrays 100,000 deep" Limit times_of("a = ", "[", DEEP, "");
    Toml "arrays 100,000 deep, closed" Limit times_of("a = ", "[", DEEP, &"]".repeat(DEEP));
    Toml "inline tables 100,000 deep" Limit times_of("a = ", "{ a = ", DEEP, "");
    Toml "a dotted key 100,000 deep" Limit times_of("", "a.", DEEP, "a = 1");
    Toml "a header 100,000 deep" Limit times_of("[", "a.", DEEP, "a]");
    Toml "a dotted key in an inline table 100,000 deep" Limit times_of("a = { ", "a.", DEEP, "a = 1 }");
    Toml "elements of elements" Limit times_of("[[", "a.", DEEP, "a]]");
    Yaml "flow sequences 100,000 deep" Limit times_of("", "[", DEEP, "");
    Yaml "flow mappings 100,000 deep" Limit times_of("", "{a: ", DEEP, "");
    Yaml "block sequences 100,000 deep" Limit times_of("", "- ", DEEP, "x");
    Yaml "complex keys 100,000 deep" Limit times_of("", "? ", DEEP, "x");
    Yaml "block mappings as deep as they go" Limit stairs("a:\n", 1);
    Yaml "block sequences as deep as they go" Limit stairs("-\n", 1);
    Yaml "flow keys 100,000 deep" Limit times_of("", "{[", DEEP, "");

    Yaml "a billion laughs" Limit laughs("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n", |n| {
        let m = n - 1;
        format!("a{n}: &a{n} [*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m}]\n")
    });
    Yaml "a billion merges" Limit laughs("a0: &a0 {x: 1, y: 2}\n", |n| {
        let m = n - 1;
        format!("a{n}: &a{n} {{b{n}: *a{m}, c{n}: *a{m}, <<: [*a{m}, *a{m}]}}\n")
    });
    Yaml "one long string, many times" Limit times_of(&format!("a: &a {}\nb: [", "x".repeat(500_000)), "*a,", 100_000, "]");
    Yaml "aliases deep within aliases" Limit tower();
    Yaml "an alias of itself" Error b"a: &a [*a, *a]".to_vec();

    Json "an integer of 1,000,000 digits" Limit times_of("", "9", 1_000_000, "");
    Json "an exponent of 1,000,000 digits" Limit times_of("1e", "9", 1_000_000, "");
    Json "a fraction of 1,000,000 digits" Limit times_of("0.", "9", 1_000_000, "");
    Toml "an integer of 1,000,000 digits" Limit times_of("a = ", "9", 1_000_000, "");
    Toml "a hexadecimal of 1,000,000 digits" Limit times_of("a = 0x", "f", 1_000_000, "");
    Toml "a float of 1,000,000 digits" Limit times_of("a = 1.", "9", 1_000_000, "");
    Yaml "an integer of 1,000,000 digits" Limit times_of("", "9", 1_000_000, "");
    Yaml "a hexadecimal of 1,000,000 digits" Limit times_of("0x", "f", 1_000_000, "");
    Yaml "a float of 1,000,000 digits" Limit times_of("1.", "9", 1_000_000, "");

    Json "a string of 100 MB" Limit times_of("\"", "x", MANY, "\"");
    Json "an array of 100 MB" Limit times_of("[", "0,", MANY / 2, "0]");
    Json "a number of 100 MB" Limit times_of("", "9", MANY, "");
    Jsonc "a comment of 100 MB" Limit times_of("//", "x", MANY, "");
    Toml "a string of 100 MB" Limit times_of("a = \"", "x", MANY, "\"");
    Toml "an array of 100 MB" Limit times_of("a = [", "0,", MANY / 2, "]");
    Yaml "a plain scalar of 100 MB" Limit times_of("", "x", MANY, "");
    Yaml "a flow sequence of 100 MB" Limit times_of("[", "0,", MANY / 2, "]");
    Yaml "100 MB of white space" Limit times_of("", " ", MANY, "");

}

corpus! {
    /// All that grammars repeat, as often as it may stand in a text that anybody may have written.
    filled_to_the_limits within Limits::untrusted:
    Json "numbers" Limit filled("[", "0,", "0]");
    Json "numbers of 4,300 digits" Read filled("[", &format!("{},", "9".repeat(4_300)), "0]");
    Yaml "hexadecimals of 1,070 digits" Read filled("[", &format!("0x{},", "f".repeat(1_070)), "0]");
    Yaml "aliases of one scalar" Limit filled("a: &a x\nb: [", "*a,", "]");
    Json "empty arrays" Limit filled("[", "[],", "0]");
    Json "empty objects" Limit filled("[", "{},", "0]");
    Json "empty strings" Limit filled("[", "\"\",", "0]");
    Json "entries" Limit numbered("{", "\"#\":0,", "\"x\":0}");
    Json "objects of one entry" Limit filled("[", "{\"\":0},", "0]");
    Json "one string" Read filled("\"", "x", "\"");
    Json "one string of escapes" Read filled("\"", "\\n", "\"");
    Json "one key" Read filled("{\"", "\\u0041", "\":0}");
    Json "white space" Error filled("", " ", "");
    Json "no string's end" Error filled("\"", "\\\"", "");
    Jsonc "comments" Read filled("", "//\n", "0");
    Jsonc "comments that don't end" Error filled("", "/*", "");
    Jsonc "empty arrays after comments" Limit filled("[", "/**/[],", "0]");

    Toml "numbers" Limit filled("a=[", "0,", "]");
    Toml "empty arrays" Limit filled("a=[", "[],", "]");
    Toml "empty inline tables" Limit filled("a=[", "{},", "]");
    Toml "empty strings" Limit filled("a=[", "'',", "]");
    Toml "entries" Limit numbered("", "#=0\n", "");
    Toml "headers" Limit numbered("", "[#]\n", "");
    Toml "elements" Limit filled("", "[[a]]\n", "");
    Toml "dotted entries" Limit numbered("", "a.#=0\n", "");
    Toml "entries 70 deep" Limit numbered("", &format!("{}#=0\n", "a.".repeat(70)), "");
    Toml "headers 70 deep" Limit numbered("", &format!("[{}#]\n", "a.".repeat(70)), "");
    Toml "one string" Read filled("a='", "x", "'");
    Toml "one string of escapes" Read filled("a=\"", "\\n", "\"");
    Toml "comments" Limit filled("", "#\n", "");
    Toml "blank lines" Limit filled("", "\n", "");
    Toml "equals signs" Limit filled("", "=", "");
    Toml "brackets" Limit filled("", "[]", "");
    Toml "quotes" Error filled("a=", "'", "");
    Toml "letters without a value" Limit filled("", "a\n", "");
    Toml "dots" Limit filled("a", ".", "=0");

    Yaml "block items" Limit filled("", "- 0\n", "");
    Yaml "flow items" Limit filled("[", "0,", "]");
    Yaml "empty sequences" Limit filled("[", "[],", "]");
    Yaml "empty mappings" Limit filled("[", "{},", "]");
    Yaml "entries" Limit numbered("", "#:\n", "");
    Yaml "flow entries" Limit numbered("{", "#,", "}");
    Yaml "pairs in a sequence" Limit numbered("[", "#: ,", "]");
    Yaml "complex keys" Limit numbered("", "? #\n", "");
    Yaml "documents" Limit filled("", "---\n", "");
    Yaml "anchors" Limit numbered("[", "&# 0,", "]");
    Yaml "tags" Limit filled("[", "!t 0,", "]");
    Yaml "merge keys" Error filled("a: &a {x: 1}\nb:\n", "  <<: *a\n", "");
    Yaml "comments" Limit filled("", "#\n", "");
    Yaml "blank lines" Read filled("", "\n", "");
    Yaml "one plain scalar" Read filled("", "x", "");
    Yaml "one plain scalar of many words" Read filled("", "x ", "x");
    Yaml "one plain scalar of many lines" Read filled("", "x\n", "");
    Yaml "one quoted scalar of many lines" Read filled("\"", "\n", "\"");
    Yaml "one quoted scalar of escapes" Read filled("\"", "\\n", "\"");
    Yaml "one block scalar" Read filled("|\n", " x\n", "");
    Yaml "one folded scalar" Read filled(">\n", " x\n\n", "");
    Yaml "directives" Limit filled("", "%A\n", "");
    Yaml "question marks" Read filled("", "?", "");
    Yaml "colons" Error filled("", ": ", "");
    Yaml "quotes" Error filled("", "'", "x");
    Yaml "tabs" Read filled("", "\t", "");
}
