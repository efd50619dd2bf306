//! One file a verb.

pub(crate) mod audit;
pub(crate) mod browser;
pub(crate) mod cmp;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod export;
pub(crate) mod findings;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod inventory;
pub(crate) mod jobs;
pub(crate) mod judge;
pub(crate) mod man;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod rule;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod verify;
pub(crate) mod watch;
pub(crate) mod worker;
