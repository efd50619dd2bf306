//! All properties: how each stands, what is new, what comes next.

use std::collections::BTreeMap;
use std::sync::Arc;

use affiant_engine::{AuditRequest, DEFAULT_PAGES, Forecast, NewProperty, add_property};
use affiant_record::Scenario;
use affiant_store::AuditState;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use super::html;
use crate::app::App;
use crate::auth::{Posted, User};
use crate::error::PageError;
use crate::text::{self, count, line};

#[derive(Template)]
#[template(path = "properties.html")]
struct List {
    user: Option<String>,
    csrf: String,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    site: String,
    state: &'static str,
    audit: Option<(String, String)>,
    found: Vec<(&'static str, i64)>,
    next: String,
}

/// How an audit stands, in words.
pub(crate) fn stands(state: AuditState) -> &'static str {
    match state {
        AuditState::Finished => "finished",
        AuditState::Stopped => "stopped on request",
        AuditState::Unfinished => "under way, or killed",
    }
}

/// Lists them.
pub(crate) async fn list(user: User, State(app): State<Arc<App>>) -> Result<impl IntoResponse, PageError> {
    let history = app.store.history(None).await?;
    let schedules = app.store.schedules().await?;
    let rows = app.store.properties().await?.into_iter().map(|p| {
        let last = history.iter().find(|a| a.property.as_deref() == Some(p.id.as_str()));
        let schedule = schedules.iter().find(|s| s.property == p.id && !s.paused);
        Row {
            state: last.map_or("not audited yet", |a| stands(a.state)),
            audit: last.map(|a| (a.id.clone(), text::time(a.started))),
            found: last.map(|a| a.by_severity().collect()).unwrap_or_default(),
            next: schedule.and_then(|s| s.next_at).map_or_else(|| "no schedule".to_owned(), text::time),
            id: p.id,
            name: line(&p.name, 100),
            site: line(&p.site, 100),
        }
    });
    let rows = rows.collect();
    html(&List { user: Some(user.name), csrf: user.csrf, rows })
}

#[derive(Template)]
#[template(path = "new.html")]
struct New {
    user: Option<String>,
    csrf: String,
    pages: u32,
    scenarios: Vec<(String, &'static str, bool)>,
}

/// The form of a new one.
pub(crate) async fn new(user: User) -> Result<impl IntoResponse, PageError> {
    let scenarios =
        Scenario::ALL.into_iter().map(|s| (s.to_string(), in_words(s), Scenario::DEFAULT.contains(&s)));
    html(&New {
        user: Some(user.name),
        csrf: user.csrf,
        pages: DEFAULT_PAGES,
        scenarios: scenarios.collect(),
    })
}

/// What a visitor does in it.
fn in_words(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::NoChoice => "looks around and decides nothing",
        Scenario::Ignore => "goes on as if there were no banner",
        Scenario::Dismiss => "closes the banner without a choice",
        Scenario::RejectAll => "rejects everything",
        Scenario::Custom(_) => "allows some purposes",
        Scenario::AcceptAll => "accepts everything",
        Scenario::Withdraw => "accepts, then opts out again",
        Scenario::Returning => "accepts, leaves, and comes back",
        _ => "",
    }
}

/// Puts one in.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    Posted { form, .. }: Posted<BTreeMap<String, String>>,
) -> Result<impl IntoResponse, PageError> {
    let said = |name: &str| form.get(name).map_or("", |text| text.trim());
    let mut request = AuditRequest::of(vec![said("url").to_owned()]);
    request.max_pages =
        said("pages").parse().map_err(|_| PageError::wrong("The number of pages is no number."))?;
    said("vantage").clone_into(&mut request.vantage);
    request.gpc = form.contains_key("gpc");
    request.scenarios =
        Scenario::ALL.into_iter().filter(|s| form.contains_key(&format!("scenario-{s}"))).collect();
    let new = NewProperty { name: Some(said("name").to_owned()), request, schedule: None };
    let property = add_property(&app.store, new).await?;
    Ok(Redirect::to(&format!("/properties/{}", property.id)))
}

/// How much an audit will be, in words.
pub(crate) fn in_advance(f: Forecast) -> String {
    let n = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let minutes = count(n(f.seconds.div_ceil(60)), "minute");
    let judged = match f.judged_by {
        0 => "a guess: nothing was audited here yet".to_owned(),
        by => format!(
            "judged by {}",
            if by == 1 { "1 earlier audit".to_owned() } else { format!("{by} earlier audits") }
        ),
    };
    format!(
        "up to {} in {}, about {minutes} ({judged})",
        count(n(f.visits), "visit"),
        count(n(f.sessions), "session")
    )
}
