//! One property: what stands open, its audits, and starting one.

use std::sync::Arc;

use affiant_engine::{asked_for, audit_property};
use affiant_store::{AuditState, FindingHistory, Property, Standing, severity_rank};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use super::html;
use super::login::Nothing;
use super::properties::{forecast, stands};
use super::schedule::{self, Shown};
use crate::app::App;
use crate::auth::{Posted, User};
use crate::error::PageError;
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
    took: Option<String>,
    answer: String,
    findings: Vec<Finding>,
    more: usize,
    audits: Vec<Audit>,
    running: Option<String>,
    schedule: Option<Shown>,
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
    history.retain(|a| a.property.as_deref() == Some(id.as_str()));
    let mut findings = app.store.findings(&property.site).await?;
    findings.sort_by_key(|f| (f.standing, severity_rank(&f.severity)));
    let last = history.iter().find(|a| a.state == AuditState::Finished);
    let took = last.and_then(|a| a.finished.map(|end| (end - a.started) / 60_000));
    let running = history.iter().find(|a| a.state == AuditState::Unfinished).map(|a| a.id.clone());
    let page = Page {
        user: Some(user.name),
        csrf: user.csrf,
        name: line(&property.name, 100),
        site: line(&property.site, 100),
        start: line(request.pages.first().map_or("", String::as_str), 200),
        forecast: forecast(&request),
        took: took.map(|minutes| count(minutes.max(1), "minute")),
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
        schedule: schedule::of(&app, &id).await?,
        id,
    };
    html(&page)
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
        rule: f.rule,
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
