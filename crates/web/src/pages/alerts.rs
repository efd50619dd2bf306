//! What was told, to whom, and what could not be delivered.

use std::collections::BTreeMap;
use std::sync::Arc;

use affiant_engine::{ChannelKind, channel};
use affiant_store::{Job, JobState};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::html;
use super::login::Nothing;
use super::property::named;
use crate::app::App;
use crate::auth::{Posted, User};
use crate::error::PageError;
use crate::text::{self, line};

/// The latest that are shown.
const MOST: u32 = 200;
/// The latest messages that are shown.
const MESSAGES: u32 = 50;

#[derive(Template)]
#[template(path = "alerts.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    rows: Vec<Row>,
    channels: Vec<Channel>,
    properties: Vec<(String, String)>,
    messages: Vec<Message>,
}

struct Row {
    when: String,
    property: String,
    /// Where it leads: to the finding, else to the audit; empty where it is of none.
    to: String,
    title: String,
}

struct Channel {
    id: String,
    kind: String,
    target: String,
    property: Option<String>,
}

struct Message {
    when: String,
    key: String,
    stands: &'static str,
    attempts: i64,
    error: String,
}

/// Lists the latest.
pub(crate) async fn list(user: User, State(app): State<Arc<App>>) -> Result<impl IntoResponse, PageError> {
    let all = app.store.alerts(None, MOST).await?;
    let rows = all.into_iter().map(|a| Row {
        when: text::time(a.created),
        property: a.property,
        to: match (a.audit.as_str(), a.kind.as_str()) {
            ("", _) => String::new(),
            (audit, "new-finding") if a.key.len() >= 16 && a.key.bytes().all(|b| b.is_ascii_hexdigit()) => {
                format!("/audits/{audit}/findings/{}", a.key)
            }
            (audit, _) => format!("/audits/{audit}"),
        },
        title: line(&a.title, 400),
    });
    let channels = app.store.channels().await?.into_iter().map(|c| Channel {
        id: c.id,
        kind: c.kind,
        target: line(&c.target, 200),
        property: c.property,
    });
    let properties = app.store.properties().await?.into_iter().map(|p| (p.id, line(&p.name, 100)));
    let messages = app.jobs.latest(affiant_engine::jobs::DELIVER, MESSAGES).await?;
    html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        rows: rows.collect(),
        channels: channels.collect(),
        properties: properties.collect(),
        messages: messages.iter().map(message).collect(),
    })
}

fn message(job: &Job) -> Message {
    Message {
        when: text::time(job.created),
        key: line(&job.key, 200),
        stands: match job.state {
            JobState::Ready if job.attempts > 0 => "is tried again",
            JobState::Ready => "waits",
            JobState::Running => "is being sent",
            JobState::Done => "delivered",
            JobState::Dead => "given up",
            JobState::Cancelled => "stopped",
        },
        attempts: job.attempts,
        error: line(job.error.as_deref().unwrap_or_default(), 300),
    }
}

#[derive(Template)]
#[template(path = "secret.html")]
struct Secret {
    user: Option<String>,
    csrf: String,
    target: String,
    secret: String,
}

/// Puts a channel in. A web hook's secret is shown, once.
pub(crate) async fn add(
    user: User,
    State(app): State<Arc<App>>,
    Posted { form, .. }: Posted<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let said = |name: &str| form.get(name).map_or("", |text| text.trim());
    let kind = match said("kind") {
        "email" => ChannelKind::Email,
        "webhook" => ChannelKind::Webhook,
        "slack" => ChannelKind::Slack,
        _ => return Err(PageError::wrong("A channel is an e-mail, a web hook or Slack.")),
    };
    let property = Some(said("property").to_owned()).filter(|p| !p.is_empty());
    if let Some(id) = &property {
        named(&app, id).await?;
    }
    let made = channel(kind, said("target"), property, &app.settings.delivery)
        .map_err(|e| PageError::wrong(format!("{e}.")))?;
    app.store.add_channel(&made).await?;
    if made.secret.is_empty() {
        return Ok(Redirect::to("/alerts").into_response());
    }
    let target = line(&made.target, 200);
    Ok(html(&Secret { user: Some(user.name), csrf: user.csrf, target, secret: made.secret })?.into_response())
}

/// Takes a channel away.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    _: Posted<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    app.store.remove_channel(&id).await?;
    Ok(Redirect::to("/alerts"))
}
