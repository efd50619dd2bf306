//! Style and scripts, from this program.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// What the reports' style lacks.
const OWN: &str = include_str!("../static/style.css");
const HTMX: &str = include_str!("../../../third_party/htmx/htmx.min.js");
const SSE: &str = include_str!("../../../third_party/htmx-ext-sse/sse.min.js");

pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", format!("{}{OWN}", affiant_report::html::CSS))
}

pub(crate) async fn htmx() -> Response {
    file("text/javascript; charset=utf-8", HTMX)
}

pub(crate) async fn sse() -> Response {
    file("text/javascript; charset=utf-8", SSE)
}

fn file(kind: &'static str, text: impl IntoResponse) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "private, max-age=3600")], text).into_response()
}
