//! Consent: seeing the banner, making the choice, and finding out what was really stored.
//!
//! The only part of gathering (until journeys and probes come) that acts on a page.

pub(crate) mod autoconsent;
pub(crate) mod by_words;
pub(crate) mod choice;
mod clicks;
pub(crate) mod controls;
pub(crate) mod declaration;
pub(crate) mod ignore;
mod input;
pub(crate) mod layer;
pub(crate) mod meaning;
pub(crate) mod outcome;
mod platforms;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod stored;
pub(crate) mod watcher;
mod words;

/// Version of the embedded autoconsent.
pub const AUTOCONSENT_VERSION: &str = "16.23.0";
