//! Visits that were cut off and are not of the audit any more: others were made in their place. Their records stay.

use std::collections::BTreeSet;
use std::path::Path;

use affiant_record::AuditFolder;
use affiant_record::audit::CUT_OFF;

use super::recover::records;

/// A worker that was asleep may begin a visit when others have made its audit to the end: then the manifest names neither a visit of
/// the audit there nor one that was cut off. Such a record is of no audit, and is taken away by whoever made it.
pub(crate) fn take_away_if_late(dir: &Path, path: &str) {
    let Ok(AuditFolder { manifest, .. }) = AuditFolder::open(dir) else { return };
    let is_named = manifest.visits.iter().any(|v| v.path == path) || manifest.cut_off().contains(path);
    if manifest.finished.is_none() || is_named {
        return;
    }
    let late = dir.join(path);
    match std::fs::remove_dir_all(&late) {
        Ok(()) => tracing::warn!(path, "a visit that began after its audit had ended was taken away"),
        Err(e) => {
            tracing::warn!(path, error = %e, "a visit that began after its audit had ended is there still")
        }
    }
}

/// Names them: the records on disk that the manifest does not name as visits.
pub(crate) fn name(folder: &mut AuditFolder) {
    let visits: BTreeSet<&str> = folder.manifest.visits.iter().map(|v| v.path.as_str()).collect();
    let mut all = folder.manifest.cut_off();
    all.extend(records(&folder.dir).into_iter().filter(|p| !visits.contains(p.as_str())));
    if !all.is_empty() {
        folder.manifest.extra.insert(CUT_OFF.to_owned(), all.into_iter().collect::<Vec<_>>().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuditRequest, KeptRequest, kept};
    use affiant_store::Place;

    #[test]
    fn only_what_began_after_the_end_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let asked = KeptRequest::new(AuditRequest::of(vec!["https://a.test/".to_owned()]));
        let place = Place::Folder(dir.path().to_owned());
        let mut audit =
            kept::make(&place, "a", "2026-11-30T08:00:00Z".to_owned(), asked.plan().unwrap()).unwrap();
        let late = audit.dir.join("visits/no-choice/002");
        std::fs::create_dir_all(&late).unwrap();
        std::fs::write(late.join(affiant_record::write::RECORD_FILE), b"x").unwrap();
        let take = |audit: &AuditFolder| {
            audit.save().unwrap();
            take_away_if_late(&audit.dir, "visits/no-choice/002");
            late.exists()
        };
        assert!(take(&audit), "the audit goes on: whoever ends it names what is there");
        audit.manifest.finished = Some("2026-11-30T08:01:00Z".to_owned());
        name(&mut audit);
        assert!(take(&audit), "it is named as cut off");
        audit.manifest.extra.remove(CUT_OFF);
        assert!(!take(&audit), "nobody names it");
    }
}
