//! The seal of a record: its digest, and what is needed to check it. Stands beside the record as `seal.json`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::{read_file, write_whole};
use crate::{Digest, RecordError};

/// Name of the seal's file.
pub const SEAL_FILE: &str = "seal.json";
/// Version of the seal's format.
const FORMAT: u32 = 1;
/// A seal is a line; more is none.
const MOST_BYTES: u64 = 4096;

/// The seal of a record. Written once, as one line of JSON in exactly this order of fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Version of this format.
    pub format: u32,
    /// The record's digest: Merkle tree hash over its salted lines.
    pub root: Digest,
    /// Number of lines.
    pub lines: u64,
    /// Seed of the salts. Kept apart from the record so that a line can be withheld later.
    pub seed: Digest,
    /// SHA-256 of the compressed file as stored.
    pub file_sha256: Digest,
    /// Length of that file in bytes.
    pub file_bytes: u64,
}

impl Seal {
    pub(crate) fn new(
        root: Digest,
        lines: u64,
        seed: [u8; 32],
        file_sha256: Digest,
        file_bytes: u64,
    ) -> Seal {
        Seal { format: FORMAT, root, lines, seed: Digest(seed), file_sha256, file_bytes }
    }

    fn to_text(&self) -> Result<String, RecordError> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// Writes the seal into the record's folder: whole or not at all.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), RecordError> {
        write_whole(&dir.join(SEAL_FILE), self.to_text()?.as_bytes())
    }

    /// Reads the seal of a record; `None` if it was never sealed.
    pub fn read(dir: &Path) -> Result<Option<Seal>, RecordError> {
        let path = dir.join(SEAL_FILE);
        let text = match read_file(&path, MOST_BYTES) {
            Ok(bytes) => {
                String::from_utf8(bytes).map_err(|_| RecordError::damaged(&path, "it is not UTF-8"))?
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(RecordError::io("cannot read the seal", path)(e)),
        };
        let seal: Seal = serde_json::from_str(&text)
            .map_err(|e| RecordError::damaged(&path, format!("it is no seal: {e}")))?;
        if seal.format > FORMAT {
            return Err(RecordError::TooNew { path, found: seal.format, known: FORMAT });
        }
        if seal.format == 0 {
            return Err(RecordError::damaged(path, "it names format 0, which never was"));
        }
        if seal.to_text()? != text {
            return Err(RecordError::damaged(path, "it is not written as seals are"));
        }
        Ok(Some(seal))
    }
}
