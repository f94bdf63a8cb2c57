//! The same migration with version-migrate: a struct for each of 101 versions.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use version_migrate::{IntoDomain, MigratesTo, MigrationPath, Migrator, Versioned};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    id: u64,
    name: String,
    on: bool,
    weight: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Domain {
    step_100: u64,
    body: Vec<Entry>,
}

impl Domain {
    pub(crate) fn read(value: &Value) -> Self {
        Self::deserialize(value).expect("the last version")
    }
}

/// The same struct with the counter under another name.
macro_rules! versions {
    ($first:ident = $first_n:literal $first_v:literal $(, $next:ident = $n:literal $v:literal)*) => {
        versions!(@one $first $first_n $first_v);
        $(versions!(@one $next $n $v);)*
        versions!(@steps $first $($next)*);
        fn path() -> MigrationPath<Domain> {
            Migrator::define("settings").from::<$first>()$(.step::<$next>())*.into::<Domain>()
        }
    };
    (@one $name:ident $n:literal $v:literal) => {
        #[derive(Serialize, Deserialize)]
        struct $name {
            #[serde(rename = $n)]
            step: u64,
            body: Vec<Entry>,
        }
        impl Versioned for $name {
            const VERSION: &'static str = $v;
        }
    };
    (@steps $last:ident) => {
        impl IntoDomain<Domain> for $last {
            fn into_domain(self) -> Domain {
                Domain { step_100: self.step, body: self.body }
            }
        }
    };
    (@steps $a:ident $b:ident $($rest:ident)*) => {
        impl MigratesTo<$b> for $a {
            fn migrate(self) -> $b {
                $b { step: self.step, body: self.body }
            }
        }
        versions!(@steps $b $($rest)*);
    };
}

include!("versions.rs");

pub(crate) fn migrator() -> Migrator {
    let mut migrator = Migrator::new();
    migrator.register(path()).expect("versions in order");
    migrator
}

pub(crate) fn load(migrator: &Migrator, document: &Value) -> Domain {
    migrator
        .load_from(
            "settings",
            serde_json::json!({ "version": "1.0.0", "data": document }),
        )
        .expect("renames")
}

pub(crate) fn load_text(migrator: &Migrator, text: &str) -> Domain {
    migrator
        .load(
            "settings",
            &format!("{{\"version\":\"1.0.0\",\"data\":{text}}}"),
        )
        .expect("renames")
}
