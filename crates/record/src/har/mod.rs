//! HAR 1.2 in and out: what another tool recorded becomes a record like any other, and a record becomes a file that
//! any browser's tools open.
//!
//! A HAR is a list of exchanges that its maker chose to keep. Nothing in it vouches for its completeness, and it
//! tells nothing of banners, choices, storage or what a page said. So an imported visit has [`Scenario::Unknown`],
//! its consent is unknown, and every collector that a HAR cannot have is marked as not run.
//!
//! Reading goes over the file as a stream, twice: [`survey`] looks at all of it before anything is written, then
//! [`import`] writes. Neither holds more than one entry at a time. An entry that nothing can be made of is left out, by both, and
//! told by its number ([`Lost`]).
//!
//! [`Scenario::Unknown`]: crate::Scenario::Unknown

mod cookie;
mod entry;
mod error;
mod export;
mod flavour;
mod import;
mod lenient;
mod lost;
mod parts;
mod source;
mod survey;
mod time;
mod walk;

pub use error::HarError;
pub use export::Exporter;
pub use flavour::Flavour;
pub use import::{import, plan};
pub use lost::{Lost, LostEntry};
pub use survey::{Survey, VisitPlan, survey};

/// Largest file that is read, in bytes; of a packed one, also the largest that is in it.
pub const MAX_BYTES: u64 = 4 << 30;
/// Largest entry that is read, in bytes.
pub const MAX_ENTRY: u64 = 256 << 20;
/// Most entries that are read of one file.
pub const MAX_ENTRIES: u64 = 2_000_000;
/// Most pages of one file.
pub const MAX_PAGES: usize = 1000;
/// Bytes kept of one body; of larger ones the first bytes, with the length and the hash of the whole.
pub const BODY_LIMIT: usize = 2 << 20;
/// Field of a header's, plan's and manifest's `extra` that tells where an imported visit comes from.
pub const SOURCE: &str = "source";
/// Field of a footer's `extra`: collector → why it was not run.
pub const NOT_RUN: &str = "not_run_because";
