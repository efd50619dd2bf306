//! What differs between two audits of a property.

use std::sync::Arc;

use affiant_engine::EngineError;
use affiant_report::compare::{Comparison, Side, compare};
use affiant_report::html::parts;
use affiant_store::AuditState;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::{audit, html, property};
use crate::app::App;
use crate::auth::User;
use crate::error::PageError;
use crate::judged::{Opened, beside};
use crate::text::{self, line};

#[derive(Template)]
#[template(path = "compare_audits.html")]
struct Page {
    user: Option<String>,
    csrf: String,
    id: String,
    name: String,
    audits: Vec<Choice>,
    signs: String,
    difference: Option<String>,
}

struct Choice {
    id: String,
    shown: String,
    is_first: bool,
    is_second: bool,
}

/// Which two; the last two where it is not said.
#[derive(Deserialize)]
pub(crate) struct Which {
    first: Option<String>,
    second: Option<String>,
}

/// Shows it.
pub(crate) async fn show(
    user: User,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(Which { first, second }): Query<Which>,
) -> Result<impl IntoResponse, PageError> {
    let property = property::named(&app, &id).await?;
    let mut history = app.store.history(Some(&property.site)).await?;
    history.retain(|a| a.property.as_deref() == Some(id.as_str()) && a.state != AuditState::Unfinished);
    let nth = |n: usize| history.get(n).map(|a| a.id.clone());
    let (first, second) = (first.or_else(|| nth(1)), second.or_else(|| nth(0)));
    let difference = match (&first, &second) {
        (Some(a), Some(b)) => {
            Some(difference(&app, a, b, |c| parts::difference(c).map_err(super::unwritten)).await?)
        }
        _ => None,
    };
    let choice = |a: &affiant_store::AuditRow| Choice {
        id: a.id.clone(),
        shown: format!("{} UTC, {}", text::time(a.started), line(&a.vantage, 80)),
        is_first: first.as_ref() == Some(&a.id),
        is_second: second.as_ref() == Some(&a.id),
    };
    html(&Page {
        user: Some(user.name),
        csrf: user.csrf,
        name: line(&property.name, 100),
        audits: history.iter().map(choice).collect(),
        signs: parts::signs().map_err(super::unwritten)?,
        difference,
        id,
    })
}

/// What differs between two audits that the store names, in some form.
pub(crate) async fn difference<T: Send + 'static>(
    app: &App,
    first: &str,
    second: &str,
    form: impl FnOnce(&Comparison) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, PageError> {
    let mut dirs = Vec::new();
    for id in [first, second] {
        audit::judged(app, id).await?;
        dirs.push(app.place.audit(id));
    }
    let difference = beside(move || {
        let [first, second] = dirs.as_slice() else {
            return Err(EngineError::Fault("two audits are compared"));
        };
        let (first, second) = (Opened::today(first)?, Opened::today(second)?);
        let (a, b) = (first.input(), second.input());
        form(&compare(Side { input: &a, scenario: None }, Side { input: &b, scenario: None }))
    });
    Ok(difference.await?)
}
