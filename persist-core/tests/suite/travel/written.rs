//! Random documents of the shipped versions, as people write them: comments, odd spacing, any order, keys no schema knows.

use persist_core::Format;
use proptest::prelude::*;

/// The sections of the sample, the version that has them first (an index of [`super::VERSIONS`]), and their keys.
pub(super) const SECTIONS: [(&str, usize, &[&str]); 7] = [
    ("window", 0, &["width", "height", "of_a_plugin"]),
    ("editor", 0, &["font_size", "tab_width"]),
    ("mine", 0, &["x", "y"]),
    (
        "performance",
        1,
        &["monitoring", "sample_interval_ms", "of_a_plugin"],
    ),
    ("cache", 1, &["enabled", "max_size_mb", "ttl_seconds"]),
    (
        "security",
        2,
        &[
            "require_auth",
            "session_timeout_minutes",
            "api_key",
            "of_a_plugin",
        ],
    ),
    ("encryption", 2, &["enabled", "algorithm"]),
];

const SCALARS: [&str; 4] = ["schema_version", "theme", "language", "unknown"];

/// What stands around an entry.
#[derive(Clone, Copy, Debug)]
struct Around {
    blank: u8,
    above: u8,
    beside: bool,
    spaces: u8,
}

#[derive(Clone, Debug)]
struct Entry {
    key: &'static str,
    value: u8,
    around: Around,
}

#[derive(Clone, Debug)]
struct Section {
    name: &'static str,
    entries: Vec<Entry>,
    around: Around,
    /// On one line.
    flow: bool,
}

/// A document before it is written in a format.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) version: usize,
    scalars: Vec<Entry>,
    sections: Vec<Section>,
    indent: usize,
    windows: bool,
}

fn around() -> impl Strategy<Value = Around> {
    (
        0..3u8,
        prop_oneof![3 => Just(0u8), 1 => 1..3u8],
        any::<bool>(),
        0..3u8,
    )
        .prop_map(|(blank, above, beside, spaces)| Around {
            blank: blank / 2,
            above,
            beside,
            spaces,
        })
}

fn entry(key: &'static str) -> impl Strategy<Value = Entry> {
    (any::<u8>(), around()).prop_map(move |(value, around)| Entry { key, value, around })
}

fn section(index: usize) -> impl Strategy<Value = Section> {
    let (name, _, keys) = SECTIONS[index];
    let keys = prop::sample::subsequence(keys, 0..=keys.len()).prop_shuffle();
    let entries = keys.prop_flat_map(|keys| keys.into_iter().map(entry).collect::<Vec<_>>());
    (entries, around(), prop::bool::weighted(0.15)).prop_map(move |(entries, around, flow)| {
        Section {
            name,
            entries,
            around,
            flow,
        }
    })
}

pub(super) fn draft() -> impl Strategy<Value = Draft> {
    let scalars = SCALARS
        .iter()
        .map(|key| entry(key))
        .collect::<Vec<_>>()
        .prop_shuffle();
    let indexes =
        prop::sample::subsequence((0..SECTIONS.len()).collect::<Vec<_>>(), 0..=SECTIONS.len());
    let sections = indexes
        .prop_shuffle()
        .prop_flat_map(|indexes| indexes.into_iter().map(section).collect::<Vec<_>>());
    let indent = prop::sample::select(vec![2usize, 4, 3]);
    (
        0..super::VERSIONS.len(),
        scalars,
        sections,
        indent,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(version, scalars, mut sections, indent, windows)| {
            let since = |name| SECTIONS.iter().find(|s| s.0 == name).map_or(0, |s| s.1);
            sections.retain(|section| since(section.name) <= version);
            Draft {
                version,
                scalars,
                sections,
                indent,
                windows,
            }
        })
}

/// Writes a draft; each comment has a number of its own.
struct Writer {
    format: Format,
    out: String,
    comments: usize,
    indent: usize,
}

impl Draft {
    pub(super) fn write(&self, format: Format) -> String {
        let mut writer = Writer {
            format,
            out: String::new(),
            comments: 0,
            indent: self.indent,
        };
        writer.document(self);
        match self.windows {
            true => writer.out.replace('\n', "\r\n"),
            false => writer.out,
        }
    }
}

impl Writer {
    fn json(&self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonc)
    }

    fn comment(&mut self) -> Option<String> {
        self.comments += 1;
        match self.format {
            Format::Json => None,
            Format::Jsonc => Some(format!("// note {}", self.comments)),
            _ => Some(format!("# note {}", self.comments)),
        }
    }

    fn value(&self, entry: &Entry, version: usize) -> String {
        if entry.key == "schema_version" {
            return format!("\"{}\"", super::VERSIONS[version]);
        }
        let n = entry.value;
        match (n % 5, self.json()) {
            (0, _) => format!("{}", n.is_multiple_of(2)),
            (1, false) => format!("'single {n}'"),
            (1 | 2, _) => format!("\"double {n}\""),
            (3, _) => format!("{n}.50"),
            _ => format!("{n}"),
        }
    }

    fn above(&mut self, around: Around, indent: usize) {
        for _ in 0..around.blank {
            self.out.push('\n');
        }
        for _ in 0..around.above {
            if let Some(comment) = self.comment() {
                self.out.push_str(&format!("{:indent$}{comment}\n", ""));
            }
        }
    }

    /// The end of a line: a comment, if one is to be.
    fn beside(&mut self, around: Around) {
        if around.beside
            && let Some(comment) = self.comment()
        {
            let spaces = " ".repeat(1 + usize::from(around.spaces));
            self.out.push_str(&format!("{spaces}{comment}"));
        }
        self.out.push('\n');
    }

    fn key_and_value(&self, entry: &Entry, version: usize) -> String {
        let (key, value) = (entry.key, self.value(entry, version));
        let spaces = " ".repeat(usize::from(entry.around.spaces));
        match self.format {
            Format::Toml => format!("{key}{spaces}={spaces}{value}"),
            Format::Yaml => format!("{key}: {spaces}{value}"),
            _ => format!("\"{key}\"{spaces}:{spaces}{value}"),
        }
    }

    fn flow(&self, section: &Section, version: usize) -> String {
        let entries: Vec<_> = section
            .entries
            .iter()
            .map(|e| self.key_and_value(e, version))
            .collect();
        let inner = entries.join(", ");
        match self.format {
            Format::Toml => format!("{} = {{ {inner} }}", section.name),
            Format::Yaml => format!("{}: {{{inner}}}", section.name),
            _ => format!("\"{}\": {{{inner}}}", section.name),
        }
    }

    fn document(&mut self, draft: &Draft) {
        let indent = if self.json() { self.indent } else { 0 };
        if self.json() {
            self.out.push_str("{\n");
        }
        let mut left = draft.scalars.len() + draft.sections.len();
        for entry in &draft.scalars {
            left -= 1;
            self.entry(entry, indent, draft.version, left > 0);
        }
        // Tables with a header end the root of a TOML document.
        let mut sections: Vec<_> = draft.sections.iter().collect();
        if self.format == Format::Toml {
            sections.sort_by_key(|section| !section.flow);
        }
        for section in sections {
            left -= 1;
            self.section(section, indent, draft.version, left > 0);
        }
        if self.json() {
            self.out.push_str("}\n");
        }
    }

    fn entry(&mut self, entry: &Entry, indent: usize, version: usize, more: bool) {
        self.above(entry.around, indent);
        let comma = if self.json() && more { "," } else { "" };
        let line = self.key_and_value(entry, version);
        self.out.push_str(&format!("{:indent$}{line}{comma}", ""));
        self.beside(entry.around);
    }

    fn section(&mut self, section: &Section, indent: usize, version: usize, more: bool) {
        self.above(section.around, indent);
        let comma = if self.json() && more { "," } else { "" };
        if section.flow || section.entries.is_empty() && self.format == Format::Yaml {
            let line = self.flow(section, version);
            self.out.push_str(&format!("{:indent$}{line}{comma}", ""));
            self.beside(section.around);
            return;
        }
        let (open, inner) = match self.format {
            Format::Toml => (format!("[{}]", section.name), 0),
            Format::Yaml => (format!("{}:", section.name), self.indent),
            _ => (format!("\"{}\": {{", section.name), indent + self.indent),
        };
        self.out.push_str(&format!("{:indent$}{open}", ""));
        self.beside(section.around);
        for (index, entry) in section.entries.iter().enumerate() {
            self.entry(entry, inner, version, index + 1 < section.entries.len());
        }
        if self.json() {
            self.out.push_str(&format!("{:indent$}}}{comma}\n", ""));
        }
    }
}
