//! What pages are told of the device that they are looked at with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The device as pages, frames and workers see it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Device {
    /// Screen, CSS pixels: width and height.
    pub screen: [u32; 2],
    /// Device pixels of a CSS pixel.
    pub scale: f64,
    /// Whether it is touched, and has no mouse.
    pub touch: bool,
    /// `navigator.languages`, and with that `Accept-Language`.
    pub languages: Vec<String>,
    /// The client hints (`Sec-CH-UA-…`, `navigator.userAgentData`).
    pub hints: Hints,
}

/// User agent client hints, as <https://wicg.github.io/ua-client-hints/> names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hints {
    /// Brands with their major versions.
    pub brands: Vec<Brand>,
    /// Brands with their full versions.
    pub full_versions: Vec<Brand>,
    /// Platform, e.g. `Linux`, `Android`.
    pub platform: String,
    /// Its version; empty on Linux.
    pub platform_version: String,
    /// Architecture, e.g. `x86`; empty on phones.
    pub architecture: String,
    /// Bits of the architecture; empty on phones.
    pub bitness: String,
    /// Model of the device; empty on desktops.
    pub model: String,
    /// Whether a page made for phones is preferred.
    pub mobile: bool,
}

/// A brand and its version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Brand {
    /// Its name.
    pub brand: String,
    /// Its version.
    pub version: String,
}
