//! An audit in a folder: its log is the manifest, facts and judgements stand beside the records.

mod alone;
pub(crate) mod cut_off;
pub(crate) mod facts;
mod judgements;
mod log;
mod recover;
mod resume;

use std::path::Path;
use std::sync::Arc;

use affiant_gather::Stop;
use affiant_plan::Part;
use affiant_record::AuditFolder;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::run::{self, Ran};
use crate::{EngineError, Event, Prepared};

pub use alone::{Alone, alone};
pub(crate) use judgements::append_once;
pub use judgements::{append, newest};
pub use log::FolderLog;
pub(crate) use log::{entry, names, planned, sort};
pub use recover::open;
pub use resume::{go_on, keep_request, resume};

/// Whether a path is an audit folder.
pub fn is_audit(dir: &Path) -> bool {
    dir.join(affiant_record::audit::MANIFEST_FILE).is_file()
}

/// Lives all sessions of an audit into its folder, or those that do the parts that are left. The manifest is saved meanwhile, and at the end.
pub async fn audit(
    folder: AuditFolder,
    audit: Prepared,
    parts: Option<Vec<Part>>,
    stop: Stop,
    events: UnboundedSender<Event>,
) -> Result<(AuditFolder, Ran), EngineError> {
    let log = Arc::new(FolderLog::new(folder));
    let (done, until) = oneshot::channel();
    let saver = {
        let log = Arc::clone(&log);
        tokio::spawn(async move { log.keep_saved(until).await })
    };
    let ran = run::run(audit, Arc::clone(&log), parts, stop, events).await;
    drop(done);
    let unsaved = saver.await.ok().flatten();
    log.save().await?;
    let mut ran = ran?;
    ran.error = ran.error.or(unsaved.map(EngineError::from));
    let log = Arc::into_inner(log).ok_or(EngineError::Fault("the manifest is still being saved"))?;
    Ok((log.into_folder().await, ran))
}
