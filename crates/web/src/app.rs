//! What every request needs.

use std::sync::Mutex;

use affiant_engine::jobs::Delivery;
use affiant_gather::Stop;
use affiant_store::{Jobs, Place, Store};
use data_encoding::HEXLOWER;

use crate::metrics::Metrics;

/// How the server is set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Hosts, with ports, that it answers for: as browsers name them.
    pub hosts: Vec<String>,
    /// Whether browsers reach it by https: then its cookies go no other way.
    pub https: bool,
    /// How messages are delivered: where new channels may lead.
    pub delivery: Delivery,
}

/// The server.
pub struct App {
    pub(crate) store: Store,
    pub(crate) place: Place,
    pub(crate) jobs: Jobs,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    /// Streams end when the server does.
    pub(crate) stop: Stop,
    /// What the first administrator's link ends with; none once there is one.
    first: Mutex<Option<String>>,
}

impl App {
    /// Over an open store.
    pub fn new(store: Store, place: Place, jobs: Jobs, settings: Settings, stop: Stop) -> App {
        App { store, place, jobs, settings, metrics: Metrics::new(), stop, first: Mutex::new(None) }
    }

    /// Where nobody has an account yet: the end of a link, good once, that makes the first one.
    pub async fn first_link(&self) -> Result<Option<String>, affiant_store::StoreError> {
        if self.store.has_accounts().await? {
            return Ok(None);
        }
        let token = random();
        *self.lock() = Some(token.clone());
        Ok(Some(format!("/first/{token}")))
    }

    /// Whether this is the first link's token.
    pub(crate) fn is_first(&self, token: &str) -> bool {
        self.lock().as_deref() == Some(token)
    }

    /// The link has been used.
    pub(crate) fn used(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.first.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// 256 bits that nobody guesses.
pub(crate) fn random() -> String {
    HEXLOWER.encode(&rand::random::<[u8; 32]>())
}
