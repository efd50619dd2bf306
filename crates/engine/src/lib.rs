//! The engine: from a request to a judged audit. The command line, a schedule and an interface all take this one path.
//!
//! [`AuditRequest`] says what to do, as data. [`run`] lives its shares in browsers, tells what happens as [`Event`]s, and
//! lets a [`VisitLog`] keep it: in a folder ([`folder`]), or wherever else. [`judge`] goes from records to a judgement, by way of
//! facts that are kept. The only place where gathering meets what is kept.

pub mod address;
pub mod alerts;
mod canary;
mod channel;
mod error;
mod event;
pub mod folder;
mod forecast;
pub mod jobs;
mod judge;
pub mod kept;
mod kept_request;
mod log;
mod property;
mod request;
pub mod run;
pub mod schedule;
pub mod watch;

use affiant_record::header::Tool;

pub use channel::{ChannelError, ChannelKind, channel};
pub use error::EngineError;
pub use event::{Counts, Event, What};
pub use forecast::{Forecast, forecast};
pub use judge::{Judged, judge, shown};
pub use kept_request::KeptRequest;
pub use log::{Made, ToVisit, VisitLog};
pub use property::{NewProperty, NewSchedule, add_property, asked_for, audit_property, set_schedule};
pub use request::{
    AuditRequest, DEFAULT_PAGES, Device, Header, LOCALE, MOST_PAGES, Prepared, Probe, VIEWPORT, browser,
    schema as request_schema,
};

/// This program, as records name it.
pub fn tool() -> Tool {
    Tool { name: "affiant".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}
