//! Visits that were cut off and are not of the audit any more: others were made in their place. Their records stay.

use std::collections::BTreeSet;

use affiant_record::audit::AuditManifest;

/// Their paths, in the manifest.
const CUT_OFF: &str = "cut_off";

/// Those that the manifest names.
pub(crate) fn paths(manifest: &AuditManifest) -> BTreeSet<String> {
    let all = manifest.extra.get(CUT_OFF).and_then(|v| v.as_array());
    all.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// Names these too.
pub(crate) fn add(manifest: &mut AuditManifest, more: impl IntoIterator<Item = String>) {
    let mut all = paths(manifest);
    all.extend(more);
    if !all.is_empty() {
        manifest.extra.insert(CUT_OFF.to_owned(), all.into_iter().collect::<Vec<_>>().into());
    }
}
