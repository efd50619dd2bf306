//! What went wrong, for programs: as RFC 9457 has it.

use affiant_engine::EngineError;
use affiant_store::StoreError;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::PageError;

/// An error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The status, as in the answer's first line.
    status: u16,
    /// What it means.
    title: &'static str,
    /// What happened, in a sentence.
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or_default(),
            detail: detail.into(),
        }
    }

    pub(super) fn not_found(what: &str) -> Problem {
        PageError::not_found(what).into()
    }

    pub(super) fn wrong(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }
}

impl From<PageError> for Problem {
    fn from(e: PageError) -> Problem {
        Problem::new(e.status, e.says)
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Problem {
        PageError::from(e).into()
    }
}

impl From<EngineError> for Problem {
    fn from(e: EngineError) -> Problem {
        PageError::from(e).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
        }
        response
    }
}
