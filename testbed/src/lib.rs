//! Local sites with real consent platforms and real vendor SDKs, and the truth about each of them.
//!
//! One server answers for many host names on loopback: the sites' own hosts under `.test` and the vendors' real
//! hosts, over HTTP and HTTPS. A browser is pointed at it with [`Testbed::resolve_rules`]. Every request with its
//! raw body and every WebSocket frame is logged ([`Testbed::log`]): that log is what a capture is held against,
//! and [`Truth`] is what an audit is held against.
//!
//! `examples/serve.rs` shows how it is started, and what to give to `--resolve`.

mod answer;
mod beacons;
mod cases;
mod certificate;
mod error;
mod files;
mod fill;
mod log;
mod route;
mod server;
mod site;
mod sites;
mod socket;
#[cfg(test)]
mod tests;
mod trouble;
mod truth;
mod vendor;

pub use beacons::{Beacon, From, Today};
pub use cases::{Case, CaseBody, CaseCookie, CaseRequest, CaseSocket, Cases};
pub use error::TestbedError;
pub use log::{Direction, LogEntry, LogKind, Opcode};
pub use server::Testbed;
pub use site::Site;
pub use sites::Sites;
pub use truth::{Scenario, SetBy, Truth, TruthCookie, TruthVendor, When};
