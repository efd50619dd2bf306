//! Alerts: what was told.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::time::time;
use super::{Problem, Program};
use crate::app::App;

/// Something that was told.
#[derive(Serialize, ToSchema)]
pub(super) struct Alert {
    /// The property.
    property: String,
    /// The audit that showed it; none where it is of none.
    audit: Option<String>,
    /// `new-vendor`, `new-tag`, `new-cookie`, `new-host`, `new-finding` …
    kind: String,
    /// One observed sentence.
    title: String,
    /// When it was found.
    created: String,
}

/// Which.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Of this property only.
    property: Option<String>,
    /// So many at most, of the latest: 100 unless told otherwise, and 1,000 at most.
    most: Option<u32>,
}

/// The latest alerts, the latest first
#[utoipa::path(get, path = "/alerts", tag = "alerts", security(("token" = [])), params(Which),
    responses((status = OK, body = [Alert]), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn list(
    _: Program,
    State(app): State<Arc<App>>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<Alert>>, Problem> {
    let Query(Which { property, most }) = which.map_err(|e| Problem::wrong(format!("{e}.")))?;
    let all = app.store.alerts(property.as_deref(), most.unwrap_or(100).min(1_000)).await?;
    let all = all.into_iter().map(|a| Alert {
        property: a.property,
        audit: Some(a.audit).filter(|a| !a.is_empty()),
        kind: a.kind,
        title: a.title,
        created: time(a.created),
    });
    Ok(Json(all.collect()))
}
