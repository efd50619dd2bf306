//! A line of a sealed record, as it was written while the page was visited; and the bytes that it points to.

use std::sync::Arc;

use affiant_engine::{EngineError, folder};
use affiant_record::{Completeness, Digest, VisitRecord, blobs_of};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::{audit, html};
use crate::app::App;
use crate::auth::User;
use crate::error::PageError;
use crate::judged::beside;
use crate::text::{self, line};

/// Characters of a line that are shown.
const MOST: usize = 100_000;

#[derive(Template)]
#[template(path = "record.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    audit: String,
    at: Line,
}

/// A line, and where it stands.
struct Line {
    record: String,
    path: String,
    /// What was visited, in which scenario.
    page: String,
    scenario: String,
    session: String,
    place: u32,
    /// Whether the seal held when the record was read for this page; else why not.
    cut_off: Option<String>,
    n: u64,
    lines: usize,
    kind: String,
    json: String,
    cut: bool,
    blobs: Vec<String>,
    before: Option<u64>,
    after: Option<u64>,
    command: String,
}

/// Shows it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path((id, record, n)): Path<(String, String, u64)>,
) -> Result<impl IntoResponse, PageError> {
    audit::known(&app, &id).await?;
    let dir = app.place.audit(&id);
    let at = beside(move || find(&dir, &record, n)).await?;
    let at = at.ok_or_else(|| PageError::not_found("such line in a record of this audit"))?;
    html(&Page { user: Some(user.name), csrf: user.csrf, audit: id, at })
}

/// Reads the whole record, with every check.
fn find(dir: &std::path::Path, record: &str, n: u64) -> Result<Option<Line>, EngineError> {
    let folder = folder::open(dir)?;
    let visit = folder.manifest.visits.iter().find(|v| v.digest.is_some_and(|d| d.to_string() == record));
    let Some(visit) = visit else { return Ok(None) };
    let record = VisitRecord::open(&folder.visit_dir(visit)?)?;
    if visit.digest != Some(record.digest) {
        return Err(EngineError::Request(format!(
            "the record in {} is not the one that the manifest names: its digest is {}",
            visit.path, record.digest
        )));
    }
    let Some(at) = record.lines.iter().position(|l| l.n == n) else { return Ok(None) };
    let value =
        serde_json::to_value(&record.lines[at]).map_err(|_| EngineError::Fault("a line cannot be shown"))?;
    let json = serde_json::to_string_pretty(&value).unwrap_or_default();
    let beside = |at: Option<usize>| at.and_then(|at| record.lines.get(at)).map(|l| l.n);
    Ok(Some(Line {
        path: line(&visit.path, 200),
        page: line(&record.header.url, 400),
        scenario: record.header.scenario.to_string(),
        session: line(&record.header.session, 100),
        place: record.header.ordinal + 1,
        cut_off: match &record.completeness {
            Completeness::Sealed => None,
            Completeness::CutOff { reason } => Some(line(reason, 300)),
        },
        n,
        lines: record.lines.len(),
        kind: line(value["type"].as_str().unwrap_or("line"), 60),
        cut: json.chars().nth(MOST).is_some(),
        json: text::lines(&json, MOST),
        blobs: blobs_of(&value).iter().map(|(digest, _)| digest.to_string()).collect(),
        before: beside(at.checked_sub(1)),
        after: beside(Some(at + 1)),
        command: format!(
            "affiant record show {} --digest {} --line {n}",
            folder.manifest.id,
            record.digest.short()
        ),
        record: record.digest.to_string(),
    }))
}

/// Bytes that a line points to: to be kept as a file, never shown as a page. They are checked against their name.
pub(crate) async fn blob(
    _: User,
    State(app): State<Arc<App>>,
    Path((id, digest)): Path<(String, String)>,
) -> Result<impl IntoResponse, PageError> {
    audit::known(&app, &id).await?;
    let Ok(digest) = digest.parse::<Digest>() else { return Err(PageError::not_found("such bytes")) };
    let dir = app.place.audit(&id);
    let bytes = beside(move || {
        let blobs = folder::open(&dir)?.blobs();
        if !blobs.path(&digest).is_file() {
            return Ok(None);
        }
        Ok(Some(blobs.get(&digest)?))
    });
    let bytes = bytes.await?.ok_or_else(|| PageError::not_found("such bytes in this audit"))?;
    let name = format!("attachment; filename=\"{}.bin\"", digest.short());
    Ok(([(CONTENT_TYPE, "application/octet-stream".to_owned()), (CONTENT_DISPOSITION, name)], bytes))
}
