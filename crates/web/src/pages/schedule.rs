//! When a property is audited.

use std::collections::BTreeMap;
use std::sync::Arc;

use affiant_engine::schedule::coming;
use affiant_engine::{NewSchedule, set_schedule};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use super::property::named;
use crate::app::App;
use crate::auth::Posted;
use crate::error::PageError;
use crate::text;

/// A schedule, for a property's page.
pub(crate) struct Shown {
    pub(crate) cron: String,
    pub(crate) zone: String,
    pub(crate) paused: bool,
    /// The next few times, UTC.
    pub(crate) coming: Vec<String>,
}

/// That of a property, if it has one.
pub(crate) async fn of(app: &App, property: &str) -> Result<Option<Shown>, PageError> {
    let Some(s) = app.store.schedule(property).await? else { return Ok(None) };
    let times = match s.next_at {
        Some(at) => coming(&s.cron, &s.zone, at - 1, 3).unwrap_or_default(),
        None => vec![],
    };
    Ok(Some(Shown {
        cron: text::line(&s.cron, 100),
        zone: text::line(&s.zone, 100),
        paused: s.paused,
        coming: times.into_iter().map(text::time).collect(),
    }))
}

/// Sets it; an empty line ends it.
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Posted { form, .. }: Posted<BTreeMap<String, String>>,
) -> Result<impl IntoResponse, PageError> {
    let said = |name: &str| form.get(name).map_or("", |text| text.trim()).to_owned();
    named(&app, &id).await?;
    let (cron, zone) = (said("cron"), said("zone"));
    if cron.is_empty() {
        app.store.remove_schedule(&id).await?;
    } else {
        let paused = form.contains_key("paused");
        set_schedule(&app.store, &id, NewSchedule { cron, zone, paused }).await?;
    }
    Ok(Redirect::to(&format!("/properties/{id}#schedule-h")))
}
