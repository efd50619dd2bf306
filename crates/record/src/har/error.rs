//! What can go wrong with a HAR.

use std::path::PathBuf;

use crate::RecordError;

/// An error of reading or writing a HAR.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarError {
    /// The file system refused.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is larger than is read.
    #[error(
        "{} has {found} bytes, more than the {limit} that are read: record fewer pages a file, or leave response bodies out when saving",
        path.display()
    )]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its length in bytes.
        found: u64,
        /// The bound in bytes.
        limit: u64,
    },
    /// The file is something else than a HAR.
    #[error("{} is no HAR: {what}", path.display())]
    NotHar {
        /// Which file.
        path: PathBuf,
        /// What it is, and what to do.
        what: String,
    },
    /// The file is broken at a known place.
    #[error("{} is broken at line {line}, column {column} (byte {byte}){}: {what}", path.display(), after(*entries))]
    Broken {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// Bytes before that place.
        byte: u64,
        /// Entries that were read before it.
        entries: u64,
        /// What is wrong, and what to do.
        what: String,
    },
    /// An entry that no exchange can be made of.
    #[error("{}: entry {entry} (counted from 0) {what}", path.display())]
    Entry {
        /// Which file.
        path: PathBuf,
        /// Its place in `log.entries`.
        entry: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The file is another one than was looked at before.
    #[error("{} changed while it was read: import it again once nothing writes to it", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// The record could not be written or read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The HAR could not be written.
    #[error("cannot write the HAR: {0}")]
    Write(#[from] serde_json::Error),
    /// The file system refused to write.
    #[error("cannot write {}: {source}", path.display())]
    WriteIo {
        /// To which file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

fn after(entries: u64) -> String {
    match entries {
        0 => ", before any entry".to_owned(),
        1 => ", after 1 entry".to_owned(),
        n => format!(", after {n} entries"),
    }
}
