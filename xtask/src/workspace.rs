//! The workspace as the checks see it.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The crates that must stand alone.
pub(crate) const LAYERS: [&str; 4] = [
    "persist-format",
    "persist-migrate",
    "persist-backup",
    "persist-lock",
];

/// What `cargo metadata` says, dependencies included.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) metadata: Metadata,
}

impl Workspace {
    /// The workspace that this tool belongs to.
    pub(crate) fn here() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or(Path::new("."));
        Self::at(root)
    }

    pub(crate) fn at(root: &Path) -> Result<Self, String> {
        let mut command = MetadataCommand::new();
        command.current_dir(root);
        let metadata = command.exec().map_err(|error| error.to_string())?;
        Ok(Self {
            root: root.to_owned(),
            metadata,
        })
    }

    /// Our own packages, by name.
    pub(crate) fn members(&self) -> Vec<&Package> {
        let mut members = self.metadata.workspace_packages();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }

    /// The folder of a package.
    pub(crate) fn folder(package: &Package) -> PathBuf {
        let manifest = package.manifest_path.as_std_path();
        manifest.parent().unwrap_or(manifest).to_owned()
    }

    /// A path as messages show it.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// All files below `dir` with that extension, sorted; build output is left out.
pub(crate) fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !entry.file_name().eq_ignore_ascii_case("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
