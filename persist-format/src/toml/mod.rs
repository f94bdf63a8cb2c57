//! TOML 1.1.

use std::ops::Range;

use crate::engine::{Editor, Op, Splice, Unfit};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::tree::{Node, Tree};
use crate::value::{Map, Value};

pub(crate) fn read(text: &str, _limits: &Limits) -> Result<Tree, Error> {
    let table: ::toml::Table = ::toml::from_str(text).map_err(|e| {
        let span = e.span().unwrap_or(0..0);
        Error::at(ErrorKind::Syntax, e.message(), text, span)
    })?;
    let value = convert(&::toml::Value::Table(table));
    let node = shape(&value, text.len());
    Ok(Tree { value, node })
}

fn convert(value: &::toml::Value) -> Value {
    use ::toml::Value as V;
    match value {
        V::String(s) => Value::from(s),
        V::Integer(i) => Value::from(*i),
        V::Float(x) => Value::from(*x),
        V::Boolean(b) => Value::from(*b),
        V::Datetime(d) => d.to_string().parse().map_or(Value::Null, Value::Datetime),
        V::Array(items) => items.iter().map(convert).collect::<Vec<_>>().into(),
        V::Table(t) => Value::Map(t.iter().map(|(k, v)| (k, convert(v))).collect::<Map>()),
    }
}

fn shape(value: &Value, end: usize) -> Node {
    let children = (0..)
        .map_while(|i| value.child_at(i))
        .map(|child| shape(child, end))
        .collect();
    Node {
        children,
        ..Node::new(end..end)
    }
}

pub(crate) struct Edit;

impl Edit {
    pub(crate) fn new(_text: &str, _tree: &Tree) -> Self {
        Self
    }
}

impl Editor for Edit {
    fn splices(&self, _op: &Op) -> Result<Vec<Splice>, Unfit> {
        Err(Unfit::new("not yet"))
    }
}

pub(crate) fn emit(value: &Value) -> Result<String, Error> {
    ::toml::to_string(value).map_err(|e| Error::new(ErrorKind::Unrepresentable, e.to_string()))
}

pub(crate) fn cross_check(_text: &str, _value: &Value) -> Result<(), String> {
    Ok(())
}

pub(crate) fn comments(_text: &str) -> Vec<Range<usize>> {
    Vec::new()
}
