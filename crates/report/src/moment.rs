//! Where a moment lies in what the visitor had seen and done: before the banner, before the choice, after it.
//!
//! The same stretches as the rules use, told again for lists and pictures; verdicts rest on the rules' own.

use affiant_detect::facts::VisitFacts;
use affiant_record::Scenario;
use serde::Serialize;

/// A stretch of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stretch {
    /// Before the banner was visible.
    BeforeBanner,
    /// Before any choice was stored.
    BeforeChoice,
    /// After the choice.
    AfterChoice,
}

impl Stretch {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Stretch::BeforeBanner => "before the banner",
            Stretch::BeforeChoice => "before a choice",
            Stretch::AfterChoice => "after the choice",
        }
    }
}

/// When the banner was first visible.
pub(crate) fn banner(v: &VisitFacts) -> Option<f64> {
    v.banner.as_ref().and_then(|b| b.visible).or(v.marks.banner)
}

/// When the stretch before the choice ended.
fn chosen(v: &VisitFacts) -> Option<f64> {
    let made = v.marks.choice;
    let stored = v.marks.choice_stored.filter(|s| made.is_none_or(|m| *s >= m));
    if v.scenario == Scenario::AcceptAll { made.or(stored) } else { stored.or(v.marks.after_choice).or(made) }
}

/// The stretch in which a moment lies.
pub(crate) fn stretch(v: &VisitFacts, t: f64) -> Stretch {
    if v.scenario != Scenario::NoChoice && v.ordinal > 0 {
        return Stretch::AfterChoice;
    }
    if banner(v).is_some_and(|b| t < b) {
        return Stretch::BeforeBanner;
    }
    if v.scenario != Scenario::NoChoice && chosen(v).is_some_and(|c| t >= c) {
        return Stretch::AfterChoice;
    }
    Stretch::BeforeChoice
}

/// Milliseconds since the page began.
pub(crate) fn since_page_began(v: &VisitFacts, t: f64) -> f64 {
    (t - v.marks.page_began.unwrap_or(0.0)).max(0.0)
}
