//! Who is behind something, and what it is for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Text;

/// Names a vendor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct VendorRef {
    /// Name.
    pub name: Text,
    /// Technology class.
    pub class: Class,
    /// `catalogue` (our own) or `third-party-web`.
    pub source: Text,
}

/// Technology class, in order of risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Session replay and behavioural recording.
    SessionReplay,
    /// Form capture and identity.
    FormCapture,
    /// Chat widgets.
    Chat,
    /// Advertising and social pixels.
    AdPixel,
    /// Analytics, customer data platforms, A/B tests.
    Analytics,
    /// Tag managers.
    TagManager,
    /// Error and performance monitoring.
    Monitoring,
    /// Consent platforms.
    Consent,
    /// Fonts, libraries, delivery networks, payment, maps, video …
    Service,
    /// Known owner, unknown purpose.
    Other,
}

impl Class {
    /// As a heading over its vendors.
    pub fn in_words(self) -> &'static str {
        match self {
            Class::SessionReplay => "Session recorders",
            Class::FormCapture => "Form capture and identity",
            Class::Chat => "Chat",
            Class::AdPixel => "Advertising pixels",
            Class::Analytics => "Analytics",
            Class::TagManager => "Tag managers",
            Class::Monitoring => "Error and performance monitoring",
            Class::Consent => "Consent platforms",
            Class::Service => "Services",
            Class::Other => "Others",
        }
    }
}
