//! What can go wrong with records.

use std::path::PathBuf;

/// An error of reading, writing or checking records.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file system refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The file was written by a newer version.
    #[error("{} has format version {found}, this build reads up to {known}: use a newer affiant", path.display())]
    TooNew {
        /// Which file.
        path: PathBuf,
        /// Version found.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// Something could not be put into JSON.
    #[error("cannot write an observation as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl RecordError {
    /// Wraps an I/O error with what was being done to which path.
    pub fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> RecordError {
        let path = path.into();
        move |source| RecordError::Io { doing, path, source }
    }

    /// A damaged file.
    pub fn damaged(path: impl Into<PathBuf>, what: impl Into<String>) -> RecordError {
        RecordError::Damaged { path: path.into(), what: what.into() }
    }
}
