//! The pages, one file each.

mod alerts;
pub(crate) mod audit;
pub(crate) mod compare;
mod finding;
pub(crate) mod inventory;
mod login;
mod properties;
pub(crate) mod property;
mod record;
mod schedule;
mod tokens;

use std::sync::Arc;

use affiant_engine::EngineError;
use askama::Template;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::{get, post};

use crate::app::App;
use crate::error::PageError;
use crate::guard::guard;
use crate::{api, assets, live, metrics};

/// All addresses.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(properties::list))
        .route("/properties", post(properties::add))
        .route("/properties/new", get(properties::new))
        .route("/properties/{id}", get(property::show))
        .route("/properties/{id}/audits", post(property::audit))
        .route("/properties/{id}/schedule", post(schedule::set))
        .route("/properties/{id}/remove", post(property::remove))
        .route("/properties/{id}/compare", get(compare::show))
        .route("/properties/{id}/{kind}", get(inventory::show))
        .route("/audits/{id}", get(audit::show))
        .route("/audits/{id}/live", get(live::stream))
        .route("/audits/{id}/stop", post(audit::stop))
        .route("/audits/{id}/report", get(audit::report))
        .route("/audits/{id}/report.json", get(audit::json))
        .route("/audits/{id}/findings/{fingerprint}", get(finding::show))
        .route("/audits/{id}/records/{record}/{line}", get(record::show))
        .route("/audits/{id}/blobs/{digest}", get(record::blob))
        .route("/alerts", get(alerts::list))
        .route("/channels", post(alerts::add))
        .route("/channels/{id}/remove", post(alerts::remove))
        .route("/tokens", get(tokens::list).post(tokens::add))
        .route("/tokens/{id}/remove", post(tokens::remove))
        .route("/login", get(login::form).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/first/{token}", get(login::first).post(login::found))
        .route("/style.css", get(assets::style))
        .route("/htmx.js", get(assets::htmx))
        .route("/sse.js", get(assets::sse))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::show))
        .merge(api::router())
        .fallback(async || PageError::not_found("such page"))
        .layer(from_fn_with_state(Arc::clone(&app), metrics::count))
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

fn unwritten(e: affiant_report::HtmlError) -> EngineError {
    tracing::error!(error = %e, "a part of a report could not be written");
    EngineError::Fault("a part of a report could not be written")
}

fn html(page: &impl Template) -> Result<Html<String>, PageError> {
    Ok(Html(page.render()?))
}

async fn ready(axum::extract::State(app): axum::extract::State<Arc<App>>) -> Result<&'static str, PageError> {
    app.store.now().await?;
    Ok("ready\n")
}
