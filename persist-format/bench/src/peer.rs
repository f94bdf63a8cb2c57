//! The same edit by what others use. Only `toml_edit` keeps comments and layout; none checks what it wrote.

pub(crate) fn serde_json(text: &str, port: u64) -> String {
    let mut value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    value["services"]["service-1250"]["port"] = port.into();
    serde_json::to_string_pretty(&value).expect("it can be written")
}

pub(crate) fn toml_edit(text: &str, port: u64) -> String {
    let mut document: toml_edit::DocumentMut = text.parse().expect("TOML");
    document["services"]["service-1250"]["port"] =
        toml_edit::value(i64::try_from(port).expect("it is small"));
    document.to_string()
}

pub(crate) fn serde_yaml(text: &str, port: u64) -> String {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
    value["services"]["service-1250"]["port"] = port.into();
    serde_yaml::to_string(&value).expect("it can be written")
}
