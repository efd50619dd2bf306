//! The job that ends an audit: its manifest is completed from what workers told, it is judged, and filed as it is. Done twice,
//! it comes to the same.

use std::collections::BTreeMap;

use affiant_plan::{Role, Share};
use affiant_record::{AuditFolder, Outcome, VisitEntry};
use affiant_store::{Claimed, Job, JobState, Jobs, Kept, Place, Store};

use super::patience::patiently;
use super::{AUDIT, CONCLUDE, Ended, SHARE, adopt};
use crate::{EngineError, folder, judge, kept};

/// Does it.
pub(super) async fn run(
    jobs: &Jobs,
    store: &Store,
    place: &Place,
    job: &Claimed,
) -> Result<Ended, EngineError> {
    let dir = place.audit(&job.audit);
    let rows = patiently(|| jobs.visits(&job.audit)).await?;
    let visits = rows.iter().map(kept::entry).collect::<Result<Vec<_>, _>>()?;
    let others = patiently(|| jobs.list(Some(&job.audit))).await?;
    let filed = tokio::task::spawn_blocking(move || -> Result<_, EngineError> {
        let mut audit = AuditFolder::open(&dir)?;
        complete(&mut audit, visits, &others)?;
        if audit.manifest.visits.iter().all(|v| v.digest.is_none()) {
            return Ok(kept::filed(&audit, None));
        }
        let judged = judge(&audit)?;
        // A worker that died after judging had judged the same.
        folder::append_once(&dir, &judged.judgement)?;
        Ok(kept::filed(&audit, Some(&judged)))
    })
    .await
    .map_err(|_| EngineError::Fault("judging ended unexpectedly"))??;
    match patiently(|| jobs.conclude(store, job, &filed)).await? {
        Kept::Yes => Ok(Ended::Done),
        Kept::No => Err(EngineError::NotMine(job.key.clone())),
    }
}

/// The manifest, as the audit ended, sealed.
fn complete(audit: &mut AuditFolder, mut visits: Vec<VisitEntry>, jobs: &[Job]) -> Result<(), EngineError> {
    for sealed in adopt::sealed(audit, &visits)? {
        if let Some(v) = visits.iter_mut().find(|v| v.path == sealed.path) {
            *v = sealed;
        }
    }
    let mut dead: BTreeMap<String, String> = BTreeMap::new();
    for job in jobs.iter().filter(|j| j.state == JobState::Dead) {
        let why = format!(
            "not visited: {} ({} attempts)",
            job.error.as_deref().unwrap_or("it failed again and again"),
            job.attempts
        );
        if job.kind == SHARE
            && let Ok(share) = serde_json::from_str::<Share>(&job.payload)
        {
            dead.insert(share.session, why);
        } else if job.kind == AUDIT && visits.is_empty() {
            visits.extend(first(audit, &why));
        }
    }
    for v in visits.iter_mut().filter(|v| v.outcome.is_none()) {
        v.outcome = dead.get(&v.session).map(|why| Outcome::Failed { reason: why.clone() });
    }
    let made = jobs.iter().filter(|j| j.kind != CONCLUDE);
    // By the database's clock, and the same whenever it is asked.
    let ended = made.clone().filter_map(|j| j.ended).max();
    let ended = ended.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    audit.manifest.visits = visits;
    let interrupted = made.clone().any(|j| j.state == JobState::Cancelled);
    folder::cut_off::name(audit);
    folder::sort(audit);
    Ok(audit.end(ended.unwrap_or_else(jiff::Timestamp::now).to_string(), interrupted)?)
}

/// The visit that would have been the first: where no page could be found out, it carries the reason.
fn first(audit: &AuditFolder, why: &str) -> Option<VisitEntry> {
    let plan = &audit.manifest.plan;
    let role = Role::of(plan).into_iter().next()?;
    let step = affiant_plan::Share {
        role,
        session: role.to_string(),
        start: plan.start.clone(),
        todo: Default::default(),
        second: false,
    }
    .first();
    let outcome = Some(Outcome::Failed { reason: why.to_owned() });
    Some(VisitEntry { outcome, ..folder::planned(&role.to_string(), role, 0, &step) })
}
