//! Properties that are watched: schedules, alerts, deliveries; on both databases, with servers that answer as real ones do.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod alerts;
mod bed;
mod certificates;
#[path = "../../../store/tests/it/database.rs"]
mod database;
mod deliveries;
mod schedules;
mod secured;
mod sinks;
