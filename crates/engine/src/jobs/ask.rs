//! Puts an audit in, for workers to make.

use affiant_store::{Due, Jobs, Kept, NewJob, Place, Store};
use jiff::Timestamp;

use super::{ALERT, ATTEMPTS, AUDIT, CONCLUDE};
use crate::{EngineError, KeptRequest, address, folder, kept};

/// Who wants it.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Somebody who waits for it.
    AskedFor,
    /// A schedule, which is moved on with it.
    Scheduled(Due),
}

/// Makes the audit's folder in the store, files it as unfinished, and puts its jobs in. Gives its name; none where the schedule
/// that wants it was served by somebody else.
///
/// What was asked for is kept in the database with its secrets until the audit is over; the folder has it without them.
pub async fn ask(
    jobs: &Jobs,
    store: &Store,
    place: &Place,
    asked: &KeptRequest,
    property: Option<&str>,
    wanted: &Wanted,
) -> Result<Option<String>, EngineError> {
    let plan = asked.plan()?;
    let request =
        serde_json::to_string(asked).map_err(|_| EngineError::Fault("a request cannot be written down"))?;
    let now = Timestamp::now();
    let start = address::read(&plan.start)?;
    let name = address::folder_name(&start, &now.strftime("%Y%m%d-%H%M%S").to_string());
    let site = address::site(&plan.start);
    let mut made = kept::make(place, &name, now.to_string(), plan)?;
    if let Some(property) = property {
        made.manifest.extra.insert(kept::PROPERTY.to_owned(), property.into());
        made.save()?;
    }
    folder::keep_request(&made, asked)?;
    let id = made.manifest.id.clone();
    let job = |kind: &str, key: String, site: &str, stage| NewJob {
        kind: kind.to_owned(),
        key,
        audit: id.clone(),
        payload: String::new(),
        site: site.to_owned(),
        stage,
        priority: match wanted {
            Wanted::AskedFor => 100,
            Wanted::Scheduled(_) => 0,
        },
        max_attempts: ATTEMPTS,
    };
    // Judging visits no site: it waits for no other audit's sessions.
    let mut all = vec![job(AUDIT, id.clone(), &site, 0), job(CONCLUDE, format!("{id}/{CONCLUDE}"), &id, 1)];
    if property.is_some() {
        all.push(job(ALERT, format!("{id}/{ALERT}"), &id, 2));
    }
    let due = match wanted {
        Wanted::AskedFor => None,
        Wanted::Scheduled(due) => Some(due),
    };
    match jobs.ask(store, &kept::filed(&made, None), &request, &all, due).await? {
        Kept::Yes => Ok(Some(id)),
        Kept::No => {
            // Nobody knows of it.
            let _ = std::fs::remove_dir_all(&made.dir);
            Ok(None)
        }
    }
}
