//! Arriving: the page is asked for, and waited for until it is at rest.

use std::time::{Duration, Instant};

use affiant_record::page::phase;
use serde_json::json;

use super::Stopped;
use super::pace::Pace;
use crate::GatherError;
use crate::cdp::json::Read as _;
use crate::collectors::network::guarded;
use crate::session::Session;
use crate::session::settle::{Halt, settle};

impl Session {
    /// Opens the page. When it had come, and whether it came to rest.
    pub(super) async fn arrive(&self, url: &str, pace: &Pace) -> Result<(Instant, bool), Stopped> {
        self.mark(phase::ARRIVE);
        self.step("opening the page");
        self.navigate(url, pace.patience.until).await?;
        let arrived = Instant::now();
        self.step("waiting until the page is at rest");
        let rest = settle(&self.shared, &self.stop, phase::ARRIVE, pace.patience).await?;
        Ok((arrived, rest))
    }

    /// Asks for the page. A page that cannot be opened ends the visit.
    async fn navigate(&self, url: &str, until: Instant) -> Result<(), Stopped> {
        let target = self.shared.lock().tab.main_target.clone();
        let patience = until.saturating_duration_since(Instant::now());
        let call = self.shared.client.call_within(&target, "Page.navigate", json!({ "url": url }), patience);
        let answer = tokio::select! {
            answer = call => answer,
            () = self.stop.stopped() => return Err(Halt::Stopped.into()),
            () = self.crashed() => return Err(Halt::Crashed("the renderer crashed while the page was opened".to_owned()).into()),
        };
        match answer {
            Ok(v) => match v.opt_text("errorText").filter(|e| !e.is_empty()) {
                None => Ok(()),
                Some(_) if v.flag("isDownload") => {
                    Err(Stopped::Failed("the address is a download, not a page".to_owned()))
                }
                Some(e) => {
                    // The guard knows why, and of which address in a chain of redirects.
                    self.shared.caught_up(Duration::from_secs(1)).await;
                    let last = self.shared.lock().tab.hops.last(&v.text("loaderId")).cloned();
                    let trouble = guarded::trouble(&self.shared, last.as_deref().unwrap_or(url), Some(&e));
                    Err(Stopped::Failed(trouble.map_or_else(|| explain(&e), |t| t.to_string())))
                }
            },
            Err(GatherError::NoAnswer { .. }) => {
                self.shared.client.post(&target, "Page.stopLoading", json!({}));
                Err(Stopped::TimedOut(format!(
                    "the server did not answer within {:.0} s",
                    patience.as_secs_f64()
                )))
            }
            Err(GatherError::BrowserGone { .. }) => Err(Halt::Gone.into()),
            Err(e) => Err(Stopped::Failed(e.to_string())),
        }
    }

    async fn crashed(&self) {
        while self.shared.lock().visit.crashed.is_none() {
            self.shared.change(Duration::from_millis(200)).await;
        }
    }
}

/// The browser's error with what it means and what to do.
fn explain(error: &str) -> String {
    let hint = match error {
        "net::ERR_NAME_NOT_RESOLVED" => {
            "the host name is not known: check its spelling, or give --resolve HOST:PORT:ADDR"
        }
        "net::ERR_CONNECTION_REFUSED" => "nothing answers at that address and port",
        "net::ERR_CONNECTION_TIMED_OUT" | "net::ERR_TIMED_OUT" => "the server did not answer in time",
        "net::ERR_INTERNET_DISCONNECTED" => "this machine has no network",
        "net::ERR_TOO_MANY_REDIRECTS" => "the page redirects in a circle",
        "net::ERR_ABORTED" => "the browser gave up the navigation (a download, or an empty answer)",
        "net::ERR_EMPTY_RESPONSE" => "the server closed the connection without an answer",
        "net::ERR_INVALID_AUTH_CREDENTIALS" => "the server, or the proxy, asks for a login",
        e if e.starts_with("net::ERR_CERT") || e.starts_with("net::ERR_SSL") => {
            "the certificate or the TLS handshake is not accepted: for a staging host, --insecure ignores that"
        }
        e if e.contains("PROXY") || e.contains("TUNNEL") => "the proxy did not work",
        _ => return error.to_owned(),
    };
    format!("{error}: {hint}")
}
