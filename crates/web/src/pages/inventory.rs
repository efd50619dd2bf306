//! What was seen on a property over its audits.

use std::sync::Arc;

use affiant_store::{Thing, ThingKind};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
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

/// Lists it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path((id, kind)): Path<(String, String)>,
    Query(Which { page }): Query<Which>,
) -> Result<impl IntoResponse, PageError> {
    let of = match kind.as_str() {
        "tags" => ThingKind::Tag,
        "vendors" => ThingKind::Vendor,
        "cookies" => ThingKind::Cookie,
        "hosts" => ThingKind::Host,
        _ => return Err(PageError::not_found("such list")),
    };
    let property = named(&app, &id).await?;
    let all = app.store.inventory(&property.site, of).await?;
    let from = page.saturating_mul(ROWS);
    let rows = all.iter().skip(from).take(ROWS).map(row).collect();
    html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        name: line(&property.name, 100),
        id,
        kind,
        all: all.len(),
        from: from.saturating_add(1),
        rows,
        before: page.checked_sub(1),
        after: (all.len() > from.saturating_add(ROWS)).then(|| page + 1),
    })
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
        scenarios: t.scenarios.join(", "),
    }
}
