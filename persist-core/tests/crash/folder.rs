//! A folder in which states are laid out one after the other, only what differs being written: most of the proof's time
//! would else go into making and removing the same files.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A path below the folder; for a file its content and what tells that from others, `None` for a folder.
pub(crate) type Node<'a> = (&'a str, Option<(&'a [u8], u64)>);

pub(crate) struct Folder {
    root: PathBuf,
    /// The files that were laid out, and their time of modification. Every file gets a time of its own, so one that still
    /// has it under the same path is the same file, and nobody has written to it.
    laid: HashMap<String, (u64, SystemTime)>,
    time: SystemTime,
}

impl Folder {
    /// The folder is made when the first state is.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            laid: HashMap::new(),
            time: SystemTime::now(),
        }
    }

    /// Makes the folder hold these nodes, folders coming before what is in them, and nothing else.
    pub(crate) fn lay_out(&mut self, nodes: &[Node<'_>]) -> io::Result<()> {
        let wanted = nodes
            .iter()
            .map(|(path, content)| (*path, *content))
            .collect();
        let mut kept = HashSet::new();
        if self.root.exists() {
            self.clear("", &wanted, &mut kept)?;
        } else {
            make_folder(&self.root)?;
        }
        for (path, content) in nodes.iter().filter(|(path, _)| !kept.contains(*path)) {
            match content {
                None => make_folder(&self.root.join(path))?,
                Some((bytes, hash)) => {
                    // Coarser clocks than Linux's keep 100 ns apart.
                    self.time += Duration::from_micros(1);
                    make_file(&self.root.join(path), bytes, self.time)?;
                    self.laid.insert((*path).to_owned(), (*hash, self.time));
                }
            }
        }
        Ok(())
    }

    /// Removes what is not wanted or not as it was laid out; notes the rest.
    fn clear(
        &mut self,
        prefix: &str,
        wanted: &HashMap<&str, Option<(&[u8], u64)>>,
        kept: &mut HashSet<String>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join(prefix))? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let folder = entry.file_type()?.is_dir();
            match (wanted.get(path.as_str()), folder) {
                (Some(None), true) => self.clear(&format!("{path}/"), wanted, kept)?,
                (Some(Some((_, hash))), false)
                    if self.laid.get(&path) == Some(&(*hash, entry.metadata()?.modified()?)) => {}
                _ => {
                    match folder {
                        true => fs::remove_dir_all(entry.path())?,
                        false => fs::remove_file(entry.path())?,
                    }
                    continue;
                }
            }
            kept.insert(path);
        }
        Ok(())
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn make_file(path: &Path, bytes: &[u8], modified: SystemTime) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    // Elsewhere the folder above says who may enter.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.set_modified(modified)
}
