//! A database that is away for a while: what is to be said to it is said again until it hears.

use std::time::Duration;

use affiant_store::StoreError;
use backon::{ExponentialBuilder, Retryable as _};

/// How long in all. A worker goes on meanwhile; what it cannot say then is found on disk by whoever gets its job.
const PATIENCE: Duration = Duration::from_secs(600);
/// An answer that does not come within this is none: a connection may be dead and nobody says so.
const ANSWER: Duration = Duration::from_secs(60);

/// Says it, again and again where another try may do better.
pub(super) async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(
    say: impl FnMut() -> F,
) -> Result<T, StoreError> {
    let mut say = say;
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(250))
        .with_max_delay(Duration::from_secs(5))
        .with_total_delay(Some(PATIENCE))
        .without_max_times()
        .with_jitter();
    (|| {
        let said = say();
        async move { tokio::time::timeout(ANSWER, said).await.unwrap_or(Err(StoreError::Silent)) }
    })
    .retry(pauses)
    .when(StoreError::may_pass)
    .notify(|e, pause| tracing::warn!(error = %e, "the store does not answer; again in {pause:?}"))
    .await
}
