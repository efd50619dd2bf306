//! The pages, one file each.

mod alerts;
mod audit;
mod inventory;
mod login;
mod properties;
mod property;
mod schedule;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::{get, post};

use crate::app::App;
use crate::error::PageError;
use crate::guard::guard;
use crate::{assets, live};

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
        .route("/properties/{id}/{kind}", get(inventory::show))
        .route("/audits/{id}", get(audit::show))
        .route("/audits/{id}/live", get(live::stream))
        .route("/audits/{id}/stop", post(audit::stop))
        .route("/audits/{id}/report", get(audit::report))
        .route("/audits/{id}/report.json", get(audit::json))
        .route("/alerts", get(alerts::list))
        .route("/channels", post(alerts::add))
        .route("/channels/{id}/remove", post(alerts::remove))
        .route("/login", get(login::form).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/first/{token}", get(login::first).post(login::found))
        .route("/style.css", get(assets::style))
        .route("/htmx.js", get(assets::htmx))
        .route("/sse.js", get(assets::sse))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(async || PageError::not_found("such page"))
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

fn html(page: &impl Template) -> Result<Html<String>, PageError> {
    Ok(Html(page.render()?))
}

async fn ready(axum::extract::State(app): axum::extract::State<Arc<App>>) -> Result<&'static str, PageError> {
    app.store.now().await?;
    Ok("ready\n")
}
