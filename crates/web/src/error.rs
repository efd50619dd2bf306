//! What went wrong, as a page: what was being done, what happened, what to do now.

use affiant_engine::EngineError;
use affiant_store::StoreError;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::text;

/// An error that a person reads.
#[derive(Debug)]
pub(crate) struct PageError {
    pub(crate) status: StatusCode,
    pub(crate) says: String,
    next: String,
}

impl PageError {
    pub(crate) fn not_found(what: &str) -> PageError {
        PageError::new(
            StatusCode::NOT_FOUND,
            format!("There is no {what}."),
            "Go back, or to the list of properties.",
        )
    }

    pub(crate) fn refused(says: impl Into<String>) -> PageError {
        PageError::new(StatusCode::FORBIDDEN, says, "Go back, load the page again, and send it once more.")
    }

    pub(crate) fn wrong(says: impl Into<String>) -> PageError {
        PageError::new(StatusCode::UNPROCESSABLE_ENTITY, says, "Go back and change it.")
    }

    pub(crate) fn new(status: StatusCode, says: impl Into<String>, next: &str) -> PageError {
        PageError { status, says: says.into(), next: next.to_owned() }
    }
}

impl From<StoreError> for PageError {
    fn from(e: StoreError) -> PageError {
        tracing::error!(error = %e, "a page could not be shown");
        PageError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("The store could not be asked: {e}."),
            "Nothing that was recorded is lost. Load the page again in a while.",
        )
    }
}

impl From<EngineError> for PageError {
    fn from(e: EngineError) -> PageError {
        match e {
            EngineError::Store(e) => e.into(),
            EngineError::Request(why) => PageError::wrong(format!("This cannot be done: {why}.")),
            e => {
                tracing::error!(error = %e, "a page could not be shown");
                PageError::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    format!("It could not be done: {e}."),
                    "Look into the server's log.",
                )
            }
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(e: askama::Error) -> PageError {
        PageError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The page could not be written: {e}."),
            "This is a fault of affiant.",
        )
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    user: Option<String>,
    csrf: String,
    says: String,
    next: String,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let page =
            ErrorPage { user: None, csrf: String::new(), says: text::line(&self.says, 600), next: self.next };
        match page.render() {
            Ok(html) => (self.status, Html(html)).into_response(),
            Err(_) => self.status.into_response(),
        }
    }
}
