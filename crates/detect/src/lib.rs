//! Names what a record shows: from one sealed visit to the facts that rules judge. Pure, and total over hostile input.
//!
//! `catalogue` and `third-party-web` say who is behind an address, `party` whether that is somebody else,
//! `chain` what caused a request, `tags` which requests are one deployed instance. `visit` puts it together.

mod account;
mod address;
mod banner;
mod behaviour;
mod behind;
mod bodies;
mod body;
mod catalog;
mod chain;
mod choice;
mod cmp;
mod cookie_database;
mod cookies;
mod declared;
mod entities;
mod error;
pub mod facts;
mod glob;
mod inputs;
mod layers;
mod leaks;
mod names;
mod page_kinds;
mod party;
mod recordings;
mod requests;
mod sent_cookies;
mod server_side;
mod signals;
mod stored;
mod tags;
mod vendor;
mod visit;

#[cfg(test)]
mod sample;

pub use address::{SUFFIX_LIST_VERSION, registrable};
pub use catalog::Catalog;
pub use declared::names as declares;
pub use error::CatalogError;
pub use facts::VisitFacts;
pub use signals::of_address as signals_of;
pub use visit::{FACTS_VERSION, facts};
