//! Audits that workers make, on one machine or several: each job is a file here, and can be done again by another worker.
//!
//! [`ask`] puts an audit in: a job that finds out its pages (`audit`), from which come jobs that live a session each
//! (`share`), and one that judges when all of them are over (`conclude`). Where the audit is of a property, one says then what is new
//! (`alert`), and others deliver it (`deliver`). A worker that dies loses its job to another. What
//! it had sealed stays; what was under way is set aside, and the rest goes to a fresh session, for a profile dies with its
//! machine. What a worker writes counts only while the job is its own.

mod adopt;
mod alert;
mod ask;
mod audit;
mod conclude;
mod deliver;
mod log;
mod making;
mod patience;
mod share;
mod worker;

pub use ask::{Wanted, ask};
pub(crate) use deliver::SECRET;
pub use deliver::{Delivery, Mail, Secured, is_public};
pub use worker::{Happened, What, Worker, work};

use affiant_plan::Share;
use affiant_store::{Claimed, NewJob};

use crate::EngineError;

/// What kinds there are, as the store names them.
const AUDIT: &str = "audit";
const SHARE: &str = "share";
pub(crate) const CONCLUDE: &str = "conclude";
const ALERT: &str = "alert";
/// The kind of the jobs that deliver messages.
pub const DELIVER: &str = "deliver";

/// How often a job is tried: a page that kills its browser's machine will do so again.
const ATTEMPTS: u32 = 3;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It was done.
    Done,
    /// The worker stops, or nobody wants it any more.
    Stopped,
}

/// The job of a further share.
fn share_job(of: &Claimed, share: &Share) -> Result<NewJob, EngineError> {
    Ok(NewJob {
        kind: SHARE.to_owned(),
        key: format!("{}/{}", of.audit, share.session),
        audit: of.audit.clone(),
        payload: written(share)?,
        site: of.site.clone(),
        stage: 0,
        priority: of.priority,
        max_attempts: ATTEMPTS,
    })
}

fn written(share: &Share) -> Result<String, EngineError> {
    serde_json::to_string(share).map_err(|_| EngineError::Fault("a share cannot be written down"))
}

fn read(job: &Claimed) -> Result<Share, EngineError> {
    serde_json::from_str(&job.payload).map_err(|_| EngineError::Fault("a job holds no share of an audit"))
}
