//! Numbers for whoever watches the server, as Prometheus reads them. Whoever asks proves itself with a token: sites' names are not in
//! them, but how many audits there are is nobody else's business.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::api::Program;
use crate::app::App;
use crate::error::PageError;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: String,
    /// The route, not the address: an address names a property.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabels {
    kind: String,
    state: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabel {
    state: String,
}

/// What is counted as the server goes on.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Family<Asked, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
}

impl Metrics {
    /// None yet.
    pub(crate) fn new() -> Metrics {
        let seconds: fn() -> Histogram = || Histogram::new([0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0]);
        Metrics { requests: Family::default(), seconds: Family::new_with_constructor(seconds) }
    }
}

/// Counts what is asked.
pub(crate) async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    app.metrics.requests.get_or_create(&Asked { method, route: route.clone(), status }).inc();
    app.metrics.seconds.get_or_create(&Route { route }).observe(began.elapsed().as_secs_f64());
    response
}

/// Tells them.
pub(crate) async fn show(_: Program, State(app): State<Arc<App>>) -> Result<Response, PageError> {
    let now = app.store.gauges().await?;
    let mut registry = Registry::with_prefix("affiant");
    registry.register("build", "This program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    registry.register("http_requests", "Requests that were answered", app.metrics.requests.clone());
    registry.register_with_unit(
        "http_request_duration",
        "Time until an answer began",
        Unit::Seconds,
        app.metrics.seconds.clone(),
    );
    let jobs = Family::<JobLabels, Gauge>::default();
    for (kind, state, n) in now.jobs {
        jobs.get_or_create(&JobLabels { kind, state }).set(n);
    }
    registry.register("jobs", "Jobs in the store, by what they do and where they stand", jobs);
    let audits = Family::<StateLabel, Gauge>::default();
    for (state, n) in now.audits {
        audits.get_or_create(&StateLabel { state }).set(n);
    }
    registry.register("audits", "Audits in the store, by how they ended", audits);
    let mut gauge = |name: &str, help: &str, unit: Option<Unit>, value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        match unit {
            Some(unit) => registry.register_with_unit(name, help, unit, gauge),
            None => registry.register(name, help, gauge),
        }
    };
    gauge("properties", "Properties that are watched", None, now.properties);
    gauge(
        "oldest_waiting_job",
        "Age of the job that has waited longest; 0 where none waits",
        Some(Unit::Seconds),
        now.oldest_waiting_ms / 1_000,
    );
    gauge(
        "schedule_overdue",
        "By how much the schedule that is latest is overdue; 0 where none is",
        Some(Unit::Seconds),
        now.overdue_ms / 1_000,
    );
    let mut text = String::new();
    if encode(&mut text, &registry).is_err() {
        return Err(PageError::new(
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            "The numbers could not be written.",
            "This is a fault of affiant.",
        ));
    }
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}
