//! Programs that may use the API.

use std::collections::BTreeMap;
use std::sync::Arc;

use affiant_store::May;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use super::html;
use super::login::Nothing;
use crate::api::new_token;
use crate::app::App;
use crate::auth::{Posted, User};
use crate::error::PageError;
use crate::text::{self, line};

#[derive(Template)]
#[template(path = "tokens.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    may: &'static str,
    account: String,
    created: String,
    used: String,
}

/// Lists them.
pub(crate) async fn list(user: User, State(app): State<Arc<App>>) -> Result<impl IntoResponse, PageError> {
    let rows = app.store.tokens().await?.into_iter().map(|t| Row {
        name: line(&t.name, 100),
        may: match t.may {
            May::Read => "read",
            May::Write => "read, start audits, change what is watched",
        },
        account: line(&t.account, 100),
        created: text::time(t.created),
        used: t.used.map_or_else(|| "never".to_owned(), text::time),
        id: t.id,
    });
    html(&Page { user: Some(user.name), csrf: user.csrf, rows: rows.collect() })
}

#[derive(Template)]
#[template(path = "token.html")]
struct Made {
    user: Option<String>,
    csrf: String,
    name: String,
    secret: String,
}

/// Makes one, and shows it once.
pub(crate) async fn add(
    user: User,
    State(app): State<Arc<App>>,
    Posted { form, .. }: Posted<BTreeMap<String, String>>,
) -> Result<impl IntoResponse, PageError> {
    let name = form.get("name").map_or("", |n| n.trim());
    if name.is_empty() || name.chars().count() > 100 {
        return Err(PageError::wrong("A name of up to 100 characters is needed: which program it is for."));
    }
    let may = match form.get("may").map(String::as_str) {
        Some("read") => May::Read,
        Some("write") => May::Write,
        _ => {
            return Err(PageError::wrong("Say whether it may read, or also start audits and change things."));
        }
    };
    let secret = new_token(&app, name, may, &user.name).await?;
    html(&Made { user: Some(user.name), csrf: user.csrf, name: line(name, 100), secret })
}

/// Takes one away.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    _: Posted<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    app.store.remove_token(&id).await?;
    Ok(Redirect::to("/tokens"))
}
