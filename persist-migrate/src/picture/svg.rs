//! SVG, laid out by the `layout-rs` crate.

use std::collections::BTreeMap;

use layout::backends::svg::SVGWriter;
use layout::core::base::Orientation;
use layout::core::geometry::Point;
use layout::core::style::{LineStyleKind, StyleAttr};
use layout::std_shapes::shapes::{Arrow, Element, LineEndKind, ShapeKind};
use layout::topo::layout::VisualGraph;

use super::losses;
use crate::edge::Edge;
use crate::graph::MigrationGraph;

/// An empty picture: the layout needs at least one node.
const NOTHING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\"/>\n";

impl<D> MigrationGraph<D> {
    /// The graph as SVG, left to right. For graphs that a person can look at: some hundred versions.
    ///
    /// Dashed is an edge that can't be taken back.
    pub fn to_svg(&self) -> String {
        if self.nodes.is_empty() {
            return NOTHING.to_owned();
        }
        let mut graph = VisualGraph::new(Orientation::LeftToRight);
        let style = StyleAttr::simple();
        let mut handles = BTreeMap::new();
        for (version, info) in self.versions() {
            let date = info
                .date
                .as_ref()
                .map_or_else(String::new, |date| format!("\n{date}"));
            let shape = ShapeKind::new_box(&format!("{version}{date}"));
            let element = Element::create(
                shape,
                style.clone(),
                Orientation::LeftToRight,
                Point::new(100.0, 50.0),
            );
            handles.insert(version, graph.add_node(element));
        }
        for edge in &self.edges {
            if let [Some(from), Some(to)] = [&edge.from, &edge.to].map(|end| handles.get(end)) {
                graph.add_edge(arrow(edge, &style), *from, *to);
            }
        }
        let mut writer = SVGWriter::new();
        graph.do_it(false, false, false, &mut writer);
        writer.finalize()
    }
}

fn arrow<D>(edge: &Edge<D>, style: &StyleAttr) -> Arrow {
    let label = format!("{}{}", edge.description, losses(edge));
    let (start, line) = if edge.is_reversible() {
        (LineEndKind::Arrow, LineStyleKind::Normal)
    } else {
        (LineEndKind::None, LineStyleKind::Dashed)
    };
    Arrow::new(start, LineEndKind::Arrow, line, &label, style, &None, &None)
}
