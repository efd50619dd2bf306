//! From an audit folder's records to a judgement: offline, on records alone. Facts that are kept are not computed again.

use std::collections::{HashMap, HashSet};

use affiant_detect::{Catalog, SUFFIX_LIST_VERSION, VisitFacts};
use affiant_record::{
    AuditFolder, BlobStore, Digest, Header, RecordError, Seals, VisitEntry, VisitRecord, verify,
};
use affiant_rules::judgement::{FactsSeen, Gap};
use affiant_rules::{AuditFacts, Judgement, PlannedVisit, VisitSet};
use rayon::prelude::*;

use crate::folder::facts::{Kept, Written, compute};
use crate::folder::newest;
use crate::{EngineError, address, tool};

/// What judging needs and gives.
pub struct Judged {
    /// Facts of the visits whose records could be read.
    pub facts: Vec<VisitFacts>,
    /// The judgement.
    pub judgement: Judgement,
    /// Header of the first record that could be read.
    pub header: Option<Header>,
    /// Records that are there but damaged: what is wrong with each.
    pub damaged: Vec<String>,
}

/// What came of reading one visit.
enum Read {
    Facts(Box<Written>),
    Unreadable { gap: Gap, damaged: Option<String> },
}

/// Reads every record of the audit, names what it shows, and judges it.
pub fn judge(folder: &AuditFolder) -> Result<Judged, EngineError> {
    let kept = Kept::today(&folder.dir);
    let blobs = folder.blobs();
    let sealed = Sealed::of(folder)?;
    let read: Vec<Read> = folder
        .manifest
        .visits
        .par_iter()
        .map(|visit| read(folder, visit, &sealed, &blobs, &kept))
        .chain(sealed.left_out.par_iter().map(|visit| Ok(left_out(visit))))
        .collect::<Result<_, _>>()?;
    let (mut facts, mut unreadable, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
    for one in read {
        match one {
            Read::Facts(written) => facts.push(*written),
            Read::Unreadable { gap, damaged: what } => {
                unreadable.push(gap);
                damaged.extend(what);
            }
        }
    }
    let (facts, digest) = together(facts);
    let plan = &folder.manifest.plan;
    let set = VisitSet::from(AuditFacts {
        site: address::site(&plan.start),
        start: plan.start.clone(),
        planned: folder.manifest.visits.iter().chain(&sealed.left_out).map(planned).collect(),
        visits: facts,
        unreadable,
    });
    let catalogue = Catalog::embedded().digest();
    let mut judgement = affiant_rules::judge(&set, &tool().version, catalogue, SUFFIX_LIST_VERSION);
    judgement.judged_with.facts = Some(FactsSeen { version: affiant_detect::FACTS_VERSION, digest });
    let facts = set.into_facts().visits;
    let header = first_header(folder, &facts);
    Ok(Judged { facts, judgement, header, damaged })
}

/// The newest judgement with the facts that it saw; nothing where the audit was not judged yet, or where those facts are
/// not there any more: then it is to be judged again.
pub fn shown(folder: &AuditFolder) -> Result<Option<Judged>, EngineError> {
    let Some(judgement) = newest(&folder.dir)? else { return Ok(None) };
    let with = &judgement.judged_with;
    let (Some(kept), Some(seen)) = (Kept::seen(&folder.dir, with), &with.facts) else { return Ok(None) };
    let read: Option<Vec<(Option<Written>, Option<String>)>> = folder
        .manifest
        .visits
        .par_iter()
        .map(|visit| {
            let (digest, damaged) = match stored(folder, visit, visit.digest) {
                Ok(digest) => (digest, None),
                Err(e) => (visit.digest, Some(e)),
            };
            let written = digest.and_then(|d| kept.read(d));
            // Only a record that is not there, or that is damaged, may be without facts.
            (written.is_some() || digest.is_none() || damaged.is_some()).then_some((written, damaged))
        })
        .collect();
    let Some(read) = read else { return Ok(None) };
    let (written, damaged): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let damaged = damaged.into_iter().flatten().collect();
    let (facts, digest) = together(written.into_iter().flatten());
    if digest != seen.digest {
        return Ok(None);
    }
    let header = first_header(folder, &facts);
    Ok(Some(Judged { facts, judgement, header, damaged }))
}

/// Facts in the audit's order, and the digest by which a judgement names them (`FactsSeen`).
fn together(all: impl IntoIterator<Item = Written>) -> (Vec<VisitFacts>, Digest) {
    let (mut facts, mut lines) = (Vec::new(), String::new());
    for written in all {
        lines += &format!("{} {}\n", written.facts.record, written.digest);
        facts.push(written.facts);
    }
    (facts, Digest::of(lines.as_bytes()))
}

/// Visits as they were sealed when the audit ended.
struct Sealed {
    visits: HashMap<String, VisitEntry>,
    /// Those that the manifest does not name any more.
    left_out: Vec<VisitEntry>,
}

impl Sealed {
    fn of(folder: &AuditFolder) -> Result<Sealed, RecordError> {
        let visits = Seals::read(&folder.dir)?.audit.map(|a| a.visits).unwrap_or_default();
        let named: HashSet<&str> = folder.manifest.visits.iter().map(|v| v.path.as_str()).collect();
        let left_out = visits.iter().filter(|v| !named.contains(v.path.as_str())).cloned().collect();
        Ok(Sealed { visits: visits.into_iter().map(|v| (v.path.clone(), v)).collect(), left_out })
    }
}

/// A visit that was sealed, and that the manifest leaves out: a hole, whatever lies in its folder.
fn left_out(visit: &VisitEntry) -> Read {
    unreadable(visit, format!("missing: {} was sealed, and audit.json leaves it out", visit.path), true)
}

fn unreadable(visit: &VisitEntry, reason: String, damaged: bool) -> Read {
    Read::Unreadable {
        damaged: damaged.then(|| reason.clone()),
        gap: Gap { scenario: visit.scenario, page: visit.url.clone(), record: visit.digest, reason },
    }
}

fn planned(v: &VisitEntry) -> PlannedVisit {
    PlannedVisit { session: v.session.clone(), scenario: v.scenario, page: v.url.clone(), ordinal: v.ordinal }
}

/// Header of the first record that facts are of.
fn first_header(folder: &AuditFolder, facts: &[VisitFacts]) -> Option<Header> {
    facts.iter().find_map(|f| VisitRecord::open(&folder.dir.join(&f.path)).ok()).map(|r| r.header)
}

/// The digest of a visit's record as it lies there; none where there is no record. An error says what is wrong with it.
fn stored(
    folder: &AuditFolder,
    visit: &VisitEntry,
    expected: Option<Digest>,
) -> Result<Option<Digest>, String> {
    let dir = folder.visit_dir(visit).map_err(|e| e.to_string())?;
    match VisitRecord::stored(&dir) {
        Ok(digest) => match expected.filter(|expected| *expected != digest) {
            None => Ok(Some(digest)),
            Some(expected) => Err(another(visit, digest, expected)),
        },
        Err(e) if is_absent(&e) => Ok(None),
        Err(e) => Err(e.to_string()),
    }
}

fn another(visit: &VisitEntry, digest: Digest, expected: Digest) -> String {
    format!(
        "the record in {} is not the one that the manifest names (digest {}, expected {})",
        visit.path,
        digest.short(),
        expected.short()
    )
}

fn is_absent(e: &RecordError) -> bool {
    matches!(e, RecordError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
}

fn read(
    folder: &AuditFolder,
    visit: &VisitEntry,
    sealed: &Sealed,
    blobs: &BlobStore,
    kept: &Kept,
) -> Result<Read, EngineError> {
    let unreadable = |reason: String, damaged: bool| unreadable(visit, reason, damaged);
    let sealed = sealed.visits.get(&visit.path);
    let digest = match stored(folder, visit, visit.digest.or(sealed.and_then(|v| v.digest))) {
        Ok(Some(digest)) => digest,
        Ok(None) => {
            if let Some(missing) = verify::missing(visit, sealed) {
                return Ok(unreadable(missing, true));
            }
            let reason = visit.outcome.as_ref().and_then(|o| o.reason()).unwrap_or("never visited");
            return Ok(unreadable(reason.to_owned(), false));
        }
        Err(what) => return Ok(unreadable(what, true)),
    };
    if let Some(mut written) = kept.read(digest) {
        written.facts.path.clone_from(&visit.path);
        return Ok(Read::Facts(Box::new(written)));
    }
    match VisitRecord::open(&folder.visit_dir(visit)?) {
        Ok(record) => Ok(Read::Facts(Box::new(compute(&record, &visit.path, blobs, kept)?))),
        Err(e) => Ok(unreadable(e.to_string(), true)),
    }
}
