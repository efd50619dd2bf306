//! Whether an audit, or one record, is as it was sealed: every digest, the manifest against every header, and both against
//! the seals of the whole and what lies on disk. Each difference is named; nothing is repaired.

mod disk;
mod manifest;
mod whole;

use std::path::Path;

use crate::audit::VisitEntry;
use crate::header::Header;
use crate::{
    AuditFolder, BlobStore, Completeness, Digest, Outcome, RecordError, Seals, VisitRecord, blobs_of,
};

/// What came of one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// Sealed, and as it was sealed, each blob that it refers to too.
    Holds {
        /// The record's digest.
        record: Digest,
        /// Its lines.
        lines: usize,
        /// The blobs that it refers to.
        blobs: usize,
    },
    /// Readable, but never sealed.
    CutOff {
        /// Its lines.
        lines: usize,
        /// What is missing.
        reason: String,
    },
    /// Damaged, changed, or another's.
    Damaged(String),
    /// The audit made a record, and it is not there.
    Missing(String),
}

/// What came of verifying an audit.
#[derive(Debug, Default)]
pub struct Verified {
    /// Records that hold.
    pub hold: u32,
    /// Records that were cut off.
    pub cut_off: u32,
    /// Records that are damaged, changed, or another's.
    pub damaged: u32,
    /// Records that are not there any more.
    pub missing: u32,
    /// Planned visits that were never made.
    pub never_made: u32,
    /// What is not as it was sealed, or does not fit together, each in a sentence.
    pub differences: Vec<String>,
    /// What is not sealed, and need not be.
    pub notes: Vec<String>,
    /// The seals of the whole.
    pub seals: Seals,
}

impl Verified {
    /// Whether nothing is damaged, missing or different, and a record holds.
    pub fn is_good(&self) -> bool {
        self.hold > 0 && self.damaged == 0 && self.missing == 0 && self.differences.is_empty()
    }
}

/// What the headers of an audit's records say together.
#[derive(Debug, Default)]
struct Headers {
    /// Whether one says that the audit is sealed as a whole when it ends.
    audit_sealed: bool,
    /// Records that affiant gathered, whoever made the manifest.
    gathered: u32,
    /// Of these, those that the program of the manifest gathered.
    by_its_tool: u32,
    /// When the first and the last of these began, in ms since the Unix epoch.
    span_ms: Option<(f64, f64)>,
}

/// Opens a record with every check, and each blob that it refers to; tells how many these are.
pub fn record(dir: &Path, blobs: &BlobStore) -> Result<(VisitRecord, usize), RecordError> {
    let record = VisitRecord::open(dir)?;
    let mut n = 0;
    for line in &record.lines {
        for (digest, len) in blobs_of(&serde_json::to_value(line)?) {
            blobs.get_sized(&digest, len).map_err(|e| {
                RecordError::damaged(dir, format!("line {} refers to bytes that do not hold: {e}", line.n))
            })?;
            n += 1;
        }
    }
    Ok((record, n))
}

/// Verifies an audit. `told` hears of each visit, by its path, as it was checked.
pub fn audit<E: From<RecordError>>(
    folder: &AuditFolder,
    mut told: impl FnMut(&str, &Visit) -> Result<(), E>,
) -> Result<Verified, E> {
    let mut all = Verified { seals: Seals::read(&folder.dir)?, ..Verified::default() };
    let mut headers = Headers::default();
    let plan = folder.manifest.plan.digest()?;
    let blobs = folder.blobs();
    for entry in &folder.manifest.visits {
        let visit = match one(folder, entry, plan, &blobs, &mut headers, &mut all) {
            Ok(Some(visit)) => visit,
            Ok(None) => {
                all.never_made += 1;
                continue;
            }
            Err(e) => Visit::Damaged(e.to_string()),
        };
        *match &visit {
            Visit::Holds { .. } => &mut all.hold,
            Visit::CutOff { .. } => &mut all.cut_off,
            Visit::Damaged(_) => &mut all.damaged,
            Visit::Missing(_) => &mut all.missing,
        } += 1;
        told(&entry.path, &visit)?;
    }
    whole::compare(folder, &headers, &mut all);
    disk::compare(folder, &headers, &mut all);
    Ok(all)
}

/// One visit of the manifest; nothing where it was planned and never made.
fn one(
    folder: &AuditFolder,
    entry: &VisitEntry,
    plan: Digest,
    blobs: &BlobStore,
    headers: &mut Headers,
    all: &mut Verified,
) -> Result<Option<Visit>, RecordError> {
    let dir = folder.visit_dir(entry)?;
    if std::fs::symlink_metadata(dir.join(crate::write::RECORD_FILE)).is_err() {
        let sealed = all.seals.audit.as_ref().and_then(|a| a.visits.iter().find(|v| v.path == entry.path));
        return Ok(missing(entry, sealed).map(Visit::Missing));
    }
    let (record, n) = record(&dir, blobs)?;
    headers.add(&record.header, folder);
    let damaged = |what: String| Ok(Some(Visit::Damaged(what)));
    if let Some(expected) = entry.digest
        && expected != record.digest
    {
        return damaged(format!("its digest is {}, the manifest says {expected}", record.digest));
    }
    let h = &record.header;
    if (h.plan, &h.session, h.ordinal) != (plan, &entry.session, entry.ordinal) {
        return damaged(format!(
            "it belongs to another plan, session or place ({} {}), not to this entry of the manifest",
            h.session, h.ordinal
        ));
    }
    all.differences.extend(manifest::against_record(folder, entry, &record));
    Ok(Some(match record.completeness {
        Completeness::Sealed => Visit::Holds { record: record.digest, lines: record.lines.len(), blobs: n },
        Completeness::CutOff { reason } => Visit::CutOff { lines: record.lines.len(), reason },
    }))
}

/// Why a visit without a record is missing: manifest or seal say that there was one. Nothing where it was never made.
pub fn missing(entry: &VisitEntry, sealed: Option<&VisitEntry>) -> Option<String> {
    let made = |o: &Outcome| !matches!(o, Outcome::Failed { .. });
    match entry.digest.or_else(|| sealed.and_then(|v| v.digest)) {
        Some(digest) => Some(format!(
            "missing: the audit made this visit, and its record ({}) was taken away",
            digest.short()
        )),
        None if entry.outcome.as_ref().is_some_and(made) => {
            Some("missing: audit.json says that this visit was made, and it has no record".to_owned())
        }
        None => None,
    }
}

impl Headers {
    fn add(&mut self, header: &Header, folder: &AuditFolder) {
        self.audit_sealed |= header.audit_sealed;
        if header.extra.contains_key(crate::har::SOURCE) {
            return;
        }
        self.gathered += 1;
        self.by_its_tool += u32::from(header.tool == folder.manifest.tool);
        let at = header.clock.wall_at_zero_ms;
        self.span_ms = Some(self.span_ms.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
    }
}
