//! A running browser: its start, its version, its end. Nothing is left behind: no process, no profile.

pub mod find;
mod profile;
mod switches;

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use affiant_record::header::Vantage;
use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use crate::GatherError;
use crate::cdp::client::Client;
use crate::cdp::json::{Read as _, bounded};
use find::FoundBrowser;

/// Oldest major version that has what affiant uses: new headless mode, target filters.
const OLDEST: u32 = 118;
/// How long the browser may take to start on a busy machine.
const START: Duration = Duration::from_secs(45);

/// How to start a browser.
#[derive(Debug, Clone)]
pub struct BrowserOptions {
    /// Which one.
    pub browser: FoundBrowser,
    /// From where and as whom it looks.
    pub vantage: Vantage,
    /// The proxy with its credentials, if any; the vantage holds it without.
    pub proxy: Option<String>,
}

/// A running browser. Dropped, it is killed and its profile removed.
pub struct Browser {
    pub(crate) client: Client,
    pub(crate) described: affiant_record::header::Browser,
    child: Child,
    profile: Option<TempDir>,
}

impl Browser {
    /// Starts the browser and checks its version.
    pub async fn launch(options: &BrowserOptions) -> Result<Browser, GatherError> {
        let path = options.browser.path.clone();
        let version = version_of(&path).await?;
        let major: u32 = version
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .find(|s| s.contains('.'))
            .and_then(|v| v.split('.').next())
            .and_then(|v| v.parse().ok())
            .unwrap_or(0);
        if major < OLDEST {
            return Err(GatherError::TooOld { path, found: version, needed: OLDEST });
        }
        let user_agent = format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
        );
        let v = &options.vantage;
        let wanted = switches::Wanted {
            user_agent: &user_agent,
            proxy: options.proxy.as_deref().or(v.proxy.as_deref()),
            resolve: &v.resolve,
            insecure: v.insecure,
            width: v.width,
            height: v.height,
            locale: v.locale.as_deref(),
            root: is_root(),
        };
        let switches = switches::switches(&wanted)?;
        let profile = profile::make(v.third_party_cookies)?;
        let start = |source| GatherError::Start { path: path.clone(), source };

        let (their_in, our_out) = std::io::pipe().map_err(start)?;
        let (our_in, their_out) = std::io::pipe().map_err(start)?;
        let mut command = Command::new(&path);
        command
            .args(&switches)
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .env("TZ", v.timezone.clone().or_else(|| std::env::var("TZ").ok()).unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if v.timezone.is_none() && std::env::var_os("TZ").is_none() {
            command.env_remove("TZ");
        }
        command
            .as_std_mut()
            .fd_mappings(vec![
                FdMapping { parent_fd: OwnedFd::from(their_in), child_fd: 3 },
                FdMapping { parent_fd: OwnedFd::from(their_out), child_fd: 4 },
            ])
            .map_err(|e| start(std::io::Error::other(e)))?;
        let mut child = command.spawn().map_err(start)?;
        drop(command);
        let said = listen(&mut child);

        let reader = pipe::Receiver::from_owned_fd(OwnedFd::from(our_in)).map_err(start)?;
        let writer = pipe::Sender::from_owned_fd(OwnedFd::from(our_out)).map_err(start)?;
        let client = Client::start(reader, writer);
        let answer = match client.call_within("", "Browser.getVersion", json!({}), START).await {
            Ok(answer) => answer,
            Err(GatherError::BrowserGone { .. }) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
                return Err(GatherError::EndedAtStart { path, said: last_words(&said) });
            }
            Err(e) => return Err(e),
        };
        client
            .call(
                "",
                "Target.setAutoAttach",
                json!({
                    "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
                    "filter": [{"type": "page"}, {"type": "shared_worker"}, {"type": "service_worker"}],
                }),
            )
            .await?;
        client
            .call("", "Target.setDiscoverTargets", json!({ "discover": true, "filter": [{"type": "page"}] }))
            .await?;
        let described = affiant_record::header::Browser {
            product: answer.text("product"),
            user_agent,
            mode: "headless".to_owned(),
            switches,
            ..Default::default()
        };
        tracing::debug!(product = described.product, path = %path.display(), "browser started");
        Ok(Browser { client, described, child, profile: Some(profile) })
    }

    /// Product and version, as the browser names itself.
    pub fn product(&self) -> &str {
        &self.described.product
    }

    /// Process id.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it has gone away.
    pub fn is_gone(&self) -> bool {
        self.client.is_gone()
    }

    /// Ends the browser, gently if it listens, and removes its profile.
    pub async fn close(mut self) {
        let _ = self.client.call_within("", "Browser.close", json!({}), Duration::from_secs(3)).await;
        if tokio::time::timeout(Duration::from_secs(3), self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
        self.remove_profile().await;
    }

    /// Children of the browser may still write for a moment after it has ended.
    async fn remove_profile(&mut self) {
        let Some(profile) = self.profile.take() else { return };
        let path = profile.keep();
        for _ in 0..20 {
            match std::fs::remove_dir_all(&path) {
                Ok(()) => return,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        tracing::warn!(path = %path.display(), "the browser's temporary profile could not be removed");
    }
}

/// Reads the browser's stderr so that it never blocks, and keeps its last part.
fn listen(child: &mut Child) -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    if let Some(stderr) = child.stderr.take() {
        let said = Arc::clone(&said);
        tokio::spawn(async move {
            use tokio::io::AsyncReadExt as _;
            let mut stderr = stderr;
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = stderr.read(&mut chunk).await {
                let mut s = said.lock().unwrap_or_else(PoisonError::into_inner);
                s.push_str(&String::from_utf8_lossy(&chunk[..n]));
                if s.len() > 16_384 {
                    let tail = last_words(&s);
                    *s = tail;
                }
            }
        });
    }
    said
}

/// The last lines of what was said, bounded.
fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|l| !l.trim().is_empty()).collect();
    let tail = lines[lines.len().saturating_sub(4)..].join(" | ");
    if tail.is_empty() { "it said nothing".to_owned() } else { bounded(&tail, 2000) }
}

async fn version_of(path: &PathBuf) -> Result<String, GatherError> {
    let run = Command::new(path).arg("--version").stdin(Stdio::null()).kill_on_drop(true).output();
    let out = tokio::time::timeout(START, run)
        .await
        .map_err(|_| GatherError::NoAnswer { doing: format!("{} --version", path.display()), after: START })?
        .map_err(|source| GatherError::Start { path: path.clone(), source })?;
    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    if text.is_empty() {
        let said = last_words(&String::from_utf8_lossy(&out.stderr));
        return Err(GatherError::EndedAtStart { path: path.clone(), said });
    }
    Ok(text)
}

/// Whether this process runs as root, read where Linux tells it.
fn is_root() -> bool {
    let mut status = String::new();
    let read = std::fs::File::open("/proc/self/status").and_then(|mut f| f.read_to_string(&mut status));
    read.is_ok()
        && status
            .lines()
            .find_map(|l| l.strip_prefix("Uid:"))
            .and_then(|l| l.split_whitespace().nth(1))
            .is_some_and(|uid| uid == "0")
}
