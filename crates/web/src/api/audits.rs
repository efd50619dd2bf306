//! Audits: how far one is, what came of it, what differs between two.

use std::collections::BTreeMap;
use std::sync::Arc;

use affiant_engine::EngineError;
use affiant_report::files;
use affiant_store::{AuditRow, AuditState};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::time;
use super::{Problem, Program};
use crate::app::App;
use crate::live::Progress;
use crate::pages;

/// An audit.
#[derive(Serialize, ToSchema)]
pub(super) struct Audit {
    /// Its name.
    id: String,
    /// The property that it is of; none where it was made by hand.
    property: Option<String>,
    /// Where it started.
    start: String,
    /// When it began.
    started: String,
    /// When it ended.
    finished: Option<String>,
    /// `finished`, `stopped`, or `unfinished`: under way, or killed.
    #[schema(value_type = String)]
    state: AuditState,
    /// From where and as whom.
    vantage: String,
    /// Consent scenarios.
    scenarios: Vec<String>,
    /// Visits, planned and made.
    visits: i64,
    /// Visits of which all was seen.
    complete: i64,
    /// Findings by severity; those that it has none of are left out.
    findings: BTreeMap<String, i64>,
}

impl From<AuditRow> for Audit {
    fn from(a: AuditRow) -> Audit {
        Audit {
            id: a.id,
            property: a.property,
            start: a.start,
            started: time(a.started),
            finished: a.finished.map(time),
            state: a.state,
            vantage: a.vantage,
            scenarios: a.scenarios,
            visits: a.visits,
            complete: a.complete,
            findings: a.findings,
        }
    }
}

/// How an audit stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Stands {
    /// The audit.
    #[serde(flatten)]
    audit: Audit,
    /// Whether it is over: nothing of it waits or is being done. What is found stands only then.
    over: bool,
    /// Its findings, the most severe first.
    found: Vec<Found>,
    /// Each rule's verdict: `fail`, `pass`, `not-applicable` or `inconclusive`.
    verdicts: BTreeMap<String, String>,
}

/// A finding of an audit.
#[derive(Serialize, ToSchema)]
pub(super) struct Found {
    /// Stable across audits.
    fingerprint: String,
    /// Rule.
    rule: String,
    /// `critical`, `high`, `medium`, `low` or `note`.
    severity: String,
    /// One observed sentence.
    title: String,
    /// Who or what it is about.
    subject: String,
    /// Pages where it was observed.
    pages: Vec<String>,
    /// Scenarios in which it was observed.
    scenarios: Vec<String>,
}

/// An audit: how far it is, and what it found
#[utoipa::path(get, path = "/audits/{id}", tag = "audits", security(("token" = [])),
    responses((status = OK, body = Stands), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn show(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Stands>, Problem> {
    let filed = pages::audit::named(&app, &id).await?;
    let over = Progress::of(&app, &id).await?.is_none_or(|p| p.over);
    let mut findings = BTreeMap::<String, i64>::new();
    for f in &filed.findings {
        *findings.entry(f.severity.clone()).or_default() += 1;
    }
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let audit = Audit {
        id,
        property: filed.property,
        start: filed.start,
        started: time(filed.started),
        finished: filed.finished.map(time),
        state: filed.state,
        vantage: filed.vantage,
        scenarios: filed.scenarios,
        visits: count(filed.visits.len()),
        complete: count(filed.visits.iter().filter(|v| v.complete).count()),
        findings,
    };
    let found = pages::audit::worst_first(filed.findings).into_iter().map(|f| Found {
        fingerprint: f.fingerprint,
        rule: f.rule,
        severity: f.severity,
        title: f.title,
        subject: f.subject,
        pages: f.pages,
        scenarios: f.scenarios,
    });
    Ok(Json(Stands { audit, over, found: found.collect(), verdicts: filed.verdicts.into_iter().collect() }))
}

/// Stop an audit: what was seen is judged
#[utoipa::path(post, path = "/audits/{id}/stop", tag = "audits", security(("token" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn stop(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    pages::audit::known(&app, &id).await?;
    app.jobs.cancel(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The report of an audit
///
/// All that was observed, with the evidence of each finding. Its shape is `docs/schema/report.v1.schema.json`.
#[utoipa::path(get, path = "/audits/{id}/report", tag = "audits", security(("token" = [])),
    responses((status = OK, body = Object), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn report(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let json = pages::audit::made(&app, &id, files::JSON).await?;
    Ok(([(CONTENT_TYPE, "application/json")], json))
}

/// What differs between two audits: what `other` has that `id` has not, and what it has not
#[utoipa::path(get, path = "/audits/{id}/compare/{other}", tag = "audits", security(("token" = [])),
    responses((status = OK, body = Object), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn compare(
    _: Program,
    State(app): State<Arc<App>>,
    Path((id, other)): Path<(String, String)>,
) -> Result<Json<serde_json::Value>, Problem> {
    let difference = pages::compare::difference(&app, &id, &other, |c| {
        serde_json::to_value(c).map_err(|_| EngineError::Fault("a comparison cannot be written down"))
    })
    .await?;
    Ok(Json(difference))
}
