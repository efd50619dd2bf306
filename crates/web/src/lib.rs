//! The server's face: pages for people, an API for programs. What it shows is asked of the store and read from audits' folders; what it starts is put
//! into the store, for workers.
//!
//! Everything works without scripts; htmx only makes it quicker. No page asks anything of a third party: the policy in every
//! answer forbids it. What pages of audited sites wrote is hostile here too: templates escape it, and `text` shows what hides.

mod api;
mod app;
mod assets;
mod auth;
mod error;
mod guard;
mod judged;
mod live;
mod metrics;
mod pages;
mod text;

pub use api::description;
pub use app::{App, Settings};

use std::sync::Arc;

use tokio::net::TcpListener;

/// Serves until it is stopped. Requests that are under way are answered.
pub async fn serve(app: Arc<App>, listener: TcpListener) -> std::io::Result<()> {
    let stop = app.stop.clone();
    let router = pages::router(app);
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.stopped().await }).await
}
