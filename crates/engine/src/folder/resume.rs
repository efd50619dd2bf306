//! Going on with an audit that was killed: what was sealed stays, what is left goes to fresh sessions.

use std::path::Path;

use affiant_plan::{Part, Remains, remains};
use affiant_record::audit::{MANIFEST_FILE, REQUEST_FILE};
use affiant_record::files::read_file;
use affiant_record::{AuditFolder, write_whole};

use super::cut_off;
use crate::{EngineError, Header, KeptRequest, Prepared, folder};

/// The largest request that is read: its pages are bounded.
const MOST_BYTES: u64 = 1 << 30;

/// Keeps what an audit was asked for, so that it can go on after a crash. Secrets are left out: values of headers, the proxy's
/// login.
pub fn keep_request(folder: &AuditFolder, asked: &KeptRequest) -> Result<(), EngineError> {
    let text = serde_json::to_string_pretty(&asked.without_secrets())
        .map_err(|_| EngineError::Fault("a request cannot be written down"))?;
    Ok(write_whole(&folder.dir.join(REQUEST_FILE), format!("{text}\n").as_bytes())?)
}

/// An audit that was killed, and what it was asked for. `headers` bring back the values that were not kept.
pub fn resume(dir: &Path, headers: &[Header]) -> Result<(AuditFolder, KeptRequest), EngineError> {
    let audit = folder::open(dir)?;
    if audit.manifest.finished.is_some() {
        return Err(refused(dir, "it came to its end"));
    }
    let path = dir.join(REQUEST_FILE);
    let text = read_file(&path, MOST_BYTES)
        .map_err(|_| refused(dir, "what it was asked for was not kept with it"))?;
    let mut asked: KeptRequest = serde_json::from_slice(&text)
        .map_err(|e| refused(dir, &format!("{} cannot be read: {e}", path.display())))?;
    asked.with_headers(headers).map_err(|name| {
        refused(dir, &format!("give --header '{name}: …' or --header-file again, values are not kept"))
    })?;
    Ok((audit, asked))
}

/// What is left of it: nothing where its pages are to be dealt anew. Visits that were under way are made again.
pub fn go_on(audit: &mut AuditFolder, prepared: &Prepared) -> Result<Option<Vec<Part>>, EngineError> {
    if prepared.plan != audit.manifest.plan {
        let why = format!(
            "its plan is not the one in {MANIFEST_FILE}: another version made it, or the proxy is another one now"
        );
        return Err(refused(&audit.dir, &why));
    }
    let parts = match remains(&prepared.plan, &audit.manifest.visits) {
        Remains::Parts(parts) => Some(parts),
        Remains::All => None,
    };
    audit.manifest.visits.retain(|v| v.outcome.is_some());
    cut_off::name(audit);
    Ok(parts)
}

fn refused(dir: &Path, why: &str) -> EngineError {
    EngineError::Request(format!("the audit in {} cannot go on: {why}", dir.display()))
}
