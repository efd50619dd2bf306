//! Logging in and out, and the first administrator.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::html;
use crate::app::App;
use crate::auth::{self, Posted};
use crate::error::PageError;

#[derive(Template)]
#[template(path = "login.html")]
struct Form {
    user: Option<String>,
    csrf: String,
    first: bool,
    least: usize,
    wrong: Option<&'static str>,
}

#[derive(Deserialize)]
pub(crate) struct Entered {
    name: String,
    password: String,
    #[serde(default)]
    again: String,
}

/// Any form of ours without a field of its own.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

fn page(first: bool, wrong: Option<&'static str>) -> Form {
    Form { user: None, csrf: String::new(), first, least: auth::LEAST, wrong }
}

/// Asks for name and password.
pub(crate) async fn form() -> Result<impl IntoResponse, PageError> {
    html(&page(false, None))
}

/// Lets in whoever knows the password.
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, PageError> {
    own(&headers)?;
    let Entered { name, password, .. } = auth::read(&body)?;
    if !auth::is_password(&app, &name, password).await? {
        let again = html(&page(false, Some("Name or password are not right.")))?;
        return Ok((StatusCode::UNAUTHORIZED, again).into_response());
    }
    Ok((auth::let_in(&app, jar, name.trim()).await?, Redirect::to("/")).into_response())
}

/// Lets out.
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    _: Posted<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    Ok((auth::let_out(&app, jar).await?, Redirect::to("/login")))
}

/// Asks for the first administrator's name and password.
pub(crate) async fn first(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    is_first(&app, &token)?;
    html(&page(true, None))
}

/// Makes the first administrator.
pub(crate) async fn found(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    jar: CookieJar,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, PageError> {
    is_first(&app, &token)?;
    own(&headers)?;
    let Entered { name, password, again } = auth::read(&body)?;
    if password != again {
        let form = html(&page(true, Some("The two passwords differ.")))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response());
    }
    auth::make(&app, &name, password).await?;
    app.used();
    Ok((auth::let_in(&app, jar, name.trim()).await?, Redirect::to("/")).into_response())
}

fn is_first(app: &App, token: &str) -> Result<(), PageError> {
    if app.is_first(token) {
        return Ok(());
    }
    Err(PageError::new(
        StatusCode::GONE,
        "This link was used, or is of an earlier start of the server.",
        "Log in, or use the link that the server printed when it was last started.",
    ))
}

fn own(headers: &HeaderMap) -> Result<(), PageError> {
    if auth::is_own(headers) {
        Ok(())
    } else {
        Err(PageError::refused("This form did not come from a page of this server."))
    }
}
