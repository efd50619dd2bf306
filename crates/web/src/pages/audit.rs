//! One audit: how far it is, or what came of it.

use std::path::PathBuf;
use std::sync::Arc;

use affiant_store::{AuditState, FiledFinding, severity_rank};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};

use super::html;
use super::login::Nothing;
use super::properties::stands;
use crate::app::App;
use crate::auth::{Posted, User};
use crate::error::PageError;
use crate::live::Progress;
use crate::report::{self, As};
use crate::text::{self, line};

/// Reports carry their own policy, stricter than ours, with the digests of their style and script; frames are forbidden here.
const REPORT_POLICY: &str = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    id: String,
    property: Option<String>,
    start: String,
    began: String,
    state: &'static str,
    running: bool,
    judged: bool,
    vantage: String,
    progress: String,
    findings: Vec<Finding>,
}

struct Finding {
    severity: String,
    title: String,
    rule: String,
    pages: usize,
    scenarios: String,
}

/// Shows it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    let audit = app.store.filed(&id).await?.ok_or_else(|| PageError::not_found("audit of that name"))?;
    let progress = Progress::of(&app, &id).await?;
    let running = progress.as_ref().is_some_and(|p| !p.over);
    let progress = progress.map(|p| p.render()).transpose()?.unwrap_or_default();
    let mut findings: Vec<FiledFinding> = audit.findings;
    findings.sort_by_key(|f| severity_rank(&f.severity));
    html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        property: audit.property,
        start: line(&audit.start, 200),
        began: text::time(audit.started),
        state: if audit.state == AuditState::Unfinished && !running { "killed" } else { stands(audit.state) },
        running,
        judged: !audit.judged.is_empty(),
        vantage: line(&audit.vantage, 200),
        progress,
        findings: findings
            .into_iter()
            .map(|f| Finding {
                title: line(&f.title, 400),
                pages: f.pages.len(),
                scenarios: f.scenarios.join(", "),
                severity: f.severity,
                rule: f.rule,
            })
            .collect(),
        id,
    })
}

/// Stops it: what was seen is judged.
pub(crate) async fn stop(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    _: Posted<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    app.jobs.cancel(&id).await?;
    Ok(Redirect::to(&format!("/audits/{id}")))
}

/// The report for people.
pub(crate) async fn report(
    _: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let html = made(&app, &id, As::Html).await?;
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, REPORT_POLICY)];
    Ok((headers, html).into_response())
}

/// The report for machines.
pub(crate) async fn json(
    _: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let json = made(&app, &id, As::Json).await?;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// Its bytes. Only audits that the store names have a report: the name in an address is no path.
async fn made(app: &App, id: &str, of: As) -> Result<Vec<u8>, PageError> {
    let judged = app.store.is_judged(id).await?;
    if !judged.ok_or_else(|| PageError::not_found("audit of that name"))? {
        return Err(PageError::not_found("report of this audit yet"));
    }
    let dir: PathBuf = app.place.audit(id);
    let read = tokio::task::spawn_blocking(move || {
        let path = report::file(&dir, of)?;
        std::fs::read(&path).map_err(|source| affiant_engine::EngineError::File {
            doing: "cannot read",
            path,
            source,
        })
    });
    let read = read.await.map_err(|_| PageError::not_found("report: making it ended unexpectedly"))?;
    Ok(read?)
}
