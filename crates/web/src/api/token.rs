//! Tokens: what a program proves itself with.

use std::sync::Arc;

use affiant_store::{May, Token};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};

use super::Problem;
use crate::app::{App, random};
use crate::auth::digest;

/// What every token begins with, so that whoever finds one knows what it is.
const PREFIX: &str = "affiant_";

/// A program that may do what it asks for.
pub(crate) struct Program;

impl FromRequestParts<Arc<App>> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Program, Problem> {
        let said = parts.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let token =
            said.and_then(|s| s.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "A token is needed: make one at /tokens and send it as 'Authorization: Bearer …'.",
            ));
        };
        let Some(token) = app.store.use_token(&digest(token.trim())).await? else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "There is no such token, or it was taken away.",
            ));
        };
        let looks = matches!(parts.method, Method::GET | Method::HEAD);
        if !looks && token.may != May::Write {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "This token may only read: make one that may start audits and change things.",
            ));
        }
        Ok(Program)
    }
}

/// Makes a token: what the store keeps, and what the program says. It cannot be read again.
pub(crate) async fn new(
    app: &App,
    name: &str,
    may: May,
    account: &str,
) -> Result<String, affiant_store::StoreError> {
    let secret = format!("{PREFIX}{}", random());
    let id = random().chars().take(12).collect();
    let token = Token { id, name: name.to_owned(), may, account: account.to_owned(), created: 0, used: None };
    app.store.add_token(&token, &digest(&secret)).await?;
    Ok(secret)
}
