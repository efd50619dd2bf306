//! One property: what stands open, its audits, and starting one.

use std::sync::Arc;

use affiant_engine::{asked_for, audit_property, folder, forecast};
use affiant_report::ReportInput;
use affiant_report::html::parts;
use affiant_store::{AuditRow, AuditState, FindingHistory, Property, Standing, severity_rank};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use super::html;
use super::login::Nothing;
use super::properties::{in_advance, stands};
use super::schedule::{self, Shown};
use crate::app::App;
use crate::auth::{Posted, User};
use crate::error::PageError;
use crate::judged::beside;
use crate::text::{self, count, line};

/// Rows of a list that are shown at once.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "property.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    id: String,
    name: String,
    site: String,
    start: String,
    forecast: String,
    answer: String,
    findings: Vec<Finding>,
    more: usize,
    audits: Vec<Audit>,
    running: Option<String>,
    schedule: Option<Shown>,
    matrix: Option<Matrix>,
}

/// The consent matrix of the last audit that was judged.
struct Matrix {
    audit: String,
    began: String,
    signs: String,
    matrix: String,
}

struct Finding {
    severity: String,
    title: String,
    rule: String,
    standing: &'static str,
    since: String,
    audits: String,
    audit: String,
    fingerprint: String,
}

struct Audit {
    id: String,
    began: String,
    state: &'static str,
    visits: String,
    found: Vec<(&'static str, i64)>,
}

/// The property that an address names.
pub(crate) async fn named(app: &App, id: &str) -> Result<Property, PageError> {
    app.store.property(id).await?.ok_or_else(|| PageError::not_found("property of that name"))
}

/// Shows it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    let property = named(&app, &id).await?;
    let request = asked_for(&property)?;
    let mut history = app.store.history(Some(&property.site)).await?;
    let forecast = forecast(&request, Some(&id), &history);
    history.retain(|a| a.property.as_deref() == Some(id.as_str()));
    let mut findings = app.store.findings(&property.site).await?;
    findings.sort_by_key(|f| (f.standing, severity_rank(&f.severity)));
    let running = history.iter().find(|a| a.state == AuditState::Unfinished).map(|a| a.id.clone());
    let page = Page {
        user: Some(user.name),
        csrf: user.csrf,
        name: line(&property.name, 100),
        site: line(&property.site, 100),
        start: line(request.pages.first().map_or("", String::as_str), 200),
        forecast: in_advance(forecast),
        answer: answer(&findings, history.iter().filter(|a| a.state != AuditState::Unfinished).count()),
        more: findings.len().saturating_sub(MOST),
        findings: findings.into_iter().take(MOST).map(finding).collect(),
        audits: history
            .iter()
            .take(MOST)
            .map(|a| Audit {
                id: a.id.clone(),
                began: text::time(a.started),
                state: stands(a.state),
                visits: format!("{} of {} complete", a.complete, a.visits),
                found: a.by_severity().collect(),
            })
            .collect(),
        running,
        matrix: matrix(&app, &history).await?,
        schedule: schedule::of(&app, &id).await?,
        id,
    };
    html(&page)
}

/// Its facts are not read: the judgement alone holds what a matrix says.
async fn matrix(app: &App, history: &[AuditRow]) -> Result<Option<Matrix>, PageError> {
    let Some(last) = history.iter().find(|a| a.state != AuditState::Unfinished) else { return Ok(None) };
    let (dir, report) = (app.place.audit(&last.id), format!("/audits/{}/report", last.id));
    let matrix = beside(move || {
        let audit = folder::open(&dir)?;
        let Some(judgement) = folder::newest(&dir)? else { return Ok(None) };
        let blobs = audit.blobs();
        let input = ReportInput::new(&audit, &blobs, &judgement);
        let matrix = parts::consent_matrix(&input, &report).map_err(super::unwritten)?;
        Ok(Some((parts::signs().map_err(super::unwritten)?, matrix)))
    });
    // A page is shown, be the audit's folder gone.
    let matrix = matrix.await.unwrap_or_else(|e| {
        tracing::warn!(error = %e, audit = %last.id, "its matrix cannot be shown");
        None
    });
    let (audit, began) = (last.id.clone(), text::time(last.started));
    Ok(matrix.map(|(signs, matrix)| Matrix { audit, began, signs, matrix }))
}

/// The first line: is something wrong, how bad, what is new.
fn answer(findings: &[FindingHistory], audits: usize) -> String {
    let first = audits == 1;
    if audits == 0 {
        return "Nothing has been observed yet: start an audit.".to_owned();
    }
    let n = |standing| findings.iter().filter(|f| f.standing == standing).count() as i64;
    let (new, open) = (n(Standing::New), n(Standing::Open));
    let stands = match new + open {
        0 => "The last audit has no finding.".to_owned(),
        all if first => format!("The first audit has {}.", count(all, "finding")),
        all => format!("The last audit has {}, {new} of them new.", count(all, "finding")),
    };
    if first {
        return stands;
    }
    format!("{stands} {} gone, {} not tested again.", n(Standing::Gone), n(Standing::NotTestedAgain))
}

fn finding(f: FindingHistory) -> Finding {
    Finding {
        title: line(&f.title, 400),
        standing: f.standing.in_words(),
        since: text::time(f.since),
        audits: count(i64::try_from(f.audits).unwrap_or(i64::MAX), "audit"),
        severity: f.severity,
        rule: line(&f.rule, 80),
        audit: f.last_audit,
        fingerprint: f.fingerprint,
    }
}

/// Starts an audit.
pub(crate) async fn audit(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    _: Posted<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    let audit = audit_property(&app.jobs, &app.store, &app.place, &named(&app, &id).await?).await?;
    Ok(Redirect::to(&format!("/audits/{audit}")))
}

/// Watches it no more; its audits stay.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    _: Posted<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    app.store.remove_property(&id).await?;
    Ok(Redirect::to("/"))
}
