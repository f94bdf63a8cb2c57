//! Replacing one value by another.

use super::{Indicator, Parent, Spot, YamlEditor, unsayable};
use crate::engine::Splice;
use crate::path::KeyPath;
use crate::plan;
use crate::refusal::Refusal;
use crate::tree::Origin;
use crate::value::Value;
use crate::yaml::cst::{Node, NodeKind};
use crate::yaml::emit::Text;

impl YamlEditor<'_> {
    pub(super) fn replace(&self, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, Refusal> {
        if self.cst.documents.is_empty() {
            return self.first_text(value);
        }
        if let Some(splices) = self.overrides_merged(path, value)? {
            return Ok(splices);
        }
        let (spot, old, _) = self.find(path)?;
        self.guard_rendering(spot, old, value)?;
        self.replace_at(spot, value)
    }

    pub(super) fn replace_at(&self, spot: Spot, value: &Value) -> Result<Vec<Splice>, Refusal> {
        match spot.parent {
            Parent::Flow(_) => self.replace_in_flow(spot, value),
            _ => self.replace_in_block(spot, value),
        }
    }

    /// In a stream without documents there may be comments; the value goes below them.
    fn first_text(&self, value: &Value) -> Result<Vec<Splice>, Refusal> {
        let text = self.layout.root(value).map_err(|e| unsayable(&e))?;
        let mut lines = text.lines;
        if !text.inline.is_empty() {
            lines.insert(0, text.inline);
        }
        let end = self.page.text.len();
        let gap = if end == 0 || self.page.text.ends_with(['\n', '\r']) {
            ""
        } else {
            self.page.newline
        };
        let new = format!("{gap}{}{}", self.page.join(&lines), self.page.newline);
        Ok(vec![Splice {
            range: end..end,
            text: new,
        }])
    }

    /// An entry that comes in by a merge key is overridden by one of the mapping's own.
    fn overrides_merged(
        &self,
        path: &KeyPath,
        value: &Value,
    ) -> Result<Option<Vec<Splice>>, Refusal> {
        let merged = path.split_last().and_then(|(parent, last)| {
            let (_, container, node) = self.find(&parent).ok()?;
            let index = last.find_in(container)?;
            let child = node.children.get(index)?;
            (child.origin == Origin::Merged).then_some(index)
        });
        let replaced = || plan::replaced(&self.tree.value, path, value.clone());
        let Some((index, (parent, mut slots))) = merged.and_then(|i| Some((i, replaced()?))) else {
            return Ok(None);
        };
        let own = slots.remove(index);
        slots.push(own);
        self.reshape(&parent, &slots).map(Some)
    }

    fn replace_in_flow(&self, spot: Spot, value: &Value) -> Result<Vec<Splice>, Refusal> {
        let node = &self.cst.nodes[spot.id];
        let layout = self.layout_like(node);
        let text = layout.flow(value).map_err(|e| unsayable(&e))?;
        let (anchor, start) = kept_anchor(node);
        let mut text = format!("{anchor}{text}");
        if node.is_absent() {
            let colon = matches!(spot.parent, Parent::Flow(Some(entry)) if entry.colon.is_none());
            if let (true, Parent::Flow(Some(entry))) = (colon, spot.parent) {
                let key = &self.cst.nodes[entry.key];
                // Right by YAML 1.2, but PyYAML and libyaml refuse such a key once it has a colon.
                if self.page.slice(key.start..key.end).contains(['\n', '\r']) {
                    return Err(Refusal::Layout("its key spans several lines"));
                }
            }
            text.insert_str(0, if colon { ": " } else { " " });
        }
        // A quoted key may have its value right after the colon, but a plain value can't stand there.
        if self.page.text[..start].ends_with(':') && !node.is_absent() {
            text.insert(0, ' ');
        }
        Ok(vec![Splice {
            range: start..node.end,
            text,
        }])
    }

    fn replace_in_block(&self, spot: Spot, value: &Value) -> Result<Vec<Splice>, Refusal> {
        let node = &self.cst.nodes[spot.id];
        self.put_in_block(spot, self.block_text(spot, node, value)?)
    }

    /// Writes a text in the place of the old value.
    pub(super) fn put_in_block(&self, spot: Spot, text: Text) -> Result<Vec<Splice>, Refusal> {
        let node = &self.cst.nodes[spot.id];
        let (anchor, start) = kept_anchor(node);
        let text = if anchor.is_empty() {
            text
        } else {
            text.anchored(anchor.trim_end())
        };
        // What the value's place begins after: the dash, the colon, the `---`.
        let indicator = self.indicator_end(spot);
        if node.is_block_collection()
            && (self.page.begins_line(node.content) || !text.lines.is_empty())
        {
            return Ok(vec![self.replace_lines(spot, indicator, start, &text)]);
        }
        let (after, tail) = self.tail(node);
        if let (Parent::Block(Indicator::Entry { entry, column }), false) =
            (spot.parent, text.lines.is_empty())
            && entry.colon.is_none()
        {
            let newline = self.page.newline;
            let space = if text.inline.is_empty() { "" } else { " " };
            let colon = format!("{newline}{}:{space}{}", " ".repeat(column), text.inline);
            let text = format!("{tail}{colon}{newline}{}", self.page.join(&text.lines));
            return Ok(vec![Splice {
                range: indicator..after,
                text,
            }]);
        }
        let inline = if text.inline.is_empty() {
            String::new()
        } else {
            format!("{}{}", self.space_before(spot, indicator), text.inline)
        };
        if text.lines.is_empty() {
            let from = if text.inline.is_empty() || node.is_absent() {
                indicator
            } else {
                start.max(indicator)
            };
            let inline = if node.is_absent() || from == indicator {
                inline
            } else {
                text.inline
            };
            let end = if node.is_block_scalar() {
                after
            } else {
                node.end
            };
            let tail = if node.is_block_scalar() { tail } else { "" };
            return Ok(vec![Splice {
                range: from..end,
                text: format!("{inline}{tail}"),
            }]);
        }
        let lines = self.page.join(&text.lines);
        let head = format!("{inline}{tail}");
        let head = if indicator == self.page.line_start(indicator) {
            head.trim_start()
        } else {
            &head
        };
        let gap = if head.is_empty() && indicator == self.page.line_start(indicator) {
            ""
        } else {
            self.page.newline
        };
        Ok(vec![Splice {
            range: indicator..after,
            text: format!("{head}{gap}{lines}"),
        }])
    }

    /// Replaces a block collection that stands on lines of its own, or in part on the line of its dash.
    fn replace_lines(&self, spot: Spot, indicator: usize, start: usize, text: &Text) -> Splice {
        let node = &self.cst.nodes[spot.id];
        let end = self.page.line_end(node.end);
        let inline = if text.inline.is_empty() {
            String::new()
        } else {
            format!("{}{}", self.space_before(spot, indicator), text.inline)
        };
        let lines = |gap: &str| {
            if text.lines.is_empty() {
                String::new()
            } else {
                format!("{gap}{}", self.page.join(&text.lines))
            }
        };
        if !self.page.begins_line(node.content) {
            return Splice {
                range: indicator..end,
                text: format!("{inline}{}", lines(self.page.newline)),
            };
        }
        if start <= indicator
            && matches!(spot.parent, Parent::Document)
            && indicator >= node.content
        {
            // A root without `---` before it.
            return Splice {
                range: node.content..end,
                text: format!(
                    "{}{}",
                    text.inline,
                    lines(if text.inline.is_empty() {
                        ""
                    } else {
                        self.page.newline
                    })
                ),
            };
        }
        // The rest of the indicator's line may be a comment, which stays.
        let header_end = self.page.line_end(indicator);
        let header = self.page.slice(indicator..header_end);
        let comment = header.find(" #").map_or("", |at| header[at..].trim_end());
        Splice {
            range: indicator..end,
            text: format!("{inline}{comment}{}", lines(self.page.newline)),
        }
    }

    fn block_text(&self, spot: Spot, node: &Node, value: &Value) -> Result<Text, Refusal> {
        let layout = self.layout_for(spot, node);
        let keeps_flow = node.is_flow() && node.content + 2 < node.end && value.is_container();
        if keeps_flow || (node.is_flow() && is_short_list(value)) {
            let inline = layout.flow(value).map_err(|e| unsayable(&e))?;
            return Ok(Text::inline(inline));
        }
        match spot.parent {
            Parent::Document => layout.root(value),
            Parent::Block(Indicator::Dash { column, .. }) => layout.under_dash(value, column),
            Parent::Block(Indicator::Entry { column, .. }) => layout.under_key(value, column),
            Parent::Flow(_) => layout.flow(value).map(Text::inline),
        }
        .map_err(|e| unsayable(&e))
    }
}

/// An anchor stays with the new value: its text, and where the anchor or tag or value begins.
fn kept_anchor(node: &Node) -> (String, usize) {
    match &node.anchor {
        Some(anchor) if !matches!(node.kind, NodeKind::Alias { .. }) => {
            (format!("&{} ", anchor.name), node.start)
        }
        _ => (String::new(), node.start),
    }
}

/// A list that reads well on one line.
fn is_short_list(value: &Value) -> bool {
    const WIDTH: usize = 60;
    match value {
        Value::Sequence(items) => {
            items.iter().all(|item| !item.is_container()) && value.to_string().len() <= WIDTH
        }
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}
