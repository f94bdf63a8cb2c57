//! `config_versions.json`: the versions of a schema and the migrations between them, as data.

mod digest;
mod error;
mod version_key;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::error::ManifestError;
use crate::edge::Edge;
use crate::graph::{MigrationGraph, VersionInfo};
use crate::lens::Lens;
use crate::path::Path;
use crate::tree::Tree;

/// The history of a schema as data, so that any program can migrate the application's files.
///
/// Its own JSON Schema is `config_versions.schema.json` in this crate. Unknown fields are refused: a misspelt
/// `lenses` must not become an edge that does nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a manifest, a map in braces")]
#[non_exhaustive]
pub struct Manifest {
    /// The JSON Schema of this file, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<String>,
    /// The application's name.
    pub app: String,
    /// Where documents hold their version: a key path such as `meta.version`, with keys in quotes where they have a dot, or a JSON Pointer,
    /// `/meta/version`. [`version_path`](Self::version_path) reads it.
    #[serde(default = "default_version_key")]
    pub version_key: String,
    /// The versions, in any order.
    pub versions: Vec<ManifestVersion>,
    /// The migrations.
    #[serde(default)]
    pub edges: Vec<ManifestEdge>,
    /// Keys whose values must never be shown, as names or globs such as `*_token`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// What is kept of the application's files, for who keeps any: here it is not looked into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Value>,
}

/// One version in a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a version such as {\"version\": \"1.2.0\"}"
)]
#[non_exhaustive]
pub struct ManifestVersion {
    /// Its number.
    pub version: Version,
    /// The day of its release, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The JSON Schema of its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

/// One migration in a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an edge such as {\"from\": \"1.0.0\", \"to\": \"1.1.0\", \"lenses\": []}"
)]
#[non_exhaustive]
pub struct ManifestEdge {
    /// The version before.
    pub from: Version,
    /// The version after.
    pub to: Version,
    /// What it does, in words for the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the planner adds up.
    #[serde(default = "default_cost", skip_serializing_if = "is_default_cost")]
    pub cost: u32,
    /// The steps of the way up.
    pub lenses: Vec<Lens>,
    /// The steps of the way down, where the derived ones won't do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Vec<Lens>>,
    /// The digest of the edge as it was released; it must not change any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl ManifestEdge {
    /// The values that its tables replace, and those that they are replaced by.
    pub(crate) fn table_values(&self) -> impl Iterator<Item = &serde_json::Value> {
        let lenses = self.lenses.iter().chain(self.down.iter().flatten());
        let tables = lenses.filter_map(|lens| match lens {
            Lens::Map { table, .. } => Some(table),
            _ => None,
        });
        tables.flatten().flat_map(|(old, new)| [old, new])
    }
}

fn default_version_key() -> String {
    "schema_version".to_owned()
}

const fn default_cost() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_default_cost(cost: &u32) -> bool {
    *cost == 1
}

impl Manifest {
    /// The JSON Schema of `config_versions.json`, as text: editors that have it complete and check a manifest.
    pub const SCHEMA: &'static str = include_str!("../config_versions.schema.json");

    /// Bytes of a manifest's text: 16 MiB, several times the largest schema in public use. Read no more than this and one byte
    /// from a file that anybody may have written; [`parse`](Self::parse) refuses what is longer.
    pub const MAX_LEN: usize = 16 << 20;

    /// Values of a manifest, schemas included, roughly: braces, brackets, colons and commas are counted. A text
    /// of few bytes can hold many, which take up to two hundred bytes each.
    pub const MAX_VALUES: usize = 400_000;

    /// A manifest without versions.
    pub fn new(app: impl Into<String>) -> Self {
        Self {
            json_schema: None,
            app: app.into(),
            version_key: default_version_key(),
            versions: Vec::new(),
            edges: Vec::new(),
            sensitive: Vec::new(),
            retention: None,
        }
    }

    /// Reads a manifest. Each lens and edge is checked for what can be checked without a document.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line, column and path; or that the text is larger than [`MAX_LEN`](Self::MAX_LEN) or
    /// [`MAX_VALUES`](Self::MAX_VALUES) allow.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let too_large = |what: String| ManifestError::at(String::new(), what);
        if text.len() > Self::MAX_LEN {
            let message = format!(
                "a manifest may have at most {} bytes, but this one has {}; split it, or shorten its schemas",
                Self::MAX_LEN,
                text.len()
            );
            return Err(too_large(message));
        }
        let sign = |byte: &u8| matches!(byte, b'{' | b'[' | b':' | b',');
        if text.bytes().filter(sign).count() > Self::MAX_VALUES {
            let message = format!(
                "a manifest may have at most {} values, schemas included; split it, or shorten its schemas",
                Self::MAX_VALUES
            );
            return Err(too_large(message));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = serde_json::Deserializer::from_str(text);
        let manifest: Self = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| ManifestError::from_serde(&error))?;
        reader
            .end()
            .map_err(|error| ManifestError::syntax(&error))?;
        manifest
            .graph::<Value>()
            .map_err(|error| error.located_in(text))?;
        Ok(manifest)
    }

    /// The manifest as text, in the form it is read.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The graph of these versions and edges, for documents of any kind.
    ///
    /// # Errors
    /// A lens that can't work on any document, or that changes the version of one; an edge between unlisted versions, an edge or version
    /// given twice; a version key that can't be read.
    pub fn graph<D: Tree + 'static>(&self) -> Result<MigrationGraph<D>, ManifestError> {
        let mut graph = MigrationGraph::new();
        for (index, entry) in self.versions.iter().enumerate() {
            if graph.contains(&entry.version) {
                return Err(ManifestError::at(
                    format!("/versions/{index}/version"),
                    format!("version {} is listed twice", entry.version),
                ));
            }
            let info = VersionInfo {
                date: entry.date.clone(),
                description: entry.description.clone(),
            };
            graph.add_version(entry.version.clone(), info);
        }
        let version = self.version_path()?;
        for (index, entry) in self.edges.iter().enumerate() {
            let edge = entry.edge(index, &graph, &version)?;
            graph
                .add_edge(edge)
                .map_err(|error| ManifestError::at(format!("/edges/{index}"), error.to_string()))?;
        }
        Ok(graph)
    }

    /// The path that [`version_key`](Self::version_key) means, the same everywhere: text that starts with `/` is a JSON Pointer, any
    /// other a key path.
    ///
    /// ```
    /// # use persist_migrate::Manifest;
    /// let mut manifest = Manifest::new("app");
    /// manifest.version_key = "meta.version".into();
    /// assert_eq!(manifest.version_path()?.to_string(), "/meta/version");
    /// manifest.version_key = r#""meta.version""#.into();
    /// assert_eq!(manifest.version_path()?.to_string(), "/meta.version");
    /// # Ok::<(), persist_migrate::ManifestError>(())
    /// ```
    ///
    /// # Errors
    /// The text is neither, or names no key; [`parse`](Self::parse) and [`graph`](Self::graph) say so too.
    pub fn version_path(&self) -> Result<Path, ManifestError> {
        let at_key = |message| ManifestError::at("/version_key".to_owned(), message);
        version_key::parse(&self.version_key).map_err(at_key)
    }

    /// The JSON Schema of a version's documents, where one is given.
    pub fn schema_for(&self, version: &Version) -> Option<&Value> {
        self.versions
            .iter()
            .find(|entry| entry.version == *version)?
            .schema
            .as_ref()
    }

    /// The edges that are not what they were when they were released.
    pub fn changed_edges(&self) -> impl Iterator<Item = &ManifestEdge> {
        let changed = |edge: &&ManifestEdge| {
            let released = edge.digest.as_ref();
            released.is_some_and(|released| *released != edge.current_digest())
        };
        self.edges.iter().filter(changed)
    }

    /// The digest of an edge as it stands now, to be compared with the one it was released with.
    pub fn edge_digest(&self, from: &Version, to: &Version) -> Option<String> {
        self.edges
            .iter()
            .find(|edge| edge.from == *from && edge.to == *to)
            .map(ManifestEdge::current_digest)
    }
}

impl ManifestVersion {
    /// A version of which only the number is known.
    pub const fn new(version: Version) -> Self {
        Self {
            version,
            date: None,
            description: None,
            schema: None,
        }
    }
}

impl ManifestEdge {
    /// An edge of cost 1 that is not released yet; its way back is derived.
    pub const fn new(from: Version, to: Version, lenses: Vec<Lens>) -> Self {
        Self {
            from,
            to,
            description: None,
            cost: default_cost(),
            lenses,
            down: None,
            digest: None,
        }
    }

    fn edge<D: Tree + 'static>(
        &self,
        index: usize,
        graph: &MigrationGraph<D>,
        version: &Path,
    ) -> Result<Edge<D>, ManifestError> {
        for (name, version) in [("from", &self.from), ("to", &self.to)] {
            if !graph.contains(version) {
                return Err(ManifestError::at(
                    format!("/edges/{index}/{name}"),
                    format!("version {version} is not listed in `versions`"),
                ));
            }
        }
        let (from, to, lenses) = (self.from.clone(), self.to.clone(), self.lenses.clone());
        let edge = match &self.down {
            None => Edge::lenses(from, to, lenses),
            Some(down) => Edge::lenses_with_down(from, to, lenses, down.clone()),
        };
        let edge = edge.map_err(|(lens, error)| {
            ManifestError::at(format!("/edges/{index}/lenses/{lens}"), error.to_string())
        })?;
        for (list, lenses) in [("lenses", Some(&self.lenses)), ("down", self.down.as_ref())] {
            for (number, lens) in lenses.into_iter().flatten().enumerate() {
                lens.leaves_alone(version).map_err(|error| {
                    let path = format!("/edges/{index}/{list}/{number}");
                    ManifestError::at(path, error.to_string())
                })?;
            }
        }
        let edge = edge.cost(self.cost);
        Ok(match &self.description {
            Some(description) => edge.describe(description.as_str()),
            None => edge,
        })
    }
}
