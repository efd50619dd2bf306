//! The store: what is kept of all audits, and the jobs that make them.
//!
//! Audits are folders in the store's own folder, and the truth. SQL holds what is asked for over many of them: which there
//! are, what they found, what they saw; all of it but the jobs can be made again from the folders. SQLite or PostgreSQL,
//! behind one SQL text. Only this crate knows SQL.

mod accounts;
mod alerts;
mod channels;
mod db;
mod error;
mod fenced;
mod filed;
mod findings;
mod gauges;
mod history;
mod inventory;
mod jobs;
mod migrate;
mod place;
mod private;
mod properties;
mod schedules;
mod store;
mod tokens;

pub use accounts::{Account, Login};
pub use alerts::Alert;
pub use channels::Channel;
pub use error::StoreError;
pub use fenced::{Due, Handed, HandedTo};
pub use filed::{Filed, FiledFinding, FiledThing, FiledVisit, ThingKind};
pub use findings::{FindingHistory, SEVERITIES, Standing, severity_rank};
pub use gauges::Gauges;
pub use history::{AuditRow, State as AuditState};
pub use inventory::Thing;
pub use jobs::{Claimed, Job, JobId, Jobs, Kept, NewJob, State as JobState};
pub use place::Place;
pub use properties::Property;
pub use schedules::Schedule;
pub use store::Store;
pub use tokens::{May, Token};
