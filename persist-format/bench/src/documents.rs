//! The same settings in each format: services with a few fields, lists and tables, and comments where they can be.

use std::fmt::Write as _;

/// The number that is edited.
pub(crate) const PLACE: &str = "services.service-1250.port";

pub(crate) fn json(services: usize) -> String {
    let mut text = String::from("{\n  \"version\": 3,\n  \"services\": {\n");
    for n in 0..services {
        let comma = if n + 1 < services { "," } else { "" };
        let _ = write!(
            text,
            "    \"service-{n}\": {{\n      \"image\": \"registry.example.org/team/service-{n}:1.{n}.0\",\n      \"port\": {},\n      \
             \"ratio\": 0.{n},\n      \"enabled\": {},\n      \"tags\": [\"blue\", \"tier-{}\"],\n      \"limits\": {{ \"memory\": \"{n}Mi\", \"cpu\": 2 }}\n    }}{comma}\n",
            1000 + n,
            n % 2 == 0,
            n % 7
        );
    }
    text + "  }\n}\n"
}

pub(crate) fn toml(services: usize) -> String {
    let mut text = String::from("# all services\nversion = 3\n");
    for n in 0..services {
        let _ = write!(
            text,
            "\n# the service {n}\n[services.service-{n}]\nimage = \"registry.example.org/team/service-{n}:1.{n}.0\"\nport = {} # where it listens\n\
             ratio = 0.{n}\nenabled = {}\ntags = [\"blue\", \"tier-{}\"]\nlimits = {{ memory = \"{n}Mi\", cpu = 2 }}\n",
            1000 + n,
            n % 2 == 0,
            n % 7
        );
    }
    text
}

pub(crate) fn yaml(services: usize) -> String {
    let mut text = String::from("# all services\nversion: 3\nservices:\n");
    for n in 0..services {
        let _ = write!(
            text,
            "  # the service {n}\n  service-{n}:\n    image: registry.example.org/team/service-{n}:1.{n}.0\n    port: {} # where it listens\n    \
             ratio: 0.{n}\n    enabled: {}\n    tags:\n      - blue\n      - tier-{}\n    limits: {{ memory: {n}Mi, cpu: 2 }}\n",
            1000 + n,
            n % 2 == 0,
            n % 7
        );
    }
    text
}
