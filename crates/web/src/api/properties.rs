//! Properties: what is watched, when, and what was seen.

use std::sync::Arc;

use affiant_engine::{
    AuditRequest, NewProperty, NewSchedule, add_property, asked_for, audit_property, set_schedule,
};
use affiant_store::{FindingHistory, Property, Schedule, Thing};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audits::Audit;
use super::body::Body;
use super::time::time;
use super::{AT, Problem, Program};
use crate::app::App;
use crate::pages::{inventory, property};

/// A site that is watched.
#[derive(Serialize, ToSchema)]
pub(super) struct Watched {
    /// Its name in addresses.
    id: String,
    /// Its name for people.
    name: String,
    /// Its registrable domain.
    site: String,
    /// What its audits are asked for, as `affiant audit --print-request` writes it; values of headers and the proxy's login are
    /// left out.
    #[schema(value_type = Object)]
    request: serde_json::Value,
    /// When it is audited by the clock.
    schedule: Option<When>,
    /// Its audits that are being made, or waited for.
    running: Option<String>,
}

/// When a property is audited.
#[derive(Serialize, ToSchema)]
pub(super) struct When {
    /// A cron line: minute, hour, day, month, weekday.
    cron: String,
    /// The time zone that it is meant in.
    zone: String,
    /// Whether it is left out for now.
    paused: bool,
    /// The next time.
    next: Option<String>,
}

impl From<Schedule> for When {
    fn from(s: Schedule) -> When {
        When { next: s.next_at.filter(|_| !s.paused).map(time), cron: s.cron, zone: s.zone, paused: s.paused }
    }
}

/// When a property is to be audited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWhen {
    /// A cron line: minute, hour, day, month, weekday.
    cron: String,
    /// The time zone that it is meant in: `Europe/Vienna`, `UTC`.
    #[serde(default = "utc")]
    zone: String,
    /// Whether it is left out for now.
    #[serde(default)]
    paused: bool,
}

impl From<NewWhen> for NewSchedule {
    fn from(new: NewWhen) -> NewSchedule {
        NewSchedule { cron: new.cron, zone: new.zone, paused: new.paused }
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

/// A site to watch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWatched {
    /// Its name for people; its domain if there is none.
    name: Option<String>,
    /// What its audits are asked for, as `affiant audit --print-request` writes it: at least `pages`. Its shape is
    /// `docs/schema/audit-request.v1.schema.json`. What belongs to the server's machine, `browser` and `proxy` and a name server, is refused.
    #[schema(value_type = Object, example = json!({ "pages": ["https://www.example.com/"], "max_pages": 10 }))]
    request: AuditRequest,
    /// When it is audited by the clock.
    schedule: Option<NewWhen>,
}

/// An audit that was begun.
#[derive(Serialize, ToSchema)]
pub(super) struct Begun {
    /// Its name.
    audit: String,
}

/// A finding, over all audits of its site.
#[derive(Serialize, ToSchema)]
pub(super) struct Finding {
    /// Stable across audits.
    fingerprint: String,
    /// Rule.
    rule: String,
    /// `critical`, `high`, `medium`, `low` or `note`, in the last audit that observed it.
    severity: String,
    /// One observed sentence.
    title: String,
    /// Who or what it is about.
    subject: String,
    /// `new`, `open`, `gone`, or `not-tested-again`.
    #[schema(value_type = String)]
    standing: affiant_store::Standing,
    /// Start of the first audit that observed it.
    first_seen: String,
    /// Start of the last one.
    last_seen: String,
    /// Since when each audit observed it, up to `last_seen`.
    since: String,
    /// How many audits observed it.
    audits: usize,
    /// The last audit that observed it.
    last_audit: String,
}

impl From<FindingHistory> for Finding {
    fn from(f: FindingHistory) -> Finding {
        Finding {
            fingerprint: f.fingerprint,
            rule: f.rule,
            severity: f.severity,
            title: f.title,
            subject: f.subject,
            standing: f.standing,
            first_seen: time(f.first_seen),
            last_seen: time(f.last_seen),
            since: time(f.since),
            audits: f.audits,
            last_audit: f.last_audit,
        }
    }
}

/// What was seen on a property, over all its audits.
#[derive(Serialize, ToSchema)]
pub(super) struct Seen {
    /// Its name.
    name: String,
    /// What it is, in words.
    detail: String,
    /// Start of the first audit that saw it.
    first_seen: String,
    /// Start of the last one.
    last_seen: String,
    /// How many audits saw it.
    audits: i64,
    /// Out of how many.
    out_of: i64,
    /// On how many pages, in the last audit that saw it.
    pages: i64,
    /// How many requests, or how often it was set, there.
    times: i64,
    /// In which scenarios, there.
    scenarios: Vec<String>,
}

impl From<Thing> for Seen {
    fn from(t: Thing) -> Seen {
        Seen {
            name: t.name,
            detail: t.detail,
            first_seen: time(t.first_seen),
            last_seen: time(t.last_seen),
            audits: t.audits,
            out_of: t.out_of,
            pages: t.pages,
            times: t.times,
            scenarios: t.scenarios,
        }
    }
}

async fn watched(app: &App, p: Property, schedules: &[Schedule]) -> Result<Watched, Problem> {
    let request = asked_for(&p)?.without_secrets();
    let request =
        serde_json::to_value(request).map_err(|e| Problem::wrong(format!("It cannot be shown: {e}.")))?;
    Ok(Watched {
        schedule: schedules.iter().find(|s| s.property == p.id).cloned().map(When::from),
        running: app.jobs.open_audit(&p.id).await?,
        request,
        id: p.id,
        name: p.name,
        site: p.site,
    })
}

/// All properties
#[utoipa::path(get, path = "/properties", tag = "properties", security(("token" = [])),
    responses((status = OK, body = [Watched]), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn list(_: Program, State(app): State<Arc<App>>) -> Result<Json<Vec<Watched>>, Problem> {
    let schedules = app.store.schedules().await?;
    let mut all = Vec::new();
    for p in app.store.properties().await? {
        all.push(watched(&app, p, &schedules).await?);
    }
    Ok(Json(all))
}

/// Watch a site
#[utoipa::path(post, path = "/properties", tag = "properties", security(("token" = [])), request_body = NewWatched,
    responses((status = CREATED, body = Watched), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn add(
    _: Program,
    State(app): State<Arc<App>>,
    Body(new): Body<NewWatched>,
) -> Result<impl IntoResponse, Problem> {
    if let Some(field) = new.request.of_the_machine() {
        return Err(Problem::wrong(format!(
            "request.{field} is for whoever runs the server to say: leave it out."
        )));
    }
    let schedule = new.schedule.map(NewSchedule::from);
    let new = NewProperty { name: new.name, request: new.request, schedule };
    let property = add_property(&app.store, new).await?;
    let schedules = app.store.schedules().await?;
    let to = format!("{AT}/properties/{}", property.id);
    Ok((StatusCode::CREATED, [(LOCATION, to)], Json(watched(&app, property, &schedules).await?)))
}

/// A property
#[utoipa::path(get, path = "/properties/{id}", tag = "properties", security(("token" = [])),
    responses((status = OK, body = Watched), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn show(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Watched>, Problem> {
    let schedules = app.store.schedules().await?;
    Ok(Json(watched(&app, property::named(&app, &id).await?, &schedules).await?))
}

/// Watch a site no more: its audits stay
#[utoipa::path(delete, path = "/properties/{id}", tag = "properties", security(("token" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn remove(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    property::named(&app, &id).await?;
    app.store.remove_property(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set when a property is audited
#[utoipa::path(put, path = "/properties/{id}/schedule", tag = "properties", security(("token" = [])), request_body = NewWhen,
    responses((status = OK, body = When), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn schedule(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Body(new): Body<NewWhen>,
) -> Result<Json<When>, Problem> {
    property::named(&app, &id).await?;
    Ok(Json(set_schedule(&app.store, &id, new.into()).await?.into()))
}

/// Audit a property only when somebody asks for it
#[utoipa::path(delete, path = "/properties/{id}/schedule", tag = "properties", security(("token" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn unschedule(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    property::named(&app, &id).await?;
    app.store.remove_schedule(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Audits of a property, the latest first
#[utoipa::path(get, path = "/properties/{id}/audits", tag = "audits", security(("token" = [])),
    responses((status = OK, body = [Audit]), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn history(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Audit>>, Problem> {
    let property = property::named(&app, &id).await?;
    let all = app.store.history(Some(&property.site)).await?;
    Ok(Json(all.into_iter().filter(|a| a.property.as_ref() == Some(&id)).map(Audit::from).collect()))
}

/// Audit a property now, as after a deployment
///
/// One that waits, and of which nothing was visited yet, is not asked for a second time: its name is given.
#[utoipa::path(post, path = "/properties/{id}/audits", tag = "audits", security(("token" = [])),
    responses((status = ACCEPTED, body = Begun), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn audit(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let property = property::named(&app, &id).await?;
    let audit = audit_property(&app.jobs, &app.store, &app.place, &property).await?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, format!("{AT}/audits/{audit}"))], Json(Begun { audit })))
}

/// Findings of a property, over all its audits
#[utoipa::path(get, path = "/properties/{id}/findings", tag = "findings", security(("token" = [])),
    responses((status = OK, body = [Finding]), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn findings(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Finding>>, Problem> {
    let property = property::named(&app, &id).await?;
    Ok(Json(app.store.findings(&property.site).await?.into_iter().map(Finding::from).collect()))
}

/// What was seen on a property: `tags`, `vendors`, `cookies` or `hosts`
#[utoipa::path(get, path = "/properties/{id}/inventory/{kind}", tag = "findings", security(("token" = [])),
    responses((status = OK, body = [Seen]), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn inventory(
    _: Program,
    State(app): State<Arc<App>>,
    Path((id, kind)): Path<(String, String)>,
) -> Result<Json<Vec<Seen>>, Problem> {
    let property = property::named(&app, &id).await?;
    let all = app.store.inventory(&property.site, inventory::kind(&kind)?).await?;
    Ok(Json(all.into_iter().map(Seen::from).collect()))
}
