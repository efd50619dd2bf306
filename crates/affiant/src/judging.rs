//! From an audit folder's records to a judgement: offline, on records alone.

use std::fs;
use std::path::Path;

use affiant_detect::{Catalog, SUFFIX_LIST_VERSION, VisitFacts};
use affiant_record::{AuditFolder, Header, RecordError, VisitRecord};
use affiant_rules::judgement::Gap;
use affiant_rules::{AuditFacts, Judgement, PlannedVisit, VisitSet};
use anyhow::Context as _;

/// Folder of the judgements in an audit folder: judging again appends.
const JUDGEMENTS: &str = "judgements";

/// What judging needs and gives.
pub(crate) struct Judged {
    pub(crate) facts: Vec<VisitFacts>,
    pub(crate) judgement: Judgement,
    /// Header of the first record that could be read.
    pub(crate) header: Option<Header>,
    /// Records that are there but damaged: what is wrong with each.
    pub(crate) damaged: Vec<String>,
}

/// Reads every record of the audit, names what it shows, and judges it.
pub(crate) fn judge(folder: &AuditFolder) -> anyhow::Result<Judged> {
    let catalog = Catalog::embedded();
    let blobs = folder.blobs();
    let (mut facts, mut unreadable, mut damaged, mut header) = (Vec::new(), Vec::new(), Vec::new(), None);
    for visit in &folder.manifest.visits {
        let gap = |reason: String| Gap {
            scenario: visit.scenario,
            page: visit.url.clone(),
            record: visit.digest,
            reason,
        };
        let dir = folder.visit_dir(visit)?;
        let record = match VisitRecord::open(&dir) {
            Ok(r) => r,
            Err(RecordError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                let reason = visit.outcome.as_ref().and_then(|o| o.reason()).unwrap_or("never visited");
                unreadable.push(gap(reason.to_owned()));
                continue;
            }
            Err(e) => {
                damaged.push(e.to_string());
                unreadable.push(gap(e.to_string()));
                continue;
            }
        };
        if let Some(expected) = visit.digest
            && expected != record.digest
        {
            let what = format!(
                "the record in {} is not the one that the manifest names (digest {}, expected {})",
                visit.path,
                record.digest.short(),
                expected.short()
            );
            damaged.push(what.clone());
            unreadable.push(gap(what));
            continue;
        }
        header.get_or_insert_with(|| record.header.clone());
        facts.push(affiant_detect::facts(&record, &visit.path, catalog, Some(&blobs)));
    }
    let plan = &folder.manifest.plan;
    let host =
        url::Url::parse(&plan.start).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
    let set = VisitSet::from(AuditFacts {
        site: affiant_detect::registrable(&host),
        start: plan.start.clone(),
        planned: folder
            .manifest
            .visits
            .iter()
            .map(|v| PlannedVisit {
                session: v.session.clone(),
                scenario: v.scenario,
                page: v.url.clone(),
                ordinal: v.ordinal,
            })
            .collect(),
        visits: facts,
        unreadable,
    });
    let judgement =
        affiant_rules::judge(&set, env!("CARGO_PKG_VERSION"), catalog.digest(), SUFFIX_LIST_VERSION);
    Ok(Judged { facts: set.into_facts().visits, judgement, header, damaged })
}

/// Adds the judgement to the audit's: never writes over an earlier one. Returns its path in the folder.
pub(crate) fn append(dir: &Path, judgement: &Judgement) -> anyhow::Result<String> {
    let folder = dir.join(JUDGEMENTS);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let text = serde_json::to_string_pretty(judgement)? + "\n";
    for n in 1..10_000u32 {
        let name = format!("{n:04}.json");
        let path = folder.join(&name);
        match fs::File::create_new(&path) {
            Ok(mut file) => {
                use std::io::Write as _;
                file.write_all(text.as_bytes())
                    .with_context(|| format!("cannot write {}", path.display()))?;
                return Ok(format!("{JUDGEMENTS}/{name}"));
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e).with_context(|| format!("cannot write {}", path.display())),
        }
    }
    anyhow::bail!("{} holds 10,000 judgements already", folder.display())
}

/// The newest judgement of the folder, if it was judged.
pub(crate) fn newest(dir: &Path) -> anyhow::Result<Option<Judgement>> {
    let folder = dir.join(JUDGEMENTS);
    let Ok(entries) = fs::read_dir(&folder) else { return Ok(None) };
    let newest =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|x| x == "json")).max();
    let Some(path) = newest else { return Ok(None) };
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let judgement = serde_json::from_slice(&text).with_context(|| {
        format!("{} is no judgement of this version: run `affiant judge` again", path.display())
    })?;
    Ok(Some(judgement))
}
