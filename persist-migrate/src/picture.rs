//! A graph to look at: as text, for Graphviz, for Mermaid and as SVG.

#[cfg(feature = "svg")]
mod svg;

use std::fmt::Write;

use crate::edge::Edge;
use crate::graph::{MigrationGraph, VersionInfo};

impl<D> MigrationGraph<D> {
    /// The graph as text: each version, oldest first, and the edges that start there.
    ///
    /// `<->` is an edge that can be taken back, `->` one that can't.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (version, info) in self.versions() {
            put(&mut text, format_args!("{version}{}\n", about(info)));
            for edge in self.edges.iter().filter(|edge| edge.from == *version) {
                let arrow = if edge.is_reversible() { "<->" } else { "->" };
                put(
                    &mut text,
                    format_args!(
                        "  {arrow} {}: {}{}\n",
                        edge.to,
                        edge.description,
                        losses(edge)
                    ),
                );
            }
        }
        text
    }

    /// The graph in Graphviz' language (DOT).
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph versions {\n  rankdir=LR;\n  node [shape=box];\n");
        for (version, info) in self.versions() {
            let label = format!("{version}{}", about(info));
            put(
                &mut dot,
                format_args!(
                    "  {} [label={}];\n",
                    quoted(&version.to_string()),
                    quoted(&label)
                ),
            );
        }
        for edge in &self.edges {
            let (from, to) = (quoted(&edge.from.to_string()), quoted(&edge.to.to_string()));
            let label = quoted(&format!("{}{}", edge.description, losses(edge)));
            let both = if edge.is_reversible() {
                ", dir=both"
            } else {
                ""
            };
            put(
                &mut dot,
                format_args!("  {from} -> {to} [label={label}{both}];\n"),
            );
        }
        dot.push_str("}\n");
        dot
    }

    /// The graph as a Mermaid flow chart, which code forges show in their pages.
    pub fn to_mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for (number, (version, info)) in self.versions().enumerate() {
            put(
                &mut chart,
                format_args!(
                    "  v{number}[\"{}\"]\n",
                    entities(&format!("{version}{}", about(info)))
                ),
            );
        }
        let number = |version| {
            self.versions()
                .position(|(known, _)| known == version)
                .unwrap_or_default()
        };
        for edge in &self.edges {
            let arrow = if edge.is_reversible() { "<-->" } else { "-->" };
            let label = entities(&format!("{}{}", edge.description, losses(edge)));
            put(
                &mut chart,
                format_args!(
                    "  v{} {arrow}|\"{label}\"| v{}\n",
                    number(&edge.from),
                    number(&edge.to)
                ),
            );
        }
        chart
    }
}

/// Writing to a string can't fail.
fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _written = text.write_fmt(arguments);
}

fn about(info: &VersionInfo) -> String {
    let date = info.date.as_ref().map(|date| format!(" ({date})"));
    let description = info
        .description
        .as_ref()
        .map(|description| format!(": {description}"));
    date.unwrap_or_default() + &description.unwrap_or_default()
}

fn losses<D>(edge: &Edge<D>) -> &'static str {
    match (edge.is_lossy(true), edge.is_lossy(false)) {
        (true, true) => " [drops values both ways]",
        (true, false) => " [drops values]",
        _ => "",
    }
}

/// A quoted string of DOT; line breaks become spaces.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace(['\n', '\r'], " ")
    )
}

/// Text within quotes of Mermaid, which takes HTML's entities with `#` for `&`.
fn entities(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
        .replace(['\n', '\r'], " ")
}
