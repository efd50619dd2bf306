//! Reports of a judged audit: a terminal summary, JSON for machines, HTML for people. One file a format.
//!
//! A report says again what records, facts and judgement say; it judges nothing, fetches nothing and asks no clock.
//! What a page said is hostile input: every format neutralises it visibly (see [`hostile`]) and bounds it.

pub mod compare;
pub mod csv;
pub mod declaration;
pub mod files;
pub mod html;
pub mod input;
pub mod json;
pub mod schema;
pub mod terminal;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use affiant_record::hostile;

mod answer;
mod behaviour;
mod command;
mod consent;
mod cookies;
mod matrix;
mod moment;
mod timing;
mod typed;
mod vendors;
mod words;

pub use html::HtmlError;
pub use input::{ElementNote, ReportInput, TheoryNote, theories};
pub use json::Report;

/// Said in every report.
pub const NOT_LEGAL_ADVICE: &str = "This report states what was observed. It is not legal advice: whether an \
     observation matters in law depends on facts that no browser can see, and is for counsel to say.";
