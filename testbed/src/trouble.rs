//! The ways to misbehave that a table of routes cannot express.

use crate::answer::Aborted;
use crate::route::Trouble;
use axum::body::Body;
use axum::http::{Response, header};
use futures_util::stream;
use std::convert::Infallible;
use std::time::Duration;

/// What an endless body repeats: valid in HTML and in JavaScript.
const AGAIN: &str = "/* and on it goes */\n";

/// Misbehaves.
pub(crate) async fn make(
    trouble: Trouble,
    path: &str,
    query: &str,
    content_type: &str,
) -> Result<Response<Body>, Aborted> {
    let answer = Response::builder().header(header::CONTENT_TYPE, content_type);
    let answer = match trouble {
        Trouble::Hang => std::future::pending().await,
        Trouble::Abort => return Err(Aborted),
        Trouble::Endless => answer.body(Body::from_stream(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(250)).await;
            Some((Ok::<_, Infallible>(AGAIN), ()))
        }))),
        Trouble::Truncate => {
            let parts = stream::unfold(0, |part| async move {
                match part {
                    0 => Some((Ok(AGAIN), 1)),
                    1 => {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        Some((Err(Aborted), 2))
                    }
                    _ => None,
                }
            });
            answer.header(header::CONTENT_LENGTH, "100000").body(Body::from_stream(parts))
        }
        Trouble::RedirectLoop => {
            let turn: u64 = query.strip_prefix("turn=").and_then(|turn| turn.parse().ok()).unwrap_or(0);
            answer
                .status(302)
                .header(header::LOCATION, format!("{path}?turn={}", turn.wrapping_add(1)))
                .body(Body::empty())
        }
    };
    answer.map_err(|_| Aborted)
}
