//! Schedules are served: whose time has come, gets its audit.
//!
//! Any number of servers may do so on one store: the schedule is moved on in the same transaction that puts the audit in. Times go by
//! the database's clock. The next time is counted from now, so that runs that were missed are made up for once. What keeps an audit
//! from beginning is told as an alert.

use std::time::Duration;

use affiant_gather::Stop;
use affiant_store::{Due, Jobs, Place, Property, Schedule, Store};
use serde_json::json;

use crate::alerts::{Kind, Told, moment, raise};
use crate::jobs::{Wanted, ask};
use crate::{AuditRequest, EngineError, KeptRequest, schedule};

/// How often schedules are looked at, unless somebody wants it otherwise.
pub const EVERY: Duration = Duration::from_secs(5);

/// What became of a schedule whose time had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The property.
    pub property: String,
    /// What became of it.
    pub what: What,
}

/// What became of a schedule whose time had come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Its audit is put in; its name.
    Began(String),
    /// It was left out: an earlier audit of the property is still being made.
    Skipped(String),
    /// Another server served it.
    Elsewhere,
    /// It cannot be served as it is, and why; this is an alert too.
    Broken(String),
    /// It could not be begun now, and why; it is tried again, and is an alert too.
    Waits(String),
}

/// Serves all schedules that are due. An error is the store's: what is due stays so.
pub async fn serve_due(store: &Store, place: &Place, jobs: &Jobs) -> Result<Vec<Served>, EngineError> {
    let mut all = Vec::new();
    for due in store.due().await? {
        // Removed since.
        let Some(property) = store.property(&due.property).await? else { continue };
        let what = serve(store, place, jobs, &property, &due).await?;
        all.push(Served { property: property.id, what });
    }
    Ok(all)
}

/// Serves schedules until it is stopped, and tells what became of each.
pub async fn keep_schedules(
    store: &Store,
    place: &Place,
    jobs: &Jobs,
    every: Duration,
    stop: &Stop,
    tell: impl Fn(Served),
) {
    loop {
        match serve_due(store, place, jobs).await {
            Ok(all) => all.into_iter().for_each(&tell),
            Err(e) => tracing::warn!(error = %e, "schedules could not be served; trying again"),
        }
        tokio::select! {
            () = stop.stopped() => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}

async fn serve(
    store: &Store,
    place: &Place,
    jobs: &Jobs,
    property: &Property,
    due: &Schedule,
) -> Result<What, EngineError> {
    let now = store.now().await?;
    let next_at = match schedule::next(&due.cron, &due.zone, now) {
        Ok(next_at) => next_at,
        Err(e) => {
            let why = e.to_string();
            let title = format!("{} is not audited by its schedule any more: {why}", property.name);
            return broken(store, jobs, property, due, None, (title, why)).await;
        }
    };
    if let Some(open) = jobs.open_audit(&property.id).await? {
        if served_elsewhere(store, due).await? {
            return Ok(What::Elsewhere);
        }
        let title = format!(
            "{} was due to be audited at {}, and was not: the audit {open} was still being made",
            property.name,
            at(due)
        );
        tell(store, jobs, property, due, Kind::Overdue, &title, json!({ "open": open })).await?;
        store.skip(due, next_at).await?;
        return Ok(What::Skipped(open));
    }
    let request: AuditRequest = match serde_json::from_str(&property.request) {
        Ok(request) => request,
        Err(e) => {
            let why = format!("what it asks for cannot be read: {e}");
            let title = format!("{} was not audited at {}: {why}", property.name, at(due));
            return broken(store, jobs, property, due, next_at, (title, why)).await;
        }
    };
    let wanted = Wanted::Scheduled(Due { schedule: due.clone(), next_at });
    match ask(jobs, store, place, &KeptRequest::new(request), Some(&property.id), &wanted).await {
        Ok(Some(audit)) => Ok(What::Began(audit)),
        Ok(None) => Ok(What::Elsewhere),
        Err(EngineError::Request(why)) => {
            let title = format!("{} was not audited at {}: {why}", property.name, at(due));
            broken(store, jobs, property, due, next_at, (title, why)).await
        }
        Err(e @ EngineError::Store(_)) => Err(e),
        // A full disk, say: it stays due.
        Err(e) => {
            let why = e.to_string();
            let title = format!(
                "{} was due to be audited at {}, and could not be yet: {why}",
                property.name,
                at(due)
            );
            tell(store, jobs, property, due, Kind::Overdue, &title, json!({ "why": why })).await?;
            Ok(What::Waits(why))
        }
    }
}

/// It is moved on, and told.
async fn broken(
    store: &Store,
    jobs: &Jobs,
    property: &Property,
    due: &Schedule,
    next_at: Option<i64>,
    (title, why): (String, String),
) -> Result<What, EngineError> {
    if served_elsewhere(store, due).await? {
        return Ok(What::Elsewhere);
    }
    tell(store, jobs, property, due, Kind::ScheduleBroken, &title, json!({ "why": why })).await?;
    store.skip(due, next_at).await?;
    Ok(What::Broken(why))
}

/// Whether the schedule was moved since it was read. An audit that another server put in is seen only together with that.
async fn served_elsewhere(store: &Store, due: &Schedule) -> Result<bool, EngineError> {
    Ok(store.schedule(&due.property).await?.is_none_or(|s| s.next_at != due.next_at))
}

/// First told, then moved on: who dies in between tells it again, which is the same.
async fn tell(
    store: &Store,
    jobs: &Jobs,
    property: &Property,
    due: &Schedule,
    kind: Kind,
    title: &str,
    mut detail: serde_json::Value,
) -> Result<(), EngineError> {
    let key = due.next_at.unwrap_or_default().to_string();
    detail["cron"] = due.cron.clone().into();
    detail["zone"] = due.zone.clone().into();
    detail["due"] = due.next_at.into();
    let told = Told::new(kind, &key, title, detail);
    let scope = format!("{}/{}/{key}", kind.word(), property.id);
    raise(store, jobs, property, (&scope, ""), &[told]).await?;
    Ok(())
}

fn at(due: &Schedule) -> String {
    moment(due.next_at.unwrap_or_default())
}
