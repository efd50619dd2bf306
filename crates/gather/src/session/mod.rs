//! A session: one fresh browser profile that lives through one scenario, visit after visit.

pub(crate) mod attach;
mod back;
pub(crate) mod coverage;
pub(crate) mod isolated_world;
pub(crate) mod lost;
pub(crate) mod observer;
pub(crate) mod settle;
pub(crate) mod shared;
pub(crate) mod stop;
pub(crate) mod tab;
pub(crate) mod visit;

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::header::{Settings, Tool, Vantage};
use affiant_record::{BlobStore, Choice, Digest, Leg, Scenario};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::cdp::json::Read as _;
use crate::collectors::{calls, place};
use crate::consent::outcome::Carried;
use crate::recorder::Recorder;
use crate::{Browser, GatherError};
use shared::{Options, Shared};
use stop::Stop;

/// How a session is to be lived.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Its name, unique in the audit.
    pub session: String,
    /// What the visitor does about consent.
    pub scenario: Scenario,
    /// From where and as whom.
    pub vantage: Vantage,
    /// Bounds.
    pub settings: Settings,
    /// Digest of the audit's plan.
    pub plan: Digest,
    /// The program that gathers.
    pub tool: Tool,
    /// Where bytes go.
    pub blobs: BlobStore,
    /// Extra request headers, name and value.
    pub headers: Vec<(String, String)>,
    /// The origin that gets them, and no other: `https://www.example.com`.
    pub header_origin: String,
    /// Who is told how it goes.
    pub tell: Option<Tell>,
}

/// Somebody who is told how a session goes. Told from within the session: it must be quick.
#[derive(Clone)]
pub struct Tell(Arc<dyn Fn(Progress) + Send + Sync>);

impl Tell {
    /// This one.
    pub fn new(tell: impl Fn(Progress) + Send + Sync + 'static) -> Tell {
        Tell(Arc::new(tell))
    }
}

impl std::fmt::Debug for Tell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tell")
    }
}

/// How a session goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Progress {
    /// A visit began.
    VisitBegan {
        /// Address.
        url: String,
    },
    /// The visit is in another phase.
    Phase(String),
    /// Something to tell meanwhile.
    Step {
        /// What is being waited for or done.
        doing: &'static str,
        /// Requests seen so far in this visit.
        requests: u64,
    },
    /// A visit ended.
    VisitEnded {
        /// Address.
        url: String,
        /// How, in one word.
        outcome: &'static str,
        /// Why, if not well.
        reason: Option<String>,
        /// Requests seen.
        requests: u64,
        /// How long it took.
        took: Duration,
    },
}

/// A live session.
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: SessionOptions,
    pub(crate) stop: Stop,
    pub(crate) context: String,
    pub(crate) browser: affiant_record::header::Browser,
    pub(crate) names: Arc<crate::collectors::dns::Names>,
    /// The visitor's latest choice.
    pub(crate) chosen: Option<Choice>,
    /// Where the latest visit stood in the session.
    pub(crate) leg: Option<Leg>,
    /// The choice that the site stored in an earlier visit of the session.
    pub(crate) carried: Option<Carried>,
    /// Why the latest choice could not be made.
    pub(crate) why_no_choice: Option<String>,
    /// Fields that were typed into already.
    pub(crate) probed: std::collections::HashSet<String>,
    observer: JoinHandle<()>,
    flusher: JoinHandle<()>,
}

/// What was recorded is pushed to disk this often.
const FLUSH: Duration = Duration::from_millis(500);

impl Session {
    /// Opens a fresh profile with one empty tab.
    pub async fn open(
        browser: &Browser,
        options: SessionOptions,
        stop: Stop,
    ) -> Result<Session, GatherError> {
        let client = browser.client.clone();
        let mut fresh = json!({ "disposeOnDetach": true });
        if browser.is_remote()
            && let Some(proxy) = &browser.proxy
        {
            // It was started without one; a context may have its own.
            fresh["proxyServer"] = proxy.address().into();
            fresh["proxyBypassList"] = "<-loopback>".into();
        }
        let answer = client.call("", "Target.createBrowserContext", fresh).await?;
        let context = answer.text("browserContextId");
        if let Some(proxy) = &browser.proxy
            && let Err(e) = crate::browser::proxy::introduce(&client, &context, proxy).await
        {
            client.post("", "Target.disposeBrowserContext", json!({ "browserContextId": context }));
            return Err(e);
        }
        let events = client.subscribe(&context);
        let body_limit = usize::try_from(options.settings.body_limit).unwrap_or(usize::MAX);
        let recorder = Recorder::new(options.blobs.clone(), body_limit);
        let binding = format!("f{:x}", rand::random::<u64>());
        let shared = Shared::new(
            client.clone(),
            recorder,
            Options {
                context: context.clone(),
                calls: calls::script(&binding),
                binding,
                headers: options.headers.clone(),
                header_pattern: format!("{}/*", options.header_origin),
                body_limit,
                gpc: options.vantage.gpc,
                vantage: options.vantage.clone(),
                device: browser.described.device.clone().map(|d| (browser.described.user_agent.clone(), d)),
                guard: browser.guard.as_ref().map(|g| Arc::clone(&g.told)),
            },
        );
        shared.lock().tab.autoconsent.wanted = true;
        let observer = tokio::spawn(observer::observe(Arc::clone(&shared), events));
        let flusher = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                loop {
                    tokio::time::sleep(FLUSH).await;
                    shared.recorder.flush();
                }
            }
        });
        let session = Session {
            shared,
            options,
            stop,
            context,
            browser: browser.described.clone(),
            names: Arc::clone(&browser.names),
            chosen: None,
            leg: None,
            carried: None,
            why_no_choice: None,
            probed: Default::default(),
            observer,
            flusher,
        };
        client
            .call(
                "",
                "Browser.setDownloadBehavior",
                json!({ "behavior": "deny", "browserContextId": session.context, "eventsEnabled": true }),
            )
            .await?;
        place::allow(&session.shared, &session.context);
        session.new_tab().await?;
        Ok(session)
    }

    /// Opens the session's tab, or another one after a crash.
    pub(crate) async fn new_tab(&self) -> Result<(), GatherError> {
        let old = {
            let mut state = self.shared.lock();
            let old = state.tab.main_frame.clone();
            state.tab.main_target.clear();
            state.tab.main_frame.clear();
            state.visit.crashed = None;
            old
        };
        if !old.is_empty() {
            let close = json!({ "targetId": old });
            let _ =
                self.shared.client.call_within("", "Target.closeTarget", close, Duration::from_secs(3)).await;
        }
        let v = &self.options.vantage;
        let made = self
            .shared
            .client
            .call_within(
                "",
                "Target.createTarget",
                json!({
                    "url": "about:blank", "browserContextId": self.context, "newWindow": true,
                    "width": v.width, "height": v.height,
                }),
                Duration::from_secs(20),
            )
            .await?;
        self.shared.lock().tab.main_frame = made.text("targetId");
        let end = Instant::now() + Duration::from_secs(10);
        while self.shared.lock().tab.main_target.is_empty() {
            if self.shared.client.is_gone() {
                return Err(GatherError::BrowserGone { doing: "opening a tab".to_owned() });
            }
            if Instant::now() >= end {
                return Err(GatherError::NoAnswer {
                    doing: "opening a tab".to_owned(),
                    after: Duration::from_secs(10),
                });
            }
            self.shared.change(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    pub(crate) fn tell(&self, progress: Progress) {
        if let Some(Tell(tell)) = &self.options.tell {
            tell(progress);
        }
    }

    pub(crate) fn step(&self, doing: &'static str) {
        let requests = {
            let mut state = self.shared.lock();
            state.visit.doing = doing;
            state.visit.requests.seen
        };
        self.tell(Progress::Step { doing, requests });
    }

    /// Closes the profile: all its tabs, workers and storage are gone afterwards.
    pub async fn close(self) {
        let dispose = json!({ "browserContextId": self.context });
        let _ = self
            .shared
            .client
            .call_within("", "Target.disposeBrowserContext", dispose, Duration::from_secs(5))
            .await;
    }
}

/// However a session ends, also by an error: its profile must not stay in a browser that lives on.
impl Drop for Session {
    fn drop(&mut self) {
        let dispose = json!({ "browserContextId": self.context });
        self.shared.client.post("", "Target.disposeBrowserContext", dispose);
        self.shared.client.unsubscribe(&self.context);
        self.flusher.abort();
        self.observer.abort();
    }
}
