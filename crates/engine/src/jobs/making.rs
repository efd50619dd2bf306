//! An audit that this worker makes a part of: what its jobs share.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use affiant_gather::Guard;
use affiant_record::AuditFolder;
use affiant_store::{Jobs, Place};
use tokio::sync::Mutex;

use super::patience::patiently;
use crate::folder::facts::Keeper;
use crate::run::Shared;
use crate::{EngineError, KeptRequest, Prepared};

/// One audit.
pub(super) struct Making {
    pub(super) folder: AuditFolder,
    pub(super) prepared: Prepared,
    pub(super) facts: Keeper,
    pub(super) shared: Arc<Shared>,
}

/// The audits that a worker has at the moment.
#[derive(Default)]
pub(super) struct AllMaking(Mutex<HashMap<String, Arc<Making>>>);

impl AllMaking {
    /// The audit of this name, with `browser` in the place of what the request says, if the worker has one of its own, and
    /// behind the worker's guard, whatever the request says.
    pub(super) async fn get(
        &self,
        jobs: &Jobs,
        place: &Place,
        audit: &str,
        browser: Option<&str>,
        guard: Option<&Guard>,
        slots: usize,
    ) -> Result<Arc<Making>, EngineError> {
        let mut all = self.0.lock().await;
        if let Some(there) = all.get(audit) {
            return Ok(Arc::clone(there));
        }
        let text = patiently(|| jobs.asked(audit)).await?;
        let text = text.ok_or(EngineError::Fault("a job is of an audit that nobody asked for"))?;
        let mut asked: KeptRequest = serde_json::from_str(&text).map_err(|e| {
            EngineError::Request(format!("what was asked for cannot be read, another version wrote it: {e}"))
        })?;
        // Behind a guard no request says what is run: another program might not go through it.
        if browser.is_some() || guard.is_some() {
            asked.request.browser = browser.map(str::to_owned);
        }
        let mut prepared = asked.prepare()?;
        prepared.browser.guard = guard.cloned();
        let making = Arc::new(making(&place.audit(audit), prepared, slots)?);
        all.insert(audit.to_owned(), Arc::clone(&making));
        Ok(making)
    }

    /// Lets go of audits that no job is of at the moment, with their browsers.
    pub(super) async fn let_go(&self) {
        let mut all = self.0.lock().await;
        let unused: Vec<String> =
            all.iter().filter(|(_, m)| Arc::strong_count(m) == 1).map(|(name, _)| name.clone()).collect();
        for name in unused {
            let Some(making) = all.remove(&name).and_then(Arc::into_inner) else { continue };
            if let Some(shared) = Arc::into_inner(making.shared) {
                shared.browsers.close().await;
            }
            making.facts.done().await;
        }
    }
}

fn making(dir: &Path, prepared: Prepared, slots: usize) -> Result<Making, EngineError> {
    let folder = AuditFolder::open(dir)?;
    if folder.manifest.plan != prepared.plan {
        let why = format!("what was asked for is not the plan in {}: another version made it", dir.display());
        return Err(EngineError::Request(why));
    }
    let facts = Keeper::new(&folder);
    let shared = Arc::new(Shared::new(prepared.browser.clone(), slots));
    Ok(Making { folder, prepared, facts, shared })
}
