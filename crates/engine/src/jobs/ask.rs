//! Puts an audit in, for workers to make.

use affiant_store::{Jobs, NewJob, Place, Store};
use jiff::Timestamp;

use super::{ATTEMPTS, AUDIT, CONCLUDE};
use crate::{EngineError, KeptRequest, address, folder, kept};

/// How soon it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits for it.
    AskedFor,
    /// A schedule wants it.
    Scheduled,
}

/// Makes the audit's folder in the store, files it as unfinished, and puts its jobs in. Gives its name.
///
/// What was asked for is kept in the database with its secrets until the audit is over; the folder has it without them.
pub async fn ask(
    jobs: &Jobs,
    store: &Store,
    place: &Place,
    asked: &KeptRequest,
    urgency: Urgency,
) -> Result<String, EngineError> {
    let plan = asked.plan()?;
    let request =
        serde_json::to_string(asked).map_err(|_| EngineError::Fault("a request cannot be written down"))?;
    let now = Timestamp::now();
    let start = address::read(&plan.start)?;
    let name = address::folder_name(&start, &now.strftime("%Y%m%d-%H%M%S").to_string());
    let site = address::site(&plan.start);
    let made = kept::make(place, &name, now.to_string(), plan)?;
    folder::keep_request(&made, asked)?;
    let id = made.manifest.id.clone();
    let job = |kind: &str, key: String, site: &str, stage| NewJob {
        kind: kind.to_owned(),
        key,
        audit: id.clone(),
        payload: String::new(),
        site: site.to_owned(),
        stage,
        priority: match urgency {
            Urgency::AskedFor => 100,
            Urgency::Scheduled => 0,
        },
        max_attempts: ATTEMPTS,
    };
    // Judging visits no site: it waits for no other audit's sessions.
    let all = [job(AUDIT, id.clone(), &site, 0), job(CONCLUDE, format!("{id}/{CONCLUDE}"), &id, 1)];
    jobs.ask(store, &kept::filed(&made, None), &request, &all).await?;
    Ok(id)
}
