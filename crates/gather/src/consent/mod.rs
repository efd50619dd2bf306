//! Consent: seeing the banner, making the choice, and finding out what was really stored.
//!
//! The only part of gathering (until journeys and probes come) that acts on a page.

pub(crate) mod achieved;
pub(crate) mod autoconsent;
pub(crate) mod choice;
mod clicks;
pub(crate) mod declaration;
pub(crate) mod generic;
pub(crate) mod ignore;
mod input;
pub(crate) mod layer;
pub(crate) mod meaning;
mod platforms;
pub(crate) mod reader;
pub(crate) mod state;
pub(crate) mod watcher;
mod words;

/// Version of the embedded autoconsent.
pub const AUTOCONSENT_VERSION: &str = "16.23.0";
