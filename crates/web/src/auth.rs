//! Who may look: the first administrator's link, passwords, the cookie of a browser that has logged in, and the token that its
//! forms must carry.

use std::sync::Arc;
use std::time::Duration;

use affiant_store::{Account, Login};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::app::{App, random};
use crate::error::PageError;

/// How long a browser stays logged in.
const LASTS: Duration = Duration::from_secs(12 * 3600);
/// Passwords that are looked at side by side: each takes 19 MB and a while, on purpose.
static LOOKING: Semaphore = Semaphore::const_new(2);
/// The shortest password.
pub(crate) const LEAST: usize = 12;

/// Somebody who has logged in.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) csrf: String,
}

impl FromRequestParts<Arc<App>> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<User, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let login = match jar.get(cookie_name(app)) {
            Some(cookie) => app
                .store
                .login(&digest(cookie.value()))
                .await
                .map_err(|e| PageError::from(e).into_response())?,
            None => None,
        };
        match login {
            Some(Login { account, csrf }) => Ok(User { name: account, csrf }),
            None => Err(Redirect::to("/login").into_response()),
        }
    }
}

/// A form that a logged-in browser sent from one of our own pages.
#[derive(Debug)]
pub(crate) struct Posted<T> {
    pub(crate) form: T,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Posted<T>, Response> {
        let (mut parts, body) = request.into_parts();
        let user = User::from_request_parts(&mut parts, app).await?;
        let headers = parts.headers.clone();
        let bytes = Bytes::from_request(Request::from_parts(parts, body), app)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let sent = url::form_urlencoded::parse(&bytes).find(|(name, _)| name == "csrf").map(|(_, v)| v);
        if !is_own(&headers) || !sent.is_some_and(|t| same(&t, &user.csrf)) {
            return Err(PageError::refused(
                "This form did not come from a page of this server, or is too old.",
            )
            .into_response());
        }
        read(&bytes).map(|form| Posted { form }).map_err(axum::response::IntoResponse::into_response)
    }
}

/// What a form says.
pub(crate) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, PageError> {
    serde_urlencoded::from_bytes(bytes)
        .map_err(|e| PageError::wrong(format!("The form cannot be read: {e}.")))
}

/// Whether a form was sent from a page of this host: browsers say so.
pub(crate) fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host))
        }
        // No browser: it has no cookie that was not meant for us.
        (None, _) => true,
        _ => false,
    }
}

/// In the same time whatever differs.
fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

/// What the store keeps of a secret.
pub(crate) fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret))
}

fn cookie_name(app: &App) -> &'static str {
    if app.settings.https { "__Host-affiant" } else { "affiant" }
}

/// Logs a browser in.
pub(crate) async fn let_in(app: &App, jar: CookieJar, name: &str) -> Result<CookieJar, PageError> {
    let secret = random();
    let login = Login { account: name.to_owned(), csrf: random() };
    let lasts = i64::try_from(LASTS.as_millis()).unwrap_or(i64::MAX);
    app.store.add_login(&digest(&secret), &login, lasts).await?;
    Ok(jar.add(
        Cookie::build((cookie_name(app), secret))
            .path("/")
            .http_only(true)
            .secure(app.settings.https)
            .same_site(SameSite::Lax),
    ))
}

/// Logs a browser out.
pub(crate) async fn let_out(app: &App, jar: CookieJar) -> Result<CookieJar, PageError> {
    if let Some(cookie) = jar.get(cookie_name(app)) {
        app.store.remove_login(&digest(cookie.value())).await?;
    }
    Ok(jar.remove(Cookie::build(cookie_name(app)).path("/")))
}

/// Makes an account.
pub(crate) async fn make(app: &App, name: &str, password: String) -> Result<(), PageError> {
    let name = name.trim();
    if name.is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
        return Err(PageError::wrong("A name of up to 100 characters is needed."));
    }
    if password.chars().count() < LEAST {
        return Err(PageError::wrong(format!("A password of at least {LEAST} characters is needed.")));
    }
    let hashed =
        beside(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?;
    let password = hashed.map_err(|_| {
        PageError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The password could not be kept.",
            "This is a fault of affiant.",
        )
    })?;
    if !app.store.add_account(&Account { name: name.to_owned(), password }).await? {
        return Err(PageError::wrong("There is an account of that name already."));
    }
    Ok(())
}

/// Whether this is the password of that account. It takes as long where there is none.
pub(crate) async fn is_password(app: &App, name: &str, password: String) -> Result<bool, PageError> {
    /// Of no password at all.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$cGFzc3dvcmRwYXNzd29yZHBhc3N3b3JkcGFzc3dvcmQ";
    let account = app.store.account(name.trim()).await?;
    let kept = account.map_or_else(|| NOBODY.to_owned(), |a| a.password);
    let fits = beside(move || {
        PasswordHash::new(&kept)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(fits)
}

async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PageError> {
    let _turn = LOOKING.acquire().await;
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        PageError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The password could not be looked at.",
            "Try again.",
        )
    })
}
