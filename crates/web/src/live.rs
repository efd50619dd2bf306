//! How far an audit is, as it goes on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use affiant_record::Scenario;
use affiant_store::{FiledVisit, JobState};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;

use crate::app::App;
use crate::auth::User;
use crate::error::PageError;
use crate::text;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// How far an audit is.
#[derive(Template, PartialEq)]
#[template(path = "progress.html")]
pub(crate) struct Progress {
    pub(crate) over: bool,
    pub(crate) planned: usize,
    pub(crate) done: usize,
    pub(crate) rows: Vec<Row>,
    pub(crate) given_up: Vec<String>,
    pub(crate) at_work: usize,
    pub(crate) waiting: usize,
}

/// One scenario.
#[derive(PartialEq)]
pub(crate) struct Row {
    pub(crate) scenario: String,
    pub(crate) planned: usize,
    pub(crate) done: usize,
    pub(crate) failed: usize,
    pub(crate) last: String,
}

impl Progress {
    /// Of this audit now; none where workers do not make it.
    pub(crate) async fn of(app: &App, audit: &str) -> Result<Option<Progress>, PageError> {
        let jobs = app.jobs.list(Some(audit)).await?;
        if jobs.is_empty() {
            return Ok(None);
        }
        let visits = app.jobs.visits(audit).await?;
        let is = |state| jobs.iter().filter(move |j| j.state == state);
        Ok(Some(Progress {
            over: is(JobState::Ready).chain(is(JobState::Running)).next().is_none(),
            planned: visits.len(),
            done: visits.iter().filter(|v| v.outcome.is_some()).count(),
            rows: rows(&visits),
            given_up: is(JobState::Dead)
                .map(|j| format!("{}: {}", j.key, text::line(j.error.as_deref().unwrap_or_default(), 300)))
                .collect(),
            at_work: is(JobState::Running).count(),
            waiting: is(JobState::Ready).count(),
        }))
    }
}

/// In the order in which a visitor could live them, the controls last.
fn rows(visits: &[FiledVisit]) -> Vec<Row> {
    let mut visits: Vec<&FiledVisit> = visits.iter().collect();
    visits.sort_by_key(|v| (v.control, v.scenario.parse::<Scenario>().ok()));
    let mut out: Vec<Row> = Vec::new();
    for v in visits {
        let name = if v.control { format!("{} (control)", v.scenario) } else { v.scenario.clone() };
        let name = text::line(&name, 60);
        let at = out.iter().position(|r| r.scenario == name).unwrap_or_else(|| {
            out.push(Row { scenario: name, planned: 0, done: 0, failed: 0, last: String::new() });
            out.len() - 1
        });
        let Some(row) = out.get_mut(at) else { continue };
        row.planned += 1;
        if v.outcome.is_some() {
            row.done += 1;
            row.failed += usize::from(!v.complete);
            row.last = text::line(&v.page, 120);
        }
    }
    out
}

/// A stream that tells each change, until the audit is over.
pub(crate) async fn stream(
    _: User,
    State(app): State<Arc<App>>,
    Path(audit): Path<String>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told: Option<Progress> = None;
    let all =
        futures_util::stream::unfold((app, audit, told, false), |(app, audit, told, ended)| async move {
            if ended {
                return None;
            }
            loop {
                if let Ok(Some(now)) = Progress::of(&app, &audit).await
                    && told.as_ref() != Some(&now)
                {
                    let html = now.render().unwrap_or_default();
                    let event = Event::default().event("progress").data(html);
                    let over = now.over;
                    return Some((Ok(event), (app, audit, Some(now), over)));
                }
                tokio::select! {
                    () = app.stop.stopped() => return None,
                    () = tokio::time::sleep(EVERY) => {}
                }
            }
        });
    Sse::new(all).keep_alive(KeepAlive::default())
}
