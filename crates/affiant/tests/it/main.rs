//! The built `affiant`, driven as a user would: against the testbed with a real browser, and on files.
//!
//! One binary, since linking costs more than most tests. They run side by side; how much of the machine each needs is
//! said in `.config/nextest.toml`.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

mod api;
mod attribution;
mod bounds;
mod compare;
mod completeness;
mod consent;
mod contents;
#[path = "../../../store/tests/it/database.rs"]
mod database;
mod declared;
mod dns;
mod failures;
mod faults;
mod floods;
mod folders;
mod guard;
mod halves;
mod interchange;
mod kills;
mod lanes;
mod observer;
mod options;
mod platforms;
mod probe;
mod proxy;
mod remote;
mod serve;
mod settling;
mod sites;
mod store;
mod story;
mod tampering;
mod vantage;
mod visitor;
mod watch;
mod workers;
