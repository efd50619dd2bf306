//! What is told of an audit that is over.

use affiant_record::AuditFolder;
use affiant_rules::choice_not_made;
use affiant_store::{AuditState, Filed, JobState, Jobs, Place, Store};

use super::coverage::{Choices, dropped, failed};
use super::difference::{first, gone, new_findings, new_things};
use super::{Told, raise};
use crate::jobs::CONCLUDE;
use crate::{EngineError, shown};

/// Says what is new in an audit of a property since the last one that it can be held against, and raises it. Done twice, it
/// comes to the same. How many alerts are new; none where the audit is of no property that is watched.
pub async fn of_audit(store: &Store, jobs: &Jobs, place: &Place, audit: &str) -> Result<usize, EngineError> {
    let Some(now) = store.filed(audit).await? else { return Ok(0) };
    let Some(property) = &now.property else { return Ok(0) };
    let Some(property) = store.property(property).await? else { return Ok(0) };
    let concluding = jobs.list(Some(audit)).await?.into_iter().find(|j| j.kind == CONCLUDE);
    let concluding = concluding
        .filter(|j| j.state == JobState::Dead)
        .map(|j| j.error.unwrap_or_else(|| "it failed again and again".to_owned()));
    let mut told: Vec<Told> = failed(&now, concluding.as_deref()).into_iter().collect();
    let stopped = !told.is_empty();
    if now.visits.iter().any(|v| v.complete) && concluding.is_none() {
        match last_before(store, &now).await? {
            None => told.extend(first(&now)),
            Some(before) => {
                told.extend(new_findings(&before, &now));
                told.extend(new_things(&before, &now));
                if !stopped {
                    let choices = (choices(place, &before.id).await?, choices(place, &now.id).await?);
                    told.extend(dropped((&before, &choices.0), (&now, &choices.1)));
                }
                let standings = store.findings_as_of(&now.site, audit).await?;
                told.extend(gone(&before, &now, &standings));
            }
        }
    }
    Ok(raise(store, jobs, &property, (audit, audit), &told).await?.len())
}

/// The last audit of the property that this one can be held against: from the same vantage, finished, and something was seen.
async fn last_before(store: &Store, now: &Filed) -> Result<Option<Filed>, EngineError> {
    let all = store.history(Some(&now.site)).await?;
    let before = all.iter().find(|a| {
        a.property == now.property
            && a.vantage == now.vantage
            && a.state == AuditState::Finished
            && a.complete > 0
            && (a.started, a.id.as_str()) < (now.started, now.id.as_str())
    });
    match before {
        Some(before) => Ok(store.filed(&before.id).await?),
        None => Ok(None),
    }
}

/// Which choices were made, as the audit's facts say; none where they are not there any more.
async fn choices(place: &Place, audit: &str) -> Result<Choices, EngineError> {
    let dir = place.audit(audit);
    let read = tokio::task::spawn_blocking(move || -> Result<Choices, EngineError> {
        let mut all = Choices::new();
        let Some(judged) = shown(&AuditFolder::open(&dir)?)? else { return Ok(all) };
        for v in judged.facts.iter().filter(|v| v.decides.is_some()) {
            let not_made = choice_not_made(v);
            let known = all.entry(v.scenario.to_string()).or_insert_with(|| not_made.clone());
            if not_made.is_none() {
                *known = None;
            }
        }
        Ok(all)
    });
    match read.await {
        Ok(Ok(all)) => Ok(all),
        // A folder that is gone or damaged takes no other alert with it.
        Ok(Err(e)) => {
            tracing::warn!(error = %e, "which choices were made could not be read");
            Ok(Choices::new())
        }
        Err(_) => Err(EngineError::Fault("reading facts ended unexpectedly")),
    }
}
