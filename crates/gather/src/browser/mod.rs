//! A running browser: its start, its version, its end. Nothing is left behind: no process, no profile, and in a
//! browser of somebody else no context.

mod alive;
pub(crate) mod device;
pub mod find;
mod missing_switches;
mod profile;
pub(crate) mod proxy;
pub(crate) mod remote;
pub(crate) mod switches;

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

use crate::cdp::client::Client;
use crate::cdp::json::{Read as _, bounded};
use crate::collectors::dns::{Dns, Names};
use crate::guard::Running;
use crate::{GatherError, Guard};
pub use alive::end_all;
use find::FoundBrowser;
pub use profile::prepare_profile;
pub use proxy::Proxy;
pub use remote::RemoteAddress;
pub use switches::{ToStart, to_start};

/// Oldest major version that has what affiant uses: new headless mode, target filters.
const OLDEST: u32 = 118;
/// How long the browser may take to start on a busy machine.
const START: Duration = Duration::from_secs(45);

/// Which browser.
#[derive(Debug, Clone)]
pub enum Which {
    /// One that is started, and ended afterwards.
    Program(FoundBrowser),
    /// One that somebody else started, and that lives on.
    Remote(RemoteAddress),
}

/// How to come by a browser.
#[derive(Debug, Clone)]
pub struct BrowserOptions {
    /// Which one.
    pub browser: Which,
    /// From where and as whom it looks.
    pub vantage: Vantage,
    /// The proxy, if any; the vantage holds its address without the login.
    pub proxy: Option<Proxy>,
    /// Who is asked about host names.
    pub dns: Dns,
    /// The installation's guard, if audits are to reach public addresses only. No request can set it, or take it away.
    pub guard: Option<Guard>,
}

/// A running browser. Dropped, it is killed and its profile removed; one of somebody else is only left.
pub struct Browser {
    pub(crate) client: Client,
    pub(crate) described: affiant_record::header::Browser,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) names: Arc<Names>,
    /// The guard that stands between the browser and all others; it ends with it.
    pub(crate) guard: Option<Running>,
    own: Option<Own>,
}

/// What a browser of our own consists of.
struct Own {
    child: Child,
    profile: Option<TempDir>,
    /// Last, so that it is listed until the others are gone.
    _listed: alive::Listed,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.client.hang_up();
    }
}

impl Browser {
    /// Starts the browser, or connects to the one that was named, and checks its version.
    pub async fn launch(options: &BrowserOptions) -> Result<Browser, GatherError> {
        match &options.browser {
            Which::Program(found) => Browser::start(found, options).await,
            Which::Remote(address) => Browser::connect(address, options).await,
        }
    }

    async fn connect(address: &RemoteAddress, options: &BrowserOptions) -> Result<Browser, GatherError> {
        let bad = |said: String| GatherError::Remote { address: address.shown(), said };
        if let Some(guard) = &options.guard {
            guard.may_serve(&options.browser)?;
        }
        let client = Client::over_socket(remote::connect(address).await?);
        let described = describe(&client, address, options, &bad).await;
        let described = match described {
            Ok(described) => described,
            Err(e) => {
                client.hang_up();
                return Err(match e {
                    GatherError::BrowserGone { doing } => {
                        bad(format!("the connection was lost while {doing}"))
                    }
                    e => e,
                });
            }
        };
        for lack in &described.lacks {
            tracing::warn!(
                browser = address.shown(),
                switch = lack.switch,
                "started without: {}",
                lack.means
            );
        }
        let proxy = options.proxy.clone();
        let names =
            names(options, Some("the browser runs elsewhere, and its name servers are not known here"));
        Ok(Browser { client, described, proxy, names, guard: None, own: None })
    }

    async fn start(found: &FoundBrowser, options: &BrowserOptions) -> Result<Browser, GatherError> {
        let path = found.path.clone();
        let version = version_of(&path).await?;
        let major = major(&version);
        if major < OLDEST {
            return Err(GatherError::TooOld { path, found: version, needed: OLDEST });
        }
        let v = &options.vantage;
        let user_agent = device::user_agent(major, v);
        let guard = match &options.guard {
            Some(guard) => Some(Running::start(guard, options).await?),
            None => None,
        };
        let mut wanted = wanted(options, &user_agent, is_root());
        wanted.guard = guard.as_ref().map(|g| g.told.at);
        let switches = switches::switches(&wanted)?;
        let profile = profile::make(v.third_party_cookies)?;
        let listed = alive::list(profile.path());
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
        if let Some(temporary) = profile::temporary(profile.path())? {
            command.env("TMPDIR", temporary);
        }
        let mut child = command.spawn().map_err(start)?;
        listed.runs(child.id());
        drop(command);
        let said = listen(&mut child);

        let reader = pipe::Receiver::from_owned_fd(OwnedFd::from(our_in)).map_err(start)?;
        let writer = pipe::Sender::from_owned_fd(OwnedFd::from(our_out)).map_err(start)?;
        let client = Client::over_pipe(reader, writer);
        let answer = match client.call_within("", "Browser.getVersion", json!({}), START).await {
            Ok(answer) => answer,
            Err(GatherError::BrowserGone { .. }) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
                return Err(GatherError::EndedAtStart { path, said: last_words(&said) });
            }
            Err(e) => return Err(e),
        };
        attach_to_all(&client).await?;
        let described = affiant_record::header::Browser {
            product: answer.text("product"),
            user_agent,
            mode: "headless".to_owned(),
            switches,
            device: Some(device::device(number(&answer.text("product")), version.contains("Google"), v)),
            ..Default::default()
        };
        tracing::debug!(product = described.product, path = %path.display(), "browser started");
        // Through a guard the browser sees no proxy of the user's, and no login.
        let proxy = options.proxy.clone().filter(|_| guard.is_none());
        let names = names(options, None);
        Ok(Browser {
            client,
            described,
            proxy,
            names,
            guard,
            own: Some(Own { child, profile: Some(profile), _listed: listed }),
        })
    }

    /// Product and version, as the browser names itself.
    pub fn product(&self) -> &str {
        &self.described.product
    }

    /// Process id of a browser that was started here.
    pub fn pid(&self) -> Option<u32> {
        self.own.as_ref()?.child.id()
    }

    /// Whether it is one that somebody else started.
    pub fn is_remote(&self) -> bool {
        self.own.is_none()
    }

    /// Whether it has gone away.
    pub fn is_gone(&self) -> bool {
        self.client.is_gone()
    }

    /// Ends the browser, gently if it listens, and removes its profile. A browser of somebody else is left: the
    /// contexts that were made in it are gone with the connection.
    pub async fn close(mut self) {
        let Some(mut own) = self.own.take() else {
            self.client.hang_up();
            let left = async {
                while !self.client.is_gone() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            let _ = tokio::time::timeout(Duration::from_secs(3), left).await;
            return;
        };
        let _ = self.client.call_within("", "Browser.close", json!({}), Duration::from_secs(3)).await;
        if tokio::time::timeout(Duration::from_secs(3), own.child.wait()).await.is_err() {
            let _ = own.child.kill().await;
        }
        own.remove_profile().await;
    }
}

impl Own {
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

/// Every page and shared worker is held until its session watches it.
async fn attach_to_all(client: &Client) -> Result<(), GatherError> {
    let attach = json!({
        "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
        "filter": [{"type": "page"}, {"type": "shared_worker"}, {"type": "service_worker"}],
    });
    client.call("", "Target.setAutoAttach", attach).await?;
    let discover = json!({ "discover": true, "filter": [{"type": "page"}] });
    client.call("", "Target.setDiscoverTargets", discover).await?;
    Ok(())
}

/// Asks a browser of somebody else what it is and how it was started.
async fn describe(
    client: &Client,
    address: &RemoteAddress,
    options: &BrowserOptions,
    bad: &impl Fn(String) -> GatherError,
) -> Result<affiant_record::header::Browser, GatherError> {
    let version = client.call_within("", "Browser.getVersion", json!({}), START).await?;
    let (product, user_agent) = (version.text("product"), version.text("userAgent"));
    if major(&product) < OLDEST {
        return Err(bad(format!("it is {product}; affiant needs Chromium {OLDEST} or newer")));
    }
    // Both may be refused: the first one is, unless the browser was started for automation.
    let told = match client.call("", "SystemInfo.getInfo", json!({})).await {
        Ok(info) => info.opt_text("commandLine").filter(|c| !c.is_empty()),
        Err(GatherError::Refused { .. }) => None,
        Err(e) => return Err(e),
    };
    let told = match told {
        Some(line) => Some(missing_switches::read(&line)),
        None => match client.call("", "Browser.getBrowserCommandLine", json!({})).await {
            Ok(v) => {
                let line: Vec<&str> = v.list("arguments").iter().filter_map(|a| a.as_str()).collect();
                Some(missing_switches::read(&line.join(" ")))
            }
            Err(GatherError::Refused { .. }) => None,
            Err(e) => return Err(e),
        },
    };
    let ours = device::user_agent(major(&product), &options.vantage);
    let wanted = wanted(options, &ours, false);
    if let Some(switch) = missing_switches::must_have(told.as_deref(), &switches::switches(&wanted)?) {
        return Err(bad(format!(
            "it was not started with {switch}, which is what --resolve or --insecure asks for; `affiant browser args` \
             with the same options prints the switches to start one with"
        )));
    }
    attach_to_all(client).await?;
    let windowless = product.starts_with("Headless")
        || user_agent.contains("Headless")
        || told.as_ref().is_some_and(|t| t.iter().any(|s| s.starts_with("--headless")));
    Ok(affiant_record::header::Browser {
        mode: if windowless { "headless" } else { "headful" }.to_owned(),
        lacks: missing_switches::missing(told.as_deref(), &product, &user_agent, &wanted),
        switches: told.unwrap_or_default(),
        remote: Some(address.shown()),
        // It is told to each target, whatever the browser itself would say.
        device: Some(device::device(number(&product), false, &options.vantage)),
        product,
        user_agent: ours,
        ..Default::default()
    })
}

fn names(options: &BrowserOptions, elsewhere: Option<&str>) -> Arc<Names> {
    let proxied = options
        .proxy
        .is_some()
        .then_some("the proxy resolves names, and its name servers are not known here");
    Arc::new(Names::new(&options.dns, elsewhere.or(proxied), &options.vantage.resolve))
}

fn wanted<'a>(options: &'a BrowserOptions, user_agent: &'a str, root: bool) -> switches::Wanted<'a> {
    let v = &options.vantage;
    switches::Wanted {
        user_agent,
        proxy: options.proxy.as_ref().map(Proxy::address),
        guard: None,
        resolve: &v.resolve,
        insecure: v.insecure,
        vantage: v,
        root,
    }
}

/// The version in `Chrome/156.0.8078.79`.
fn number(product: &str) -> &str {
    product.split_once('/').map_or(product, |(_, version)| version)
}

/// The major version in a text like `Chromium 156.0.8078.79 built on …` or `Chrome/156.0.8078.79`.
fn major(text: &str) -> u32 {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|s| s.contains('.'))
        .and_then(|v| v.split('.').next())
        .and_then(|v| v.parse().ok())
        .unwrap_or(0)
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
