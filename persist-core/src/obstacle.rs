//! What stands in the way in the state folder.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// What has a name in the state folder that persist needs for a file or folder of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Obstacle {
    /// Where it is.
    #[serde(flatten, serialize_with = "crate::path_text::obstacle")]
    pub path: PathBuf,
    /// What it is: "a folder", "a symbolic link" and so on.
    pub is: String,
    /// Whether a folder should be there, and not a file.
    pub folder_wanted: bool,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, is) = (self.path.display(), &self.is);
        match self.folder_wanted {
            true => write!(
                f,
                "{path} is {is}, where persist needs a folder; move it away, and put the original folder back if there was one"
            ),
            false => write!(
                f,
                "{path} is {is}, where persist needs a file; move it away"
            ),
        }
    }
}
