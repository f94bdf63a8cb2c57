//! The four text formats and how to tell which one a file is in.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// JSON as RFC 8259 has it: no comments, no trailing commas.
    Json,
    /// JSON with `//` and `/* */` comments and trailing commas.
    Jsonc,
    /// TOML 1.1.
    Toml,
    /// YAML 1.2 with the core schema.
    Yaml,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Json, Self::Jsonc, Self::Toml, Self::Yaml];

    /// The name, as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Jsonc => "JSONC",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
        }
    }

    /// The usual file name extension, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonc => "jsonc",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
        }
    }

    /// The format that the file name stands for, if it stands for one.
    ///
    /// Some well-known `.json` files are JSONC by their own documentation (`tsconfig.json`, those
    /// in `.vscode`); those are told apart by name.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy();
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" if reads_comments(path, &name) => Some(Self::Jsonc),
            "json" | "webmanifest" | "geojson" => Some(Self::Json),
            "jsonc" | "code-workspace" | "code-snippets" => Some(Self::Jsonc),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => match &*name {
                "Cargo.lock" | "poetry.lock" | "uv.lock" => Some(Self::Toml),
                "composer.lock" | "flake.lock" => Some(Self::Json),
                _ => None,
            },
        }
    }

    /// The format of a file that is to be made, which only its name can tell.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownFormat`] if it says nothing.
    pub fn of_new(path: &Path) -> Result<Self, Error> {
        Self::refuse_foreign(path)?;
        Self::from_path(path).ok_or_else(|| {
            Error::new(
                ErrorKind::UnknownFormat,
                "the format of the new file can't be determined from its name",
            )
            .with_help(NAME_IT)
        })
    }

    /// Refuses a file whose name says that it is in a format which is none of these, and may look like one.
    pub(crate) fn refuse_foreign(path: &Path) -> Result<(), Error> {
        let name = path.file_name().map(|name| name.to_string_lossy());
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !FOREIGN.contains(&extension) {
            return Ok(());
        }
        let message = format!("the format of `.{extension}` files is not supported");
        let help = "if the content is JSON, TOML or YAML, name the format";
        Err(Error::new(ErrorKind::UnknownFormat, message).with_help(help))
    }

    pub(crate) fn unknown() -> Error {
        Error::new(
            ErrorKind::UnknownFormat,
            "the format can't be determined from the file's name or content",
        )
        .with_help(NAME_IT)
    }
}

const NAME_IT: &str =
    "give it one of the extensions .json, .jsonc, .toml, .yaml, or name the format";

/// What is often read as one of ours, and is not.
const FOREIGN: [&str; 10] = [
    "ini",
    "ron",
    "env",
    "json5",
    "hjson",
    "properties",
    "xml",
    "plist",
    "kdl",
    "hcl",
];

fn reads_comments(path: &Path, name: &str) -> bool {
    let is_config = |stem: &str| {
        name == format!("{stem}.json")
            || (name.starts_with(&format!("{stem}.")) && name.ends_with(".json"))
    };
    is_config("tsconfig")
        || is_config("jsconfig")
        || [
            ".eslintrc.json",
            ".babelrc.json",
            "devcontainer.json",
            "api-extractor.json",
        ]
        .contains(&name)
        || path
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|folder| folder == ".vscode")
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads a name or extension, in upper or lower case: `json`, `YAML`, `yml`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "jsonc" => Ok(Self::Jsonc),
            "toml" => Ok(Self::Toml),
            "yaml" | "yml" => Ok(Self::Yaml),
            _ => Err(
                Error::new(ErrorKind::UnknownFormat, format!("unknown format {text:?}"))
                    .with_help("the formats are json, jsonc, toml and yaml"),
            ),
        }
    }
}
