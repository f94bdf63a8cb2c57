use persist_migrate::{Edge, MigrationGraph, VersionInfo};

use crate::v;

fn awkward() -> MigrationGraph<()> {
    let mut graph = MigrationGraph::new();
    graph.add_version(
        v("1.0.0"),
        VersionInfo::described("\"quoted\" <b> #1\nnew line"),
    );
    graph
        .add_edge(
            Edge::new(v("1.0.0"), v("2.0.0"))
                .describe("a \\ b | c")
                .lossy_up(),
        )
        .unwrap();
    graph
}

#[test]
fn text() {
    insta::assert_snapshot!(crate::sample::graph().to_text(), @r"
    1.0.0 (2025-01-15): initial settings
      <-> 1.1.0: add performance monitoring and caching
      <-> 1.2.0: add performance, cache, security and encryption settings
    1.1.0 (2025-06-02): performance monitoring and caching
      <-> 1.2.0: add security and encryption settings
    1.2.0 (2026-02-20): security and encryption settings
    ");
}

#[test]
fn dot() {
    insta::assert_snapshot!(awkward().to_dot(), @r#"
    digraph versions {
      rankdir=LR;
      node [shape=box];
      "1.0.0" [label="1.0.0: \"quoted\" <b> #1 new line"];
      "2.0.0" [label="2.0.0"];
      "1.0.0" -> "2.0.0" [label="a \\ b | c [drops values]"];
    }
    "#);
}

#[test]
fn mermaid() {
    insta::assert_snapshot!(awkward().to_mermaid(), @r#"
    flowchart LR
      v0["1.0.0: #quot;quoted#quot; #lt;b#gt; #35;1 new line"]
      v1["2.0.0"]
      v0 -->|"a \ b | c [drops values]"| v1
    "#);
}

#[cfg(feature = "svg")]
#[test]
fn svg() {
    let svg = crate::sample::graph().to_svg();
    assert!(svg.starts_with("<?xml") || svg.starts_with("<svg"), "{svg}");
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        assert!(svg.contains(version));
    }
    assert!(!awkward().to_svg().contains("<b>"));
    assert!(MigrationGraph::<()>::new().to_svg().contains("<svg"));
}
