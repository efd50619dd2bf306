//! What was seen of the page itself, and what happened to it.

use serde::{Deserialize, Serialize};

use crate::network::StackSegment;
use crate::{BlobRef, Extra};

/// Names of phases, as used in [`Phase::phase`].
pub mod phase {
    /// The navigation was asked for.
    pub const ARRIVE: &str = "arrive";
    /// A consent banner was first visible.
    pub const BANNER: &str = "banner";
    /// A control of the banner could first be operated: in the viewport, not covered, not disabled.
    pub const BANNER_OPERABLE: &str = "banner-operable";
    /// The choice began to be made.
    pub const CHOICE: &str = "choice";
    /// A choice was first seen in storage.
    pub const CHOICE_STORED: &str = "choice-stored";
    /// The choice had been made; what follows is the consequence.
    pub const AFTER_CHOICE: &str = "after-choice";
    /// The visitor went on without an answer to the banner: scrolled, and clicked into the text.
    pub const IGNORED: &str = "ignored";
    /// Fields were typed into.
    pub const PROBE: &str = "probe";
    /// The page was scrolled to its end, as a reader does.
    pub const SCROLL: &str = "scroll";
    /// The page was left.
    pub const LEAVE: &str = "leave";
}

/// A phase began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// One of [`phase`].
    pub phase: String,
    /// How it is known, where that needs saying.
    pub how: Option<String>,
    /// Largest error of the mark in milliseconds, beyond the clock's own.
    pub uncertainty_ms: Option<f64>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A target of the browser.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Id.
    pub target: String,
    /// `page`, `iframe` (own process), `worker`, `shared_worker`, `service_worker`.
    pub kind: String,
    /// Address when seen.
    pub url: String,
    /// Target that opened or owns it.
    pub parent: Option<String>,
    /// `attached` or `gone`.
    pub event: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A frame.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Id.
    pub frame: String,
    /// The frame around it; absent for a main frame.
    pub parent: Option<String>,
    /// Target that it lives in.
    pub target: String,
    /// `attached`, `navigated`, `gone`.
    pub event: String,
    /// Address, on `navigated`.
    pub url: Option<String>,
    /// The script that attached it.
    pub stack: Vec<StackSegment>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A console message or an uncaught error.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Console {
    /// `log`, `warning`, `error`, `exception`, …
    pub level: String,
    /// Text, bounded.
    pub text: String,
    /// Script.
    pub url: Option<String>,
    /// Line, from 0.
    pub line: Option<u64>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A dialog that the page opened.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dialog {
    /// `alert`, `confirm`, `prompt`, `beforeunload`.
    pub kind: String,
    /// Text, bounded.
    pub text: String,
    /// What was answered: `accepted` or `dismissed`.
    pub answer: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A download that was refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Download {
    /// Address.
    pub url: String,
    /// Name that the page gave the file.
    pub file_name: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Something went away that should not have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Crash {
    /// `renderer` or `worker`. A browser that went away is told by the footer.
    pub what: String,
    /// How it was noticed.
    pub reason: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A picture of the viewport.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Screenshot {
    /// Phase in which it was taken.
    pub phase: String,
    /// The picture, PNG, JPEG or WebP.
    pub image: BlobRef,
    /// MIME type.
    pub mime: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What the page said when it was asked, once settled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Frame that was asked; the main frame's page has `main` set.
    pub frame: String,
    /// Whether this is the main frame.
    pub main: bool,
    /// Address.
    pub url: String,
    /// Title, bounded.
    pub title: String,
    /// `lang` of the document.
    pub lang: Option<String>,
    /// The visible text, as a blob.
    pub text: Option<BlobRef>,
    /// Fields that can be typed into or chosen from.
    pub inputs: Vec<Input>,
    /// Links to other documents, absolute, without fragment, bounded in number.
    pub links: Vec<String>,
    /// Visible headings of the first two levels, in the document's order, bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<Heading>,
    /// Videos that it shows or tells of, bounded in number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub videos: Vec<Video>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A heading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 or 2.
    pub level: u32,
    /// Its words, bounded.
    pub text: String,
}

/// A video.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// How it is known: `element` (a visible `<video>`), `frame` (a visible frame of a video host), `json-ld`
    /// (schema.org's `VideoObject`), `og` (Open Graph).
    pub kind: String,
    /// What the page calls it; empty where it does not.
    pub title: String,
    /// Address of the video or of its player.
    pub src: String,
    /// Whether it plays by itself, silent, again and again, without controls: a moving background.
    #[serde(default)]
    pub background: bool,
}

/// A form field or another element that can be typed into.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// A CSS path that finds it again.
    pub selector: String,
    /// `input`, `textarea`, `select`, `contenteditable`.
    pub tag: String,
    /// `type` attribute, lower case, where there is one.
    pub kind: String,
    /// `name` or `id`.
    pub name: String,
    /// `autocomplete` attribute.
    pub autocomplete: String,
    /// Label, `aria-label` or placeholder, bounded.
    pub label: String,
    /// `id`, name or action of the form around it.
    pub form: String,
    /// Whether it was visible.
    pub visible: bool,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The page came to rest, or the wait for it ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settle {
    /// Phase that was waited in.
    pub phase: String,
    /// `quiet` (nothing in flight for the quiet time) or `bound` (the bound was reached first).
    pub end: String,
    /// How long was waited, in milliseconds.
    pub waited_ms: f64,
    /// Requests still in flight: address each, bounded in number.
    pub pending: Vec<String>,
    /// How many there were in all.
    pub pending_count: u64,
    /// Timers that scripts had set and that had not run when the wait ended: what they would have done is not seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<Timer>,
    /// How many timers there were in all.
    #[serde(default)]
    pub timers_count: u64,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A timer that had not run yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// The document that set it.
    pub document_url: String,
    /// When it was due, in milliseconds after the wait had ended.
    pub due_in_ms: f64,
    /// Whether it repeats.
    pub repeats: bool,
    /// The script that set it, where known.
    pub script: Option<String>,
}
