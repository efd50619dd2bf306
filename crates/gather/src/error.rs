//! What can go wrong while gathering.

use std::path::PathBuf;
use std::time::Duration;

use affiant_record::RecordError;

/// An error of gathering. What was recorded until then stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// There is no browser.
    #[error(
        "no Chromium or Chrome was found (looked for: {looked}): install one (Debian, Ubuntu: `apt-get install chromium`), or name it with --browser PATH"
    )]
    NoBrowser {
        /// Where was looked.
        looked: String,
    },
    /// The named browser cannot be run.
    #[error("cannot start the browser {}: {source}", path.display())]
    Start {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The browser ended at once.
    #[error("the browser {} ended right after its start: {said}", path.display())]
    EndedAtStart {
        /// Its path.
        path: PathBuf,
        /// The last it said.
        said: String,
    },
    /// The browser is too old.
    #[error("the browser {} is {found}; affiant needs Chromium {needed} or newer: update it, or name another with --browser PATH", path.display())]
    TooOld {
        /// Its path.
        path: PathBuf,
        /// Its version.
        found: String,
        /// Oldest major version that works.
        needed: u32,
    },
    /// The browser went away while it was needed.
    #[error("the browser went away while {doing}")]
    BrowserGone {
        /// What was being done.
        doing: String,
    },
    /// The browser did not answer in time.
    #[error("the browser did not answer within {} s while {doing}", after.as_secs())]
    NoAnswer {
        /// What was being done.
        doing: String,
        /// How long was waited.
        after: Duration,
    },
    /// The browser refused a command.
    #[error("the browser refused {doing}: {said}")]
    Refused {
        /// The command.
        doing: String,
        /// Its message.
        said: String,
    },
    /// The browser's answer cannot be read.
    #[error("what the browser answered cannot be read ({doing})")]
    Unreadable {
        /// The command.
        doing: String,
    },
    /// A profile folder could not be made.
    #[error("cannot make a browser profile: {0}")]
    Profile(#[source] std::io::Error),
    /// A host override that is none.
    #[error(
        "'{0}' is not HOST:PORT:ADDR, e.g. staging.example.com:443:10.0.0.5 (ADDR may carry a port of its own)"
    )]
    BadResolve(String),
    /// A name server that is none.
    #[error("'{0}' is no name server: say system, off, or an IP address with or without a port")]
    BadDns(String),
    /// What was named as a proxy is none.
    #[error("'{address}' is no proxy address that can be used: {why}")]
    BadProxy {
        /// What was named, without a login.
        address: String,
        /// Why not.
        why: String,
    },
    /// A host that cannot be allowed.
    #[error(
        "'{0}' is no host that can be allowed: write it like staging.example.com, *.example.com or 10.0.0.5, with or without a port"
    )]
    BadAllow(String),
    /// The guard could not begin.
    #[error("the guard, through which the browser is to go, cannot listen on loopback: {0}")]
    Guard(#[source] std::io::Error),
    /// A name server that a guarded audit does not ask.
    #[error("the name server {server} is not asked: {why}")]
    GuardedDns {
        /// The server.
        server: std::net::SocketAddr,
        /// Why not, and what to do.
        why: String,
    },
    /// The proxy does not work.
    #[error("the proxy {address} does not work: {said}")]
    Proxy {
        /// Its address, without a login.
        address: String,
        /// What happened.
        said: String,
    },
    /// A browser that somebody else started cannot be used.
    #[error("the browser at {address} cannot be used: {said}")]
    Remote {
        /// Its address, without what may be a secret.
        address: String,
        /// What happened, and what to do.
        said: String,
    },
    /// The record could not be written.
    #[error(transparent)]
    Record(#[from] RecordError),
}
