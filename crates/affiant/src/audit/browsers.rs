//! The browser that the sessions share: started when first needed, again when it went away.

use std::sync::Arc;

use affiant_gather::{Browser, BrowserOptions, GatherError};
use tokio::sync::Mutex;

/// Starts at most: a browser that keeps dying will not get better.
const STARTS: u32 = 4;

/// The shared browser.
pub(crate) struct Browsers {
    options: BrowserOptions,
    now: Mutex<(Option<Arc<Browser>>, u32)>,
}

impl Browsers {
    pub(crate) fn new(options: BrowserOptions) -> Browsers {
        Browsers { options, now: Mutex::new((None, 0)) }
    }

    /// The living browser.
    pub(crate) async fn get(&self) -> Result<Arc<Browser>, GatherError> {
        let mut now = self.now.lock().await;
        if let Some(b) = &now.0
            && !b.is_gone()
        {
            return Ok(Arc::clone(b));
        }
        if now.1 >= STARTS {
            return Err(GatherError::BrowserGone { doing: format!("auditing ({STARTS} times)") });
        }
        now.0 = None;
        now.1 += 1;
        let b = Arc::new(Browser::launch(&self.options).await?);
        now.0 = Some(Arc::clone(&b));
        Ok(b)
    }

    /// Ends it.
    pub(crate) async fn close(self) {
        if let Some(b) = self.now.into_inner().0
            && let Some(b) = Arc::into_inner(b)
        {
            b.close().await;
        }
    }
}
