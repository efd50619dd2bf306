//! The job that comes after an audit of a property was concluded: says what is new in it. A job of its own, so that a worker that dies
//! between the two leaves nothing untold.

use affiant_store::{Claimed, Jobs, Place, Store};

use super::Ended;
use crate::{EngineError, alerts};

/// Does it.
pub(super) async fn run(
    jobs: &Jobs,
    store: &Store,
    place: &Place,
    job: &Claimed,
) -> Result<Ended, EngineError> {
    alerts::of_audit(store, jobs, place, &job.audit).await?;
    Ok(Ended::Done)
}
