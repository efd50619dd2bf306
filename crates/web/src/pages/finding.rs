//! A finding of an audit: what was observed, how it came about, and the lines of the records that show it.

use std::sync::Arc;

use affiant_record::Evidence;
use affiant_report::html::parts;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::{audit, html};
use crate::app::App;
use crate::auth::User;
use crate::error::PageError;
use crate::judged::{Opened, beside};
use crate::text::line;

#[derive(Template)]
#[template(path = "finding.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    audit: String,
    start: String,
    signs: String,
    finding: String,
}

/// Shows it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path((id, fingerprint)): Path<(String, String)>,
) -> Result<impl IntoResponse, PageError> {
    audit::judged(&app, &id).await?;
    let dir = app.place.audit(&id);
    let lines = format!("/audits/{id}/records");
    let finding = beside(move || {
        let opened = Opened::newest(&dir)?;
        let to = |e: &Evidence| Some(format!("{lines}/{}/{}", e.record, e.line));
        let finding = parts::finding(&opened.input(), &fingerprint, &to).map_err(super::unwritten)?;
        Ok(finding.map(|f| (f, opened.folder.manifest.plan.start.clone())))
    });
    let found = finding.await?;
    let (finding, start) = found.ok_or_else(|| PageError::not_found("finding of that name in this audit"))?;
    html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        start: line(&start, 200),
        audit: id,
        signs: parts::signs().map_err(super::unwritten)?,
        finding,
    })
}
