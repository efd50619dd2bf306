//! Where a moment lies in what the visitor had seen and done: before the banner, before the choice, after it.
//!
//! The same stretches as the rules use, told again for lists and pictures; verdicts rest on the rules' own.

use std::collections::BTreeSet;

use affiant_detect::facts::VisitFacts;
use affiant_record::consent::AchievedChoice;
use affiant_record::{Choice, Leg, Scenario};
use schemars::JsonSchema;
use serde::Serialize;

/// A stretch of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stretch {
    /// Before the banner was visible.
    BeforeBanner,
    /// Before any choice was stored.
    BeforeChoice,
    /// After the choice.
    AfterChoice,
    /// Nothing is known of a choice: the visit was imported.
    NotKnown,
}

impl Stretch {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Stretch::BeforeBanner => "before the banner",
            Stretch::BeforeChoice => "before a choice",
            Stretch::AfterChoice => "after the choice",
            Stretch::NotKnown => "whether a choice was made is not known",
        }
    }
}

/// When the banner was first visible.
pub(crate) fn banner(v: &VisitFacts) -> Option<f64> {
    v.banner.as_ref().and_then(|b| b.visible).or(v.marks.banner)
}

/// Tells stretches. Needs all visits: whether a later page lies after a choice, the session's first one tells.
#[derive(Debug)]
pub(crate) struct Moments<'a> {
    /// Sessions whose choice is known not to have been made.
    unchosen: BTreeSet<&'a str>,
}

impl<'a> Moments<'a> {
    /// Of these visits.
    pub(crate) fn of(facts: &'a [VisitFacts]) -> Moments<'a> {
        let firsts = facts.iter().filter(|v| v.leg == Leg::First && !made(v));
        Moments { unchosen: firsts.map(|v| v.session.as_str()).collect() }
    }

    /// The stretch in which a moment of a visit lies.
    pub(crate) fn stretch(&self, v: &VisitFacts, t: f64) -> Stretch {
        if v.scenario == Scenario::Unknown {
            return Stretch::NotKnown;
        }
        let before_choice = match (v.scenario.first_choice(), v.leg) {
            (None, _) => true,
            (_, Leg::First) => before_choice(v, t),
            _ => self.unchosen.contains(v.session.as_str()),
        };
        if !before_choice {
            Stretch::AfterChoice
        } else if banner(v).is_some_and(|b| t < b - v.marks.banner_uncertainty_ms) {
            Stretch::BeforeBanner
        } else {
            Stretch::BeforeChoice
        }
    }
}

/// Whether the choice was made on this first page: the driver's steps ran, or the site's own state shows it.
fn made(v: &VisitFacts) -> bool {
    let shown = match v.decides {
        Some(Choice::Accept) => v.achieved.choice == AchievedChoice::AcceptAll,
        Some(Choice::Reject) => v.achieved.choice == AchievedChoice::RejectAll,
        _ => false,
    };
    shown || v.choice.as_ref().is_some_and(|c| c.ok)
}

/// On a first page. With Accept the stretch ends with the click, with Reject when the choice was stored.
fn before_choice(v: &VisitFacts, t: f64) -> bool {
    let click = v.marks.choice;
    let stored = v.marks.choice_stored.filter(|s| click.is_none_or(|c| *s >= c));
    let refused = v.decides.is_some_and(Choice::refuses);
    let end = if refused { stored.or(click) } else { click.or(stored) };
    match end {
        Some(end) => t < end,
        None => !(v.choice.as_ref().is_some_and(|c| c.ok) || v.marks.after_choice.is_some()),
    }
}

/// Milliseconds since the page began.
pub(crate) fn since_page_began(v: &VisitFacts, t: f64) -> f64 {
    (t - v.marks.page_began.unwrap_or(0.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::visit::visit;

    #[test]
    fn a_choice_that_was_not_made_leaves_later_pages_before_it() {
        let mut facts = vec![visit(Scenario::RejectAll, 0, "/"), visit(Scenario::RejectAll, 1, "/a")];
        assert_eq!(Moments::of(&facts).stretch(&facts[1], 10.0), Stretch::AfterChoice);
        facts[0].choice = None;
        facts[0].achieved.choice = AchievedChoice::None;
        assert_eq!(Moments::of(&facts).stretch(&facts[1], 10.0), Stretch::BeforeChoice);
    }

    #[test]
    fn moments_lie_before_the_banner_then_before_the_choice_then_after_it() {
        let facts = vec![visit(Scenario::RejectAll, 0, "/")];
        let told = [1_000.0, 4_200.0, 4_300.0].map(|t| Moments::of(&facts).stretch(&facts[0], t));
        assert_eq!(told, [Stretch::BeforeBanner, Stretch::BeforeChoice, Stretch::AfterChoice]);
    }
}
