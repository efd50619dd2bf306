//! SQL made again from the audits' folders.

use std::fs;

use affiant_record::audit::MANIFEST_FILE;
use affiant_store::{Store, StoreError};

use super::read;
use crate::EngineError;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Audits that were filed.
    pub audits: usize,
    /// Audits of which SQL said something else, or nothing, before.
    pub changed: Vec<String>,
    /// Audits that SQL named and whose folders are not there any more: they are not named any more.
    pub gone: Vec<String>,
    /// Audits that workers are making: they are filed when those are done.
    pub busy: Vec<String>,
    /// Folders that could not be read, and why.
    pub unread: Vec<String>,
}

/// Files every audit of the store anew.
pub async fn rebuild(store: &Store) -> Result<Rebuilt, EngineError> {
    let mut done = Rebuilt::default();
    let folder = store.audits();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    for name in &names {
        let dir = folder.join(name);
        if !dir.join(MANIFEST_FILE).is_file() {
            done.unread.push(format!("{}: it is no audit", dir.display()));
            continue;
        }
        match read(&dir) {
            Ok((audit, judged)) => {
                let now = super::filed(&audit, judged.as_ref());
                if store.filed(&now.id).await?.as_ref() != Some(&now) {
                    match store.file(&now).await {
                        Ok(()) => done.changed.push(now.id),
                        Err(StoreError::Busy { audit, .. }) => done.busy.push(audit),
                        Err(e) => return Err(e.into()),
                    }
                }
                done.audits += 1;
            }
            Err(e) => done.unread.push(format!("{}: {e}", dir.display())),
        }
    }
    for audit in store.history(None).await? {
        if !names.contains(&audit.id) {
            store.forget(&audit.id).await?;
            done.gone.push(audit.id);
        }
    }
    Ok(done)
}
