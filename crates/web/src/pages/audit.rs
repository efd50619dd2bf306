//! One audit: how far it is, or what came of it.

use std::sync::Arc;

use affiant_report::files;
use affiant_report::html::parts;
use affiant_store::{AuditState, Filed, FiledFinding, severity_rank};
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
use crate::judged::{self, Opened, beside};
use crate::live::Progress;
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
    parts: Parts,
}

/// The report's own views.
#[derive(Default)]
struct Parts {
    signs: String,
    answer: String,
    matrix: String,
}

struct Finding {
    fingerprint: String,
    severity: String,
    title: String,
    rule: String,
    pages: usize,
    scenarios: String,
}

/// All that is filed of the audit that an address names.
pub(crate) async fn named(app: &App, id: &str) -> Result<Filed, PageError> {
    app.store.filed(id).await?.ok_or_else(|| PageError::not_found("audit of that name"))
}

/// Whether the store knows the audit that an address names, and if it was judged: the name in an address is no path.
pub(crate) async fn known(app: &App, id: &str) -> Result<bool, PageError> {
    app.store.is_judged(id).await?.ok_or_else(|| PageError::not_found("audit of that name"))
}

/// The same, where only a judged one will do.
pub(crate) async fn judged(app: &App, id: &str) -> Result<(), PageError> {
    if known(app, id).await? { Ok(()) } else { Err(PageError::not_found("judgement of this audit yet")) }
}

/// The most severe first.
pub(crate) fn worst_first(mut findings: Vec<FiledFinding>) -> Vec<FiledFinding> {
    findings.sort_by_key(|f| severity_rank(&f.severity));
    findings
}

/// Shows it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    let audit = named(&app, &id).await?;
    let progress = Progress::of(&app, &id).await?;
    let running = progress.as_ref().is_some_and(|p| !p.over);
    let progress = progress.map(|p| p.render()).transpose()?.unwrap_or_default();
    let judged = !audit.judged.is_empty();
    let parts = if judged { parts(&app, &id).await? } else { Parts::default() };
    html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        property: audit.property,
        start: line(&audit.start, 200),
        began: text::time(audit.started),
        state: match audit.state {
            AuditState::Unfinished if running => "under way",
            AuditState::Unfinished => "killed",
            state => stands(state),
        },
        running,
        judged,
        vantage: line(&audit.vantage, 200),
        progress,
        findings: worst_first(audit.findings)
            .into_iter()
            .map(|f| Finding {
                title: line(&f.title, 400),
                pages: f.pages.len(),
                scenarios: line(&f.scenarios.join(", "), 300),
                severity: f.severity,
                rule: line(&f.rule, 80),
                fingerprint: f.fingerprint,
            })
            .collect(),
        parts,
        id,
    })
}

async fn parts(app: &App, id: &str) -> Result<Parts, PageError> {
    let (dir, report) = (app.place.audit(id), format!("/audits/{id}/report"));
    let parts = beside(move || {
        let opened = Opened::newest(&dir)?;
        let input = opened.input();
        let of = || {
            Ok(Parts {
                signs: parts::signs()?,
                answer: parts::answer(&input, &report)?,
                matrix: parts::consent_matrix(&input, &report)?,
            })
        };
        of().map_err(super::unwritten)
    });
    Ok(parts.await?)
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
    let html = made(&app, &id, files::HTML).await?;
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, REPORT_POLICY)];
    Ok((headers, html).into_response())
}

/// The report for machines.
pub(crate) async fn json(
    _: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let json = made(&app, &id, files::JSON).await?;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// The bytes of one of the report's files.
pub(crate) async fn made(app: &App, id: &str, name: &'static str) -> Result<Vec<u8>, PageError> {
    judged(app, id).await?;
    let dir = app.place.audit(id);
    Ok(beside(move || judged::report(&dir, name)).await?)
}
