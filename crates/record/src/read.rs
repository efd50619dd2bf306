//! Reading a record back, with every check.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::exchange::{self, Exchange};
use crate::header::SCHEMA;
use crate::merkle::{GrowingTree, leaf, salt};
use crate::seal::Seal;
use crate::write::RECORD_FILE;
use crate::{Digest, Evidence, Footer, Header, Line, Observation, RecordError};

/// Largest record that is read, uncompressed, in bytes: a hostile file must not fill the memory.
const MAX_BYTES: u64 = 4 << 30;

/// Whether a record was ended and sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// Ended, sealed, and every check held.
    Sealed,
    /// The gatherer was stopped before it could seal; what it had written is there.
    CutOff {
        /// What is missing.
        reason: String,
    },
}

/// A record in memory.
#[derive(Debug, Clone)]
pub struct VisitRecord {
    /// Folder it was read from.
    pub dir: PathBuf,
    /// The record's digest; for a record that was cut off: SHA-256 of the bytes that are there.
    pub digest: Digest,
    /// Whether it is whole.
    pub completeness: Completeness,
    /// The first line.
    pub header: Header,
    /// All lines, header and footer included, in the order written.
    pub lines: Vec<Line>,
    /// The last line, if the record was ended.
    pub footer: Option<Footer>,
}

impl VisitRecord {
    /// Reads the record in this folder and checks digest, seal, numbering, header and footer.
    pub fn open(dir: &Path) -> Result<VisitRecord, RecordError> {
        let Stored { path, bytes: stored, seal, file_sha256 } = Stored::read(dir)?;
        let (text, cut) = decompress(&path, &stored)?;
        if let (Some(_), Some(cut)) = (&seal, &cut) {
            return Err(RecordError::damaged(path, cut.clone()));
        }
        let lines = parse(&path, &text, seal.as_ref())?;
        let header = match lines.first() {
            Some(Line { what: Observation::Header(h), .. }) => h.clone(),
            _ => return Err(RecordError::damaged(path, "its first line is no header")),
        };
        if header.schema > SCHEMA {
            return Err(RecordError::TooNew { path, found: header.schema, known: SCHEMA });
        }
        if header.schema == 0 {
            return Err(RecordError::damaged(path, "it names version 0, which never was"));
        }
        let footer = match lines.last() {
            Some(Line { what: Observation::Footer(f), .. }) => Some(f.clone()),
            _ => None,
        };
        let (digest, completeness) = match seal {
            Some(seal) if footer.is_none() => {
                return Err(RecordError::damaged(
                    path,
                    format!("it is sealed ({}) but has no footer", seal.root.short()),
                ));
            }
            Some(seal) => (seal.root, Completeness::Sealed),
            None => (
                file_sha256,
                Completeness::CutOff {
                    reason: cut.unwrap_or_else(|| match &footer {
                        None => "it was never sealed: the gatherer was stopped".to_owned(),
                        Some(_) => "it was ended, but its seal is missing".to_owned(),
                    }),
                },
            ),
        };
        Ok(VisitRecord { dir: dir.to_owned(), digest, completeness, header, lines, footer })
    }

    /// The digest of the record in this folder, whose bytes are those that were sealed. What they say is not read: that
    /// its lines lead to this digest, [`VisitRecord::open`] checks.
    pub fn stored(dir: &Path) -> Result<Digest, RecordError> {
        let stored = Stored::read(dir)?;
        Ok(stored.seal.map_or(stored.file_sha256, |seal| seal.root))
    }

    /// The requests with all that was seen of them, in the order they were sent.
    pub fn exchanges(&self) -> Vec<Exchange<'_>> {
        exchange::assemble(&self.lines)
    }

    /// A pointer to one of the record's lines.
    pub fn evidence(&self, line: u64) -> Evidence {
        Evidence { record: self.digest, line, blob: None }
    }

    /// Time of the first phase mark of this name, in ms.
    pub fn phase(&self, name: &str) -> Option<f64> {
        self.lines.iter().find_map(|l| match &l.what {
            Observation::Phase(p) if p.phase == name => Some(l.t),
            _ => None,
        })
    }

    /// Time of the last line, in ms.
    pub fn end(&self) -> f64 {
        self.lines.iter().map(|l| l.t).fold(0.0, f64::max)
    }
}

/// A record as it lies there, the same bytes that were sealed.
struct Stored {
    path: PathBuf,
    bytes: Vec<u8>,
    seal: Option<Seal>,
    file_sha256: Digest,
}

impl Stored {
    fn read(dir: &Path) -> Result<Stored, RecordError> {
        let path = dir.join(RECORD_FILE);
        let bytes = fs::read(&path).map_err(RecordError::io("cannot read the record", &path))?;
        let seal = Seal::read(dir)?;
        let file_sha256 = Digest::of(&bytes);
        if let Some(seal) = &seal {
            if seal.file_bytes != bytes.len() as u64 {
                return Err(RecordError::damaged(
                    path,
                    format!("it has {} bytes, its seal says {}", bytes.len(), seal.file_bytes),
                ));
            }
            if seal.file_sha256 != file_sha256 {
                return Err(RecordError::damaged(path, "its bytes are not those that were sealed"));
            }
        }
        Ok(Stored { path, bytes, seal, file_sha256 })
    }
}

/// Decompresses as far as it goes; says what is missing if it does not go to the end.
fn decompress(path: &Path, stored: &[u8]) -> Result<(Vec<u8>, Option<String>), RecordError> {
    let mut text = Vec::new();
    let mut cut = None;
    let decoder = zstd::Decoder::new(stored).map_err(RecordError::io("cannot read the record", path))?;
    let mut limited = decoder.take(MAX_BYTES + 1);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match limited.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => text.extend_from_slice(&chunk[..n]),
            Err(e) => {
                cut = Some(format!("its compressed stream ends early or is broken: {e}"));
                break;
            }
        }
    }
    if text.len() as u64 > MAX_BYTES {
        return Err(RecordError::damaged(path, format!("it is longer than {MAX_BYTES} bytes")));
    }
    if let Some(end) = text.iter().rposition(|b| *b == b'\n') {
        if end + 1 < text.len() {
            text.truncate(end + 1);
            cut.get_or_insert_with(|| "its last line is incomplete".to_owned());
        }
    } else {
        return Err(RecordError::damaged(path, "it holds no complete line"));
    }
    Ok((text, cut))
}

/// Parses the lines and checks their numbers; with a seal also their count and the tree hash.
fn parse(path: &Path, text: &[u8], seal: Option<&Seal>) -> Result<Vec<Line>, RecordError> {
    let mut lines = Vec::new();
    let mut tree = GrowingTree::default();
    for (i, raw) in text.split_inclusive(|b| *b == b'\n').enumerate() {
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        if let Some(seal) = seal {
            tree.push(leaf(&salt(&seal.seed.0, i as u64), raw));
        }
        let line: Line = serde_json::from_slice(raw)
            .map_err(|e| RecordError::damaged(path, format!("line {i} cannot be read: {e}")))?;
        if let Some(kind) = line.what.misread() {
            return Err(RecordError::damaged(
                path,
                format!("line {i} says that it is a '{kind}', but cannot be read as one"),
            ));
        }
        if line.n != i as u64 {
            return Err(RecordError::damaged(path, format!("line {i} carries the number {}", line.n)));
        }
        lines.push(line);
    }
    if let Some(seal) = seal {
        if seal.lines != tree.size() {
            return Err(RecordError::damaged(
                path,
                format!("it has {} lines, its seal says {}", tree.size(), seal.lines),
            ));
        }
        if seal.root != tree.root() {
            return Err(RecordError::damaged(path, "its lines do not lead to the digest in its seal"));
        }
    }
    Ok(lines)
}
