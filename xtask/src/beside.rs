//! Two things side by side.

use anyhow::{Result, anyhow};

/// Does both, and waits for both.
pub(crate) fn both<A, B: Send>(
    here: impl FnOnce() -> Result<A>,
    there: impl FnOnce() -> Result<B> + Send,
) -> (Result<A>, Result<B>) {
    std::thread::scope(|scope| {
        let other = scope.spawn(there);
        let here = here();
        let there = other.join().unwrap_or_else(|_| Err(anyhow!("a thread ended without an answer")));
        (here, there)
    })
}
