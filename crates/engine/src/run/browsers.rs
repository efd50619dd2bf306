//! The browsers that the sessions share: one at a time, another once it has served enough or went away.
//!
//! A session is one browser profile and stays where it began. A worn browser gets no new session and ends with its
//! last one; meanwhile its successor serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use affiant_gather::{Browser, BrowserOptions, GatherError};
use tokio::sync::Mutex;

use super::capacity::Worn;
use super::memory;

/// Failures in a row after which no other is started: a browser that keeps dying will not get better.
const FAILURES: u32 = 4;

/// The browsers of an audit.
pub(crate) struct Browsers {
    options: BrowserOptions,
    worn: Worn,
    pool: Mutex<Pool>,
    failures: Arc<AtomicU32>,
}

#[derive(Default)]
struct Pool {
    serving: Option<Arc<Kept>>,
    /// Those that end with their last session.
    ending: Vec<Arc<Kept>>,
    started: u32,
}

struct Kept {
    browser: Browser,
    visits: AtomicU32,
}

/// A browser in use by one session. Given back with [`Browsers::give_back`].
pub(crate) struct Lease {
    kept: Arc<Kept>,
    failures: Arc<AtomicU32>,
}

impl Lease {
    pub(crate) fn browser(&self) -> &Browser {
        &self.kept.browser
    }

    /// Whether the browser went away.
    pub(crate) fn is_gone(&self) -> bool {
        self.kept.browser.is_gone()
    }

    /// Notes that a visit was made with it.
    pub(crate) fn served(&self) {
        self.kept.visits.fetch_add(1, Ordering::Relaxed);
        if !self.is_gone() {
            self.failures.store(0, Ordering::Relaxed);
        }
    }
}

impl Browsers {
    pub(crate) fn new(options: BrowserOptions, worn: Worn) -> Browsers {
        Browsers { options, worn, pool: Mutex::default(), failures: Arc::default() }
    }

    /// A living browser for a new session.
    pub(crate) async fn lease(&self) -> Result<Lease, GatherError> {
        let mut pool = self.pool.lock().await;
        if let Some(kept) = pool.serving.take() {
            if kept.browser.is_gone() {
                self.failures.fetch_add(1, Ordering::Relaxed);
                pool.ending.push(kept);
            } else if self.is_worn(&kept) {
                tracing::debug!(
                    visits = kept.visits.load(Ordering::Relaxed),
                    "the browser has served enough"
                );
                pool.ending.push(kept);
            } else {
                pool.serving = Some(kept);
            }
        }
        close_unused(&mut pool).await;
        let kept = match &pool.serving {
            Some(kept) => Arc::clone(kept),
            None => {
                if self.failures.load(Ordering::Relaxed) >= FAILURES {
                    let doing = format!("auditing ({FAILURES} times in a row)");
                    return Err(GatherError::BrowserGone { doing });
                }
                let launched = Browser::launch(&self.options).await;
                let browser = launched.inspect_err(|_| {
                    self.failures.fetch_add(1, Ordering::Relaxed);
                })?;
                pool.started += 1;
                let kept = Arc::new(Kept { browser, visits: AtomicU32::new(0) });
                pool.serving = Some(Arc::clone(&kept));
                kept
            }
        };
        Ok(Lease { kept, failures: Arc::clone(&self.failures) })
    }

    /// Takes a browser back from a session that has ended; ends it if it was the last of a worn one.
    pub(crate) async fn give_back(&self, lease: Lease) {
        drop(lease);
        close_unused(&mut *self.pool.lock().await).await;
    }

    /// Ends them all. Tells how many were started.
    pub(crate) async fn close(self) -> u32 {
        let mut pool = self.pool.into_inner();
        let serving = pool.serving.take();
        pool.ending.extend(serving);
        close_unused(&mut pool).await;
        pool.started
    }

    fn is_worn(&self, kept: &Kept) -> bool {
        kept.visits.load(Ordering::Relaxed) >= self.worn.visits
            || kept.browser.pid().and_then(memory::tree_mb).is_some_and(|mb| mb > self.worn.memory_mb)
    }
}

async fn close_unused(pool: &mut Pool) {
    let all = std::mem::take(&mut pool.ending);
    for kept in all {
        match Arc::try_unwrap(kept) {
            Ok(kept) => kept.browser.close().await,
            Err(kept) => pool.ending.push(kept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_gather::find::{FoundBrowser, find};
    use affiant_gather::{Dns, Which};
    use affiant_record::header::Vantage;

    fn options(browser: FoundBrowser) -> BrowserOptions {
        BrowserOptions {
            browser: Which::Program(browser),
            vantage: Vantage::default(),
            proxy: None,
            dns: Dns::Off,
            guard: None,
        }
    }

    fn real() -> BrowserOptions {
        options(find(None).unwrap())
    }

    fn runs(pid: u32) -> bool {
        memory::tree_mb(pid).is_some()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worn_browser_gets_no_new_session_and_ends_with_its_last_one() {
        let browsers = Browsers::new(real(), Worn { visits: 2, memory_mb: u64::MAX });
        let first = browsers.lease().await.unwrap();
        let pid = first.browser().pid().unwrap();
        first.served();
        let beside = browsers.lease().await.unwrap();
        assert_eq!(beside.browser().pid(), Some(pid), "one browser serves until it is worn");
        beside.served();
        let next = browsers.lease().await.unwrap();
        let other = next.browser().pid().unwrap();
        assert_ne!(other, pid, "two visits were enough");
        browsers.give_back(first).await;
        assert!(runs(pid), "a session still lives in it");
        browsers.give_back(beside).await;
        assert!(!runs(pid), "it ended with its last session");
        assert!(runs(other));
        browsers.give_back(next).await;
        assert_eq!(browsers.close().await, 2);
        assert!(!runs(other));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_browser_that_has_grown_is_replaced_between_sessions() {
        let browsers = Browsers::new(real(), Worn { visits: u32::MAX, memory_mb: 1 });
        let first = browsers.lease().await.unwrap();
        let pid = first.browser().pid().unwrap();
        browsers.give_back(first).await;
        assert!(runs(pid), "nobody waits for it: it may stay");
        let next = browsers.lease().await.unwrap();
        assert!(!runs(pid));
        browsers.give_back(next).await;
        assert_eq!(browsers.close().await, 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn browsers_that_do_not_start_are_given_up_after_some() {
        let browsers = Browsers::new(
            options(FoundBrowser { path: "/bin/false".into() }),
            Worn { visits: 1, memory_mb: 1 },
        );
        for _ in 0..FAILURES {
            let e = browsers.lease().await.err().unwrap();
            assert!(!e.to_string().contains("in a row"), "{e}");
        }
        let e = browsers.lease().await.err().unwrap();
        assert!(e.to_string().contains("in a row"), "{e}");
        assert_eq!(browsers.close().await, 0);
    }
}
