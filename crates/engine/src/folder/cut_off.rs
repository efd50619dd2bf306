//! Visits that were cut off and are not of the audit any more: others were made in their place. Their records stay.

use std::collections::BTreeSet;

use affiant_record::AuditFolder;
use affiant_record::audit::AuditManifest;

use super::recover::records;

/// Their paths, in the manifest.
const CUT_OFF: &str = "cut_off";

/// Those that the manifest names.
pub(crate) fn paths(manifest: &AuditManifest) -> BTreeSet<String> {
    let all = manifest.extra.get(CUT_OFF).and_then(|v| v.as_array());
    all.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// Names them: the records on disk that the manifest does not name as visits.
pub(crate) fn name(folder: &mut AuditFolder) {
    let visits: BTreeSet<&str> = folder.manifest.visits.iter().map(|v| v.path.as_str()).collect();
    let mut all = paths(&folder.manifest);
    all.extend(records(&folder.dir).into_iter().filter(|p| !visits.contains(p.as_str())));
    if !all.is_empty() {
        folder.manifest.extra.insert(CUT_OFF.to_owned(), all.into_iter().collect::<Vec<_>>().into());
    }
}
