//! What a program sends: JSON, every word of which is known.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::Problem;

/// JSON that was sent.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|e| {
            let status = e.status();
            Problem::new(status, "What was sent could not be read to its end, or is too long.")
        })?;
        serde_json::from_slice(&bytes).map(Body).map_err(|e| {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("What was sent cannot be read: {e}."))
        })
    }
}
