//! What was seen on a property over its audits.

use std::sync::Arc;

use affiant_store::{Thing, ThingKind};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::html;
use super::property::named;
use crate::app::App;
use crate::auth::User;
use crate::error::PageError;
use crate::text::{self, line};

/// Rows of a page.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "inventory.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    id: String,
    name: String,
    kind: String,
    all: usize,
    from: usize,
    rows: Vec<Row>,
    before: Option<usize>,
    after: Option<usize>,
}

struct Row {
    name: String,
    detail: String,
    first: String,
    last: String,
    audits: String,
    pages: i64,
    times: i64,
    scenarios: String,
}

/// Which page of the list.
#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    page: usize,
}

/// What a list in an address is of.
pub(crate) fn kind(name: &str) -> Result<ThingKind, PageError> {
    match name {
        "tags" => Ok(ThingKind::Tag),
        "vendors" => Ok(ThingKind::Vendor),
        "cookies" => Ok(ThingKind::Cookie),
        "hosts" => Ok(ThingKind::Host),
        _ => Err(PageError::not_found("such list")),
    }
}

/// Lists it: as a page, or, where the address ends in `.csv`, for a spreadsheet.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path((id, name)): Path<(String, String)>,
    Query(Which { page }): Query<Which>,
) -> Result<Response, PageError> {
    let (list, sheet) = match name.strip_suffix(".csv") {
        Some(list) => (list.to_owned(), true),
        None => (name, false),
    };
    let of = kind(&list)?;
    let property = named(&app, &id).await?;
    let all = app.store.inventory(&property.site, of).await?;
    if sheet {
        return csv(&id, &list, &all);
    }
    let from = page.saturating_mul(ROWS);
    let rows = all.iter().skip(from).take(ROWS).map(row).collect();
    let page = html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        name: line(&property.name, 100),
        id,
        kind: list,
        all: all.len(),
        from: from.saturating_add(1),
        rows,
        before: page.checked_sub(1),
        after: (all.len() > from.saturating_add(ROWS)).then(|| page + 1),
    })?;
    Ok(page.into_response())
}

fn csv(id: &str, list: &str, all: &[Thing]) -> Result<Response, PageError> {
    let heads = [
        "name",
        "what",
        "first seen (UTC)",
        "last seen (UTC)",
        "in audits",
        "of audits",
        "pages",
        "times",
        "scenarios",
    ];
    let rows = all.iter().map(|t| {
        [
            t.name.clone(),
            t.detail.clone(),
            text::time(t.first_seen),
            text::time(t.last_seen),
            t.audits.to_string(),
            t.out_of.to_string(),
            t.pages.to_string(),
            t.times.to_string(),
            t.scenarios.join(", "),
        ]
    });
    let mut out = Vec::new();
    affiant_report::csv::write(&mut out, &heads, rows)
        .map_err(|e| PageError::wrong(format!("The list cannot be written: {e}.")))?;
    let name = format!("attachment; filename=\"{id}-{list}.csv\"");
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], out)
        .into_response())
}

fn row(t: &Thing) -> Row {
    Row {
        name: line(&t.name, 200),
        detail: line(&t.detail, 200),
        first: text::time(t.first_seen),
        last: text::time(t.last_seen),
        audits: format!("{} of {}", t.audits, t.out_of),
        pages: t.pages,
        times: t.times,
        scenarios: line(&t.scenarios.join(", "), 300),
    }
}
