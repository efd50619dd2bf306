//! The shares that wait to be done.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use affiant_plan::Share;

use crate::EngineError;

/// Gives out shares, and takes back what a session left undone.
pub trait Queue: Send + Sync + 'static {
    /// The next share; none where none waits.
    fn next(&self) -> impl Future<Output = Result<Option<Share>, EngineError>> + Send;

    /// Puts a share back, to be done next.
    fn put_back(&self, share: Share) -> impl Future<Output = Result<(), EngineError>> + Send;
}

/// In this process, for one audit.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<VecDeque<Share>>);

impl InMemory {
    /// Adds shares behind those that wait.
    pub fn add(&self, shares: impl IntoIterator<Item = Share>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(shares);
    }
}

impl Queue for InMemory {
    async fn next(&self) -> Result<Option<Share>, EngineError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front())
    }

    async fn put_back(&self, share: Share) -> Result<(), EngineError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_front(share);
        Ok(())
    }
}
