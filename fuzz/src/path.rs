//! The texts of key paths.

use persist_core::migrate::Path;
use persist_core::{KeyPath, Value};

/// A key path is read or refused; printed, it reads back as itself; and it leads nowhere that costs memory.
pub fn path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(path) = text.parse::<Path>() {
        assert_eq!(path.to_string().parse::<Path>(), Ok(path));
    }
    let Ok(path) = text.parse::<KeyPath>() else {
        return;
    };
    assert_eq!(
        path.to_string().parse::<KeyPath>().expect("its own text"),
        path
    );
    let pointer = path.pointer();
    assert_eq!(
        pointer
            .parse::<KeyPath>()
            .expect("its own pointer")
            .pointer(),
        pointer
    );
    let mut value = Value::from_cli(r#"{"a": {"b": [1, {"c": null}]}}"#);
    let before = value.clone();
    match value.set(&path, Value::from(7)) {
        Ok(()) => drop(value.remove(&path)),
        Err(_) => assert_eq!(value, before),
    }
}
