//! Reading a record back, with every check.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::exchange::{self, Exchange};
use crate::files::read_file;
use crate::header::SCHEMA;
use crate::merkle::{GrowingTree, leaf, salt};
use crate::seal::Seal;
use crate::write::RECORD_FILE;
use crate::{Digest, Evidence, Footer, Header, Line, Observation, RecordError};

/// Largest record that is read, in bytes as stored.
const MOST_STORED: u64 = 1 << 30;
/// Largest record that is read, uncompressed, in bytes: a hostile file must not fill the memory.
const MOST_BYTES: u64 = 4 << 30;
/// What is compressed better than this is no record: a small file that was made to fill the memory. The first bytes are free.
const MOST_RATIO: u64 = 1_000;
/// See [`MOST_RATIO`].
const FREE_BYTES: u64 = 64 << 20;
/// The longest line, in bytes.
const MOST_LINE: u64 = 32 << 20;

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
        let (lines, cut) = read_lines(&path, &stored, seal.as_ref())?;
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
        let bytes =
            read_file(&path, MOST_STORED).map_err(RecordError::io("cannot read the record", &path))?;
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

/// Reads the lines one by one, as far as they go; says what is missing if that is not to the end. With a seal nothing may be, and
/// their count and tree hash must be its.
fn read_lines(
    path: &Path,
    stored: &[u8],
    seal: Option<&Seal>,
) -> Result<(Vec<Line>, Option<String>), RecordError> {
    let damaged = |what: String| RecordError::damaged(path, what);
    let most = MOST_BYTES.min(FREE_BYTES + MOST_RATIO * stored.len() as u64);
    let mut text =
        BufReader::new(zstd::Decoder::new(stored).map_err(RecordError::io("cannot read the record", path))?);
    let (mut lines, mut raw, mut length) = (Vec::new(), Vec::new(), 0);
    let mut tree = GrowingTree::default();
    let mut cut = None;
    loop {
        raw.clear();
        match (&mut text).take(MOST_LINE + 1).read_until(b'\n', &mut raw) {
            Ok(0) => break,
            Ok(n) => length += n as u64,
            Err(e) => {
                cut = Some(format!("its compressed stream ends early or is broken: {e}"));
                break;
            }
        }
        let i = lines.len() as u64;
        if length > most {
            return Err(damaged(format!(
                "it has {} bytes and inflates to more than {most}: records do not, and it is not read further",
                stored.len()
            )));
        }
        let Some(line) = raw.strip_suffix(b"\n") else {
            if raw.len() as u64 > MOST_LINE {
                return Err(damaged(format!("line {i} is longer than {MOST_LINE} bytes")));
            }
            cut = Some("its last line is incomplete".to_owned());
            break;
        };
        if let Some(seal) = seal {
            tree.push(leaf(&salt(&seal.seed.0, i), line));
        }
        lines.push(parse(path, i, line)?);
    }
    if lines.is_empty() {
        return Err(damaged("it holds no complete line".to_owned()));
    }
    if let Some(seal) = seal {
        if let Some(cut) = cut {
            return Err(damaged(cut));
        }
        if seal.lines != tree.size() {
            return Err(damaged(format!("it has {} lines, its seal says {}", tree.size(), seal.lines)));
        }
        if seal.root != tree.root() {
            return Err(damaged("its lines do not lead to the digest in its seal".to_owned()));
        }
    }
    Ok((lines, cut))
}

/// Parses a line and checks its number.
fn parse(path: &Path, i: u64, raw: &[u8]) -> Result<Line, RecordError> {
    let line: Line = serde_json::from_slice(raw)
        .map_err(|e| RecordError::damaged(path, format!("line {i} cannot be read: {e}")))?;
    if let Some(kind) = line.what.misread() {
        let what = format!("line {i} says that it is a '{kind}', but cannot be read as one");
        return Err(RecordError::damaged(path, what));
    }
    if line.n != i {
        return Err(RecordError::damaged(path, format!("line {i} carries the number {}", line.n)));
    }
    Ok(line)
}
