//! What was told.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;

use super::html;
use crate::app::App;
use crate::auth::User;
use crate::error::PageError;
use crate::text::{self, line};

/// The latest that are shown.
const MOST: u32 = 200;

#[derive(Template)]
#[template(path = "alerts.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    rows: Vec<Row>,
}

struct Row {
    when: String,
    property: String,
    audit: String,
    title: String,
}

/// Lists the latest.
pub(crate) async fn list(user: User, State(app): State<Arc<App>>) -> Result<impl IntoResponse, PageError> {
    let all = app.store.alerts(None, MOST).await?;
    let rows = all.into_iter().map(|a| Row {
        when: text::time(a.created),
        property: a.property,
        audit: a.audit,
        title: line(&a.title, 400),
    });
    html(&Page { user: Some(user.name), csrf: user.csrf, rows: rows.collect() })
}
