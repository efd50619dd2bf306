//! Visits that are on disk and not in the manifest: an audit that was killed had no time to name its last ones.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use affiant_record::audit::VISITS;
use affiant_record::write::RECORD_FILE;
use affiant_record::{AuditFolder, Completeness, Digest, RecordError, VisitEntry, VisitRecord};

use super::log;

/// Opens an audit folder. In one that was killed, the manifest is completed by what lies beside it; on disk it stays.
pub fn open(dir: &Path) -> Result<AuditFolder, RecordError> {
    let mut folder = AuditFolder::open(dir)?;
    if folder.manifest.finished.is_none() {
        complete(&mut folder)?;
    }
    Ok(folder)
}

fn complete(folder: &mut AuditFolder) -> Result<(), RecordError> {
    let plan = folder.manifest.plan.digest()?;
    let ended = folder.manifest.visits.iter().filter(|v| v.outcome.is_some());
    let mut known: BTreeSet<String> = ended.map(|v| v.path.clone()).collect();
    known.append(&mut folder.manifest.cut_off());
    let mut at: HashMap<(String, u32), usize> = HashMap::new();
    for (i, v) in folder.manifest.visits.iter().enumerate() {
        at.insert((v.session.clone(), v.ordinal), i);
    }
    for path in records(&folder.dir) {
        if known.contains(&path) {
            continue;
        }
        let Ok(record) = VisitRecord::open(&folder.dir.join(&path)) else { continue };
        if record.header.plan != plan {
            continue;
        }
        let entry = VisitEntry {
            control: folder.manifest.plan.vantage.gpc && !record.header.vantage.gpc,
            ..entry(path, &record)
        };
        match at.get(&(entry.session.clone(), entry.ordinal)) {
            // The manifest names what was planned, or a first attempt: a record counts, and the second one more.
            Some(i) if folder.manifest.visits[*i].digest.is_none() => folder.manifest.visits[*i] = entry,
            Some(_) => {}
            None => folder.manifest.visits.push(entry),
        }
    }
    log::sort(folder);
    Ok(())
}

fn entry(path: String, record: &VisitRecord) -> VisitEntry {
    let sealed = record.completeness == Completeness::Sealed;
    VisitEntry {
        path,
        session: record.header.session.clone(),
        ordinal: record.header.ordinal,
        scenario: record.header.scenario,
        leg: record.header.leg,
        control: false,
        url: record.header.url.clone(),
        digest: sealed.then_some(record.digest) as Option<Digest>,
        outcome: record.footer.as_ref().filter(|_| sealed).map(|f| f.outcome.clone()),
        extra: Default::default(),
    }
}

/// Sessions that have a folder, by name.
pub(crate) fn sessions(dir: &Path) -> Vec<String> {
    folders(&dir.join(VISITS))
}

/// The folders in a folder, by name. Links are not followed.
fn folders(path: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()))
        .filter_map(|e| e.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Folders below `visits/` that hold a record, by name.
pub(super) fn records(dir: &Path) -> Vec<String> {
    let mut out = Vec::new();
    for session in sessions(dir) {
        for visit in folders(&dir.join(VISITS).join(&session)) {
            let path = format!("visits/{session}/{visit}");
            if dir.join(&path).join(RECORD_FILE).is_file() {
                out.push(path);
            }
        }
    }
    out
}
