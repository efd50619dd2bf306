//! What is promised of a store, on both databases: each test runs on SQLite and on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod bed;
mod database;
mod faults;
mod fenced;
mod jobs;
mod kept;
mod lives;
mod watch;
