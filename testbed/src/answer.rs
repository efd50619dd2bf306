//! From a request to its answer: log it, find the site or vendor by host, find the route or file by path.

use crate::files;
use crate::fill;
use crate::log::{Log, LogEntry, LogKind};
use crate::route::Route;
use crate::site::Site;
use crate::socket::{self, Reply};
use crate::trouble;
use crate::vendor::Vendor;
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::request::Parts;
use axum::http::response::Builder;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use futures_util::stream;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// The longest request body that is read.
const BODY_LIMIT: usize = 64 << 20;

/// The connection is to be cut.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(crate) struct Aborted;

/// Everything that answering needs.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) sites: Vec<Site>,
    pub(crate) vendors: Vec<Vendor>,
    pub(crate) log: Arc<Log>,
}

/// Answers one request.
pub(crate) async fn answer(
    world: Arc<World>,
    scheme: &'static str,
    request: Request<Incoming>,
) -> Result<Response<Body>, Aborted> {
    let (mut parts, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), BODY_LIMIT).await.unwrap_or_default();
    let entry = entry(scheme, &parts, &body);
    let seq = world.log.push(entry.clone());
    let origin = parts.headers.get(header::ORIGIN).cloned();
    let (mut answer, cors) = choose(&world, &mut parts, &entry).await?;
    let headers = answer.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(origin) = origin.filter(|_| cors) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    world.log.answered(seq, answer.status().as_u16());
    Ok(answer)
}

fn entry(scheme: &'static str, parts: &Parts, body: &Bytes) -> LogEntry {
    let authority = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    let host = authority
        .or_else(|| Some(parts.headers.get(header::HOST)?.to_str().ok()?.to_owned()))
        .unwrap_or_default()
        .to_lowercase();
    let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host).to_owned();
    LogEntry {
        seq: 0,
        at_ms: 0,
        scheme,
        method: parts.method.to_string(),
        host,
        path_and_query: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: body.to_vec(),
        kind: LogKind::Request,
        status: 0,
    }
}

/// The answer, and whether CORS is granted with it.
async fn choose(
    world: &World,
    parts: &mut Parts,
    entry: &LogEntry,
) -> Result<(Response<Body>, bool), Aborted> {
    let (path, query) = entry.path_and_query.split_once('?').unwrap_or((&entry.path_and_query, ""));
    let site = world.sites.iter().find(|site| site.folders.contains_key(&entry.host));
    let routes: &[Route] = match site {
        Some(site) => &site.routes,
        None => world
            .vendors
            .iter()
            .find(|vendor| vendor.has_host(&entry.host))
            .map_or(&[], |vendor| &vendor.routes),
    };
    if let Some(method) = parts.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)
        && entry.method == "OPTIONS"
    {
        let asked = method.to_str().unwrap_or_default();
        let cors =
            routes.iter().find(|route| route.takes(&entry.host, asked, path, query)).is_none_or(|r| r.cors);
        return Ok((preflight(parts), cors));
    }
    if let Some(route) = routes.iter().find(|route| route.takes(&entry.host, &entry.method, path, query)) {
        return Ok((routed(world, route, parts, entry, path, query).await?, route.cors));
    }
    let page = site.and_then(|site| files::site_page(&site.id, site.folders.get(&entry.host)?, path));
    let answer = match page {
        Some((name, bytes)) => plain(StatusCode::OK, files::content_type(name), bytes.into()),
        None => plain(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "not in the testbed\n".into()),
    };
    Ok((answer, true))
}

fn plain(status: StatusCode, content_type: &'static str, bytes: Body) -> Response<Body> {
    let mut answer = Response::new(bytes);
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

fn preflight(parts: &Parts) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    if let Some(method) = parts.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    }
    if let Some(names) = parts.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    answer
}

async fn routed(
    world: &World,
    route: &Route,
    parts: &mut Parts,
    entry: &LogEntry,
    path: &str,
    query: &str,
) -> Result<Response<Body>, Aborted> {
    if route.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(route.delay_ms)).await;
    }
    let reply = match &route.socket_reply {
        Some(text) => Some(Reply::Canned(text.clone())),
        None => route.socket_echo.then_some(Reply::Echo),
    };
    if let Some(reply) = reply
        && let Ok(upgrade) = WebSocketUpgrade::from_request_parts(parts, &()).await
    {
        let opened = LogEntry { scheme: if entry.scheme == "https" { "wss" } else { "ws" }, ..entry.clone() };
        let log = Arc::clone(&world.log);
        return Ok(upgrade.on_upgrade(move |socket| socket::live(socket, log, opened, reply)));
    }
    let name = route.file.as_deref().unwrap_or(path);
    let content_type = route.content_type.as_deref().unwrap_or_else(|| files::content_type(name));
    if let Some(trouble) = route.trouble {
        return trouble::make(trouble, path, query, content_type).await;
    }
    let has = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if let Some(etag) = &route.etag
        && has == Some(etag)
    {
        let answer = with_headers(Response::builder().status(StatusCode::NOT_MODIFIED), route);
        return answer.body(Body::empty()).map_err(|_| Aborted);
    }
    let mut length = None;
    let body = match &route.file {
        None if route.echo => Body::from(format!(
            "{{\"method\":\"{}\",\"length\":{},\"type\":{:?}}}",
            entry.method,
            entry.body.len(),
            parts.headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("")),
        )),
        None if !route.parts.is_empty() => in_parts(route),
        None if let Some([width, height]) = route.picture => Body::from(fill::picture(width, height)),
        None if let Some(bytes) = route.bytes => {
            let (body, bytes) = fill::body(&route.body, bytes, content_type);
            length = Some(bytes);
            body
        }
        Some(file) => match files::read(file) {
            Some(bytes) => Body::from(Bytes::from(bytes.into_owned())),
            None => {
                tracing::warn!(file, "a file that the testbed should serve is missing");
                return Ok(plain(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "not bundled\n".into()));
            }
        },
        None => Body::from(route.body.clone()),
    };
    let status = route.status.unwrap_or(if route.redirect.is_some() { 302 } else { 200 });
    let mut answer = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    if let Some(to) = &route.redirect {
        answer = answer.header(header::LOCATION, to.replace("{query}", query));
    }
    if let Some(length) = length {
        answer = answer.header(header::CONTENT_LENGTH, length);
    }
    with_headers(answer, route).body(body).map_err(|_| Aborted)
}

fn with_headers(mut answer: Builder, route: &Route) -> Builder {
    for (name, value) in &route.headers {
        answer = answer.header(name, value);
    }
    if let Some(etag) = &route.etag {
        answer = answer.header(header::ETAG, etag);
    }
    for cookie in &route.cookies {
        answer = answer.header(header::SET_COOKIE, cookie);
    }
    answer
}

/// A body that comes piece by piece, and may never end.
fn in_parts(route: &Route) -> Body {
    let (pause, lasts) = (Duration::from_millis(route.pause_ms), route.lasts);
    let parts = route.parts.clone().into_iter();
    Body::from_stream(stream::unfold((parts, true), move |(mut parts, first)| async move {
        match parts.next() {
            Some(part) => {
                if !first {
                    tokio::time::sleep(pause).await;
                }
                Some((Ok::<_, Infallible>(part), (parts, false)))
            }
            None if lasts => std::future::pending().await,
            None => None,
        }
    }))
}
