//! Schema versions as a graph of reversible migrations.
