//! Channels: who is told.

use std::sync::Arc;

use affiant_engine::{ChannelKind, channel};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::time::time;
use super::{Problem, Program};
use crate::app::App;
use crate::pages::property;

/// Who is told.
#[derive(Serialize, ToSchema)]
pub(super) struct Told {
    /// Its name.
    id: String,
    /// `email`, `webhook` or `slack`.
    kind: String,
    /// An e-mail's address, or a web hook's.
    target: String,
    /// Of this property only; none: of all.
    property: Option<String>,
    /// Since when; none where it was just put in.
    created: Option<String>,
    /// What a web hook's messages are signed with. It is told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// How somebody is told.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// By e-mail.
    Email,
    /// By a web hook, signed as the Standard Webhooks specification says.
    Webhook,
    /// By an incoming web hook of Slack's.
    Slack,
}

/// Somebody to tell.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTold {
    /// How.
    kind: Kind,
    /// An e-mail's address, or a web hook's.
    target: String,
    /// Of this property only; none: of all.
    property: Option<String>,
}

/// Who is told
#[utoipa::path(get, path = "/channels", tag = "alerts", security(("token" = [])),
    responses((status = OK, body = [Told]), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn list(_: Program, State(app): State<Arc<App>>) -> Result<Json<Vec<Told>>, Problem> {
    let all = app.store.channels().await?.into_iter().map(|c| Told {
        id: c.id,
        kind: c.kind,
        target: c.target,
        property: c.property,
        created: Some(time(c.created)),
        secret: None,
    });
    Ok(Json(all.collect()))
}

/// Tell somebody
#[utoipa::path(post, path = "/channels", tag = "alerts", security(("token" = [])), request_body = NewTold,
    responses((status = CREATED, body = Told), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn add(
    _: Program,
    State(app): State<Arc<App>>,
    Body(new): Body<NewTold>,
) -> Result<impl IntoResponse, Problem> {
    if let Some(id) = &new.property {
        property::named(&app, id).await?;
    }
    let kind = match new.kind {
        Kind::Email => ChannelKind::Email,
        Kind::Webhook => ChannelKind::Webhook,
        Kind::Slack => ChannelKind::Slack,
    };
    let made = channel(kind, &new.target, new.property, &app.settings.delivery)
        .map_err(|e| Problem::wrong(format!("{e}.")))?;
    app.store.add_channel(&made).await?;
    let told = Told {
        id: made.id,
        kind: made.kind,
        target: made.target,
        property: made.property,
        created: None,
        secret: Some(made.secret).filter(|s| !s.is_empty()),
    };
    Ok((StatusCode::CREATED, Json(told)))
}

/// Tell somebody no more
#[utoipa::path(delete, path = "/channels/{id}", tag = "alerts", security(("token" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(super) async fn remove(
    _: Program,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if app.store.remove_channel(&id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("channel of that name"))
    }
}
