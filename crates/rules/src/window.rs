//! Which stretch of a visit a question is about: before the banner, before the choice, after Reject, and so on.
//!
//! Requested and achieved consent are apart. That a driver's steps ran opens the stretch after the choice; only the
//! site's own state confirms it. A stretch that is not confirmed still shows what was sent in it, and carries no
//! negative.

use affiant_detect::facts::VisitFacts;
use affiant_record::{Choice, Leg, Scenario};

use crate::judgement::Confidence;
use crate::standing::{
    ChoiceMade, made_before, made_in, name, shows, standing, stored_after_choice, unconfirmed,
};
use crate::visit_set::{VisitSet, banner_from, banner_seen};

/// A stretch of a visit on its own clock: after `from`, before `to`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Window {
    /// Begins after this moment; none: from the start of the visit.
    pub(crate) from: Option<f64>,
    /// Ends before this moment; none: with the visit.
    pub(crate) to: Option<f64>,
    /// What `from` is, in words.
    pub(crate) since: &'static str,
    /// The choice after which it lies.
    pub(crate) after: Option<Choice>,
    /// Why the consent of this stretch is not certain, if it is not.
    pub(crate) unconfirmed: Option<Unconfirmed>,
}

/// Why it is not certain that the choice was in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unconfirmed {
    /// How sure what was seen in it can be.
    pub(crate) confidence: Confidence,
    /// In words.
    pub(crate) why: String,
}

/// What a visit gives for a question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Within {
    /// Stretches to look at.
    pub(crate) windows: Vec<Window>,
    /// Why a negative cannot rest on it, beyond what its outcome and collectors say.
    pub(crate) gap: Option<String>,
}

impl Window {
    pub(crate) const WHOLE: Window =
        Window { from: None, to: None, since: "the page began", after: None, unconfirmed: None };

    /// Whether it lies after a choice that denies everything.
    pub(crate) fn after_refusal(&self) -> bool {
        self.after.is_some_and(Choice::refuses)
    }

    /// Whether the moment lies in it.
    pub(crate) fn holds(&self, t: f64) -> bool {
        self.from.is_none_or(|from| t > from) && self.to.is_none_or(|to| t < to)
    }
}

impl Within {
    fn window(w: Window) -> Within {
        Within { windows: vec![w], gap: None }
    }

    fn gap(why: impl Into<String>) -> Within {
        Within { windows: vec![], gap: Some(why.into()) }
    }

    fn and(mut self, other: Within) -> Within {
        self.windows.extend(other.windows);
        self.gap = match (self.gap, other.gap) {
            (Some(a), Some(b)) if a != b => Some(format!("{a}; {b}")),
            (a, b) => a.or(b),
        };
        self
    }
}

/// Why a visit that affiant did not make carries no answer about a choice.
pub(crate) const NOT_KNOWN: &str =
    "what the visitor had been asked and had chosen is not known: the visit was imported";

/// The whole visit.
pub(crate) fn whole(_: &VisitSet, _: &VisitFacts) -> Within {
    Within::window(Window::WHOLE)
}

/// Before the banner was first visible. Nothing where no banner was seen.
pub(crate) fn before_banner(_: &VisitSet, v: &VisitFacts) -> Within {
    match banner_from(v) {
        Some(to) => Within::window(Window { to: Some(to), ..Window::WHOLE }),
        None if banner_seen(v) => {
            Within::gap("the banner was recognised, and the moment at which it became visible was not seen")
        }
        None => Within::default(),
    }
}

/// Before any choice was stored.
///
/// With Accept, what follows the click is what was accepted: there the stretch ends with the click, so that a store
/// that is noticed late makes no false alarm. With Reject it ends when the choice was stored.
pub(crate) fn before_choice(_: &VisitSet, v: &VisitFacts) -> Within {
    if v.scenario == Scenario::Unknown {
        let unconfirmed = Unconfirmed { confidence: Confidence::Low, why: NOT_KNOWN.to_owned() };
        let whole = Window { unconfirmed: Some(unconfirmed), ..Window::WHOLE };
        return Within { windows: vec![whole], gap: Some(NOT_KNOWN.to_owned()) };
    }
    if standing(v).is_some() {
        return Within::default();
    }
    let Some(choice) = v.decides else { return Within::window(Window::WHOLE) };
    let (made, stored) = (v.marks.choice, stored_after_choice(v));
    if stored.is_none() && v.choice.as_ref().is_some_and(|c| !c.ok) {
        // It was looked for, and not made.
        return Within::window(Window::WHOLE);
    }
    let to = if choice.refuses() { stored.or(made) } else { made.or(stored) };
    match to {
        Some(to) => Within::window(Window { to: Some(to), ..Window::WHOLE }),
        None if v.choice.as_ref().is_some_and(|c| c.ok) => {
            Within::gap("a choice was made, and its moment is not recorded")
        }
        None => Within::window(Window::WHOLE),
    }
}

/// After a choice of this kind: the rest of the visit in which it is made, and all of those that follow it.
fn after(set: &VisitSet, v: &VisitFacts, is: fn(Choice) -> bool) -> Within {
    if v.scenario == Scenario::Unknown {
        return Within::gap(NOT_KNOWN);
    }
    let here = v.decides.filter(|c| is(*c));
    let Some(choice) = here.or_else(|| standing(v).filter(|c| is(*c) && v.decides.is_none())) else {
        return Within::default();
    };
    let made = if here.is_some() { Some(made_in(v)) } else { made_before(set, v) };
    match made {
        Some(ChoiceMade::No(why)) => return Within::gap(why),
        Some(ChoiceMade::Unread(why)) if !shows(choice, &v.achieved) => return Within::gap(why),
        _ => {}
    }
    let mut w = Window { after: Some(choice), ..Window::WHOLE };
    if here.is_some() {
        (w.from, w.since) = match (stored_after_choice(v), v.marks.after_choice) {
            (Some(t), _) => (Some(t), "the choice was stored"),
            (None, Some(t)) => (Some(t), operated(choice)),
            (None, None) => {
                return Within::gap(format!("{} was operated, and its moment is not recorded", name(choice)));
            }
        };
    }
    w.unconfirmed = unconfirmed(set, v, choice);
    let gap = w.unconfirmed.as_ref().map(|u| u.why.clone());
    Within { windows: vec![w], gap }
}

fn operated(choice: Choice) -> &'static str {
    match choice {
        Choice::Reject => "Reject had been operated",
        Choice::Dismiss => "the banner had been dismissed",
        Choice::Withdraw => "the opt-out had been operated",
        _ => "the choice had been operated",
    }
}

/// After Reject.
pub(crate) fn after_reject(set: &VisitSet, v: &VisitFacts) -> Within {
    after(set, v, |c| c == Choice::Reject)
}

/// After the visitor took consent back.
pub(crate) fn after_opt_out(set: &VisitSet, v: &VisitFacts) -> Within {
    after(set, v, |c| c == Choice::Withdraw)
}

/// After some purposes were granted and the others denied.
pub(crate) fn after_custom(set: &VisitSet, v: &VisitFacts) -> Within {
    after(set, v, |c| matches!(c, Choice::Custom(_)))
}

/// After the banner was closed without an answer.
pub(crate) fn after_dismissal(set: &VisitSet, v: &VisitFacts) -> Within {
    after(set, v, |c| c == Choice::Dismiss)
}

/// After the visitor went on and left the banner alone: the rest of the first page, and all of the further ones.
pub(crate) fn ignoring(_: &VisitSet, v: &VisitFacts) -> Within {
    match (v.scenario, v.leg, v.marks.ignored) {
        (Scenario::Unknown, ..) => Within::gap(NOT_KNOWN),
        (Scenario::Ignore, Leg::First, Some(from)) => {
            Within::window(Window { from: Some(from), since: "the visitor went on", ..Window::WHOLE })
        }
        (Scenario::Ignore, Leg::First, None) => Within::gap("the visitor did not get to going on"),
        (Scenario::Ignore, ..) => Within::window(Window::WHOLE),
        _ => Within::default(),
    }
}

/// While Global Privacy Control was sent, and nothing had been accepted.
pub(crate) fn under_gpc(set: &VisitSet, v: &VisitFacts) -> Within {
    if v.scenario == Scenario::Unknown {
        return Within::gap(NOT_KNOWN);
    }
    if !v.gpc {
        return Within::default();
    }
    let grants = |c: Choice| matches!(c, Choice::Accept | Choice::Custom(_));
    if standing(v).is_some_and(grants) {
        return Within::default();
    }
    match v.decides {
        Some(c) if grants(c) => before_choice(set, v),
        _ => Within::window(Window::WHOLE),
    }
}

/// Before any choice, and after one that denies, or that is none.
pub(crate) fn without_consent(set: &VisitSet, v: &VisitFacts) -> Within {
    if v.scenario == Scenario::Unknown {
        return before_choice(set, v);
    }
    before_choice(set, v).and(after_reject(set, v)).and(after_opt_out(set, v)).and(after_dismissal(set, v))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::consent::AchievedChoice;

    #[test]
    fn with_accept_the_stretch_before_the_choice_ends_with_the_click() {
        let s = set([visit(Scenario::AcceptAll).chose(3000.0, 3200.0)]);
        let w = before_choice(&s, &s.visits[0]).windows.remove(0);
        assert!(w.holds(2999.0) && !w.holds(3100.0));
    }

    #[test]
    fn with_reject_it_ends_when_the_choice_was_stored_and_the_stretch_after_begins() {
        let s = set([visit(Scenario::RejectAll).chose(3000.0, 3200.0)]);
        let w = before_choice(&s, &s.visits[0]).windows.remove(0);
        assert!(w.holds(3100.0) && !w.holds(3200.0));
        let w = after_reject(&s, &s.visits[0]).windows.remove(0);
        assert!(!w.holds(3200.0) && w.holds(3200.1));
        assert_eq!((w.since, w.unconfirmed), ("the choice was stored", None));
    }

    #[test]
    fn a_store_from_before_the_choice_is_not_the_choice() {
        let mut s = set([visit(Scenario::RejectAll).chose(3000.0, 3200.0)]);
        s.visits[0].marks.choice_stored = Some(100.0);
        s.visits[0].marks.after_choice = Some(3300.0);
        assert!(before_choice(&s, &s.visits[0]).windows[0].holds(2000.0));
        assert_eq!(after_reject(&s, &s.visits[0]).windows[0].from, Some(3300.0));
    }

    #[test]
    fn a_rejection_that_was_not_offered_opens_nothing() {
        let s = set([visit(Scenario::RejectAll).could_not_choose("the banner does not offer this choice")]);
        let w = after_reject(&s, &s.visits[0]);
        assert!(w.windows.is_empty());
        assert_eq!(w.gap.unwrap(), "Reject could not be operated: the banner does not offer this choice");
        assert_eq!(before_choice(&s, &s.visits[0]).windows, [Window::WHOLE]);
    }

    #[test]
    fn a_state_that_denies_by_default_is_no_rejection() {
        let mut s = set([visit(Scenario::RejectAll)
            .could_not_choose("no consent banner was recognised within 5.0 s")
            .achieved(AchievedChoice::RejectAll)]);
        s.visits[0].marks.after_choice = Some(5000.0);
        assert!(after_reject(&s, &s.visits[0]).windows.is_empty());
        assert_eq!(before_choice(&s, &s.visits[0]), Within::window(Window::WHOLE));
        (s.visits[0].marks.choice, s.visits[0].marks.choice_stored) = (Some(3000.0), Some(3500.0));
        assert_eq!(after_reject(&s, &s.visits[0]).windows[0].from, Some(3500.0));
    }

    #[test]
    fn where_the_choice_is_not_known_all_is_shown_and_nothing_rests_on_it() {
        let s = set([visit(Scenario::Unknown)]);
        let w = without_consent(&s, &s.visits[0]);
        assert_eq!(w.windows.len(), 1);
        assert!(w.windows[0].holds(0.0) && w.windows[0].holds(1e9));
        assert_eq!(w.windows[0].unconfirmed.as_ref().unwrap().confidence, Confidence::Low);
        assert_eq!(w.gap.unwrap(), NOT_KNOWN);
        assert!(after_reject(&s, &s.visits[0]).windows.is_empty());
    }

    #[test]
    fn a_later_page_whose_state_cannot_be_read_leans_on_the_first() {
        let s = set([
            visit(Scenario::RejectAll).chose(3000.0, 3200.0),
            visit(Scenario::RejectAll).page("/two", 1).achieved(AchievedChoice::Unknown),
        ]);
        assert_eq!(
            after_reject(&s, &s.visits[1]),
            Within::window(Window { after: Some(Choice::Reject), ..Window::WHOLE })
        );
    }
}
