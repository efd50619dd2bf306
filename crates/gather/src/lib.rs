//! Gathering: drives a real Chromium through a session and records everything that leaves the browser.
//!
//! Gatherers never judge: what they write holds no vendor name and no "third party". Collectors only watch;
//! `consent` and `probe` are the only parts that act on a page. Only this crate knows the Chrome DevTools Protocol.

mod browser;
mod cdp;
mod clock;
mod collectors;
mod consent;
mod error;
mod guard;
mod probe;
mod recorder;
mod room;
mod session;
mod trust;

pub use browser::find::{self, FoundBrowser};
pub use browser::{
    Browser, BrowserOptions, Proxy, RemoteAddress, ToStart, Which, end_all, prepare_profile, to_start,
};
pub use collectors::dns::Dns;
pub use collectors::place::named as named_vantage;
pub use consent::AUTOCONSENT_VERSION;
pub use error::GatherError;
pub use guard::{Allowed, Guard, special as special_address};
pub use probe::words_of_nobody;
pub use session::stop::{Stop, StopHandle};
pub use session::visit::{VisitOutcome, VisitRequest};
pub use session::{Progress, Session, SessionOptions, Tell};
pub use trust::Trust;
