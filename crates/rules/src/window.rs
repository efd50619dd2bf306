//! Which stretch of a visit a question is about: before the banner, before the choice, after Reject.
//!
//! Requested and achieved consent are apart. That a driver's steps ran opens the stretch after the choice; only the
//! site's own state confirms it. A stretch that is not confirmed still shows what was sent in it, and carries no
//! negative.

use affiant_detect::facts::VisitFacts;
use affiant_record::Scenario;
use affiant_record::consent::AchievedChoice;

use crate::judgement::Confidence;
use crate::visit_set::{VisitSet, banner_from, banner_seen};
use crate::words::plain;

/// A stretch of a visit on its own clock: after `from`, before `to`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Window {
    /// Begins after this moment; none: from the start of the visit.
    pub(crate) from: Option<f64>,
    /// Ends before this moment; none: with the visit.
    pub(crate) to: Option<f64>,
    /// What `from` is, in words.
    pub(crate) since: &'static str,
    /// Whether it lies after a rejection.
    pub(crate) after_reject: bool,
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
    const WHOLE: Window =
        Window { from: None, to: None, since: "the page began", after_reject: false, unconfirmed: None };

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
            (Some(a), Some(b)) => Some(format!("{a}; {b}")),
            (a, b) => a.or(b),
        };
        self
    }
}

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
    if v.scenario == Scenario::NoChoice {
        return Within::window(Window::WHOLE);
    }
    if v.ordinal > 0 {
        return Within::default();
    }
    let (made, stored) = (v.marks.choice, stored_after_choice(v));
    let to = if v.scenario == Scenario::AcceptAll { made.or(stored) } else { stored.or(made) };
    match to {
        Some(to) => Within::window(Window { to: Some(to), ..Window::WHOLE }),
        None if v.choice.as_ref().is_some_and(|c| c.ok) => {
            Within::gap("a choice was made, and its moment is not recorded")
        }
        None => Within::window(Window::WHOLE),
    }
}

/// After Reject: the rest of the first page and all of the further ones.
pub(crate) fn after_reject(set: &VisitSet, v: &VisitFacts) -> Within {
    if v.scenario != Scenario::RejectAll {
        return Within::default();
    }
    let shows_it = v.achieved.choice == AchievedChoice::RejectAll;
    match choice_of(set, &v.session) {
        ChoiceMade::No(why) => return Within::gap(why),
        ChoiceMade::Unread(why) if !shows_it => return Within::gap(why),
        _ => {}
    }
    let mut w = Window { after_reject: true, ..Window::WHOLE };
    if v.ordinal == 0 {
        (w.from, w.since) = match (stored_after_choice(v), v.marks.after_choice) {
            (Some(t), _) => (Some(t), "the choice was stored"),
            (None, Some(t)) => (Some(t), "Reject had been operated"),
            (None, None) => return Within::gap("Reject was operated, and its moment is not recorded"),
        };
    }
    w.unconfirmed = unconfirmed(set, v);
    let gap = w.unconfirmed.as_ref().map(|u| u.why.clone());
    Within { windows: vec![w], gap }
}

/// Before any choice, and after Reject.
pub(crate) fn without_consent(set: &VisitSet, v: &VisitFacts) -> Within {
    before_choice(set, v).and(after_reject(set, v))
}

/// Whether a session's choice was made.
pub(crate) enum ChoiceMade {
    /// The driver's steps ran, or the site's own state shows the choice.
    Yes,
    /// It was not, and why.
    No(String),
    /// The visit that would tell could not be read.
    Unread(String),
}

/// Whether the choice of this session was made.
pub(crate) fn choice_of(set: &VisitSet, session: &str) -> ChoiceMade {
    let Some(first) = set.choice_visit(session) else {
        return ChoiceMade::Unread("the visit in which the choice was made could not be read".to_owned());
    };
    let wanted = match first.scenario {
        Scenario::AcceptAll => ("Accept", AchievedChoice::AcceptAll),
        Scenario::RejectAll => ("Reject", AchievedChoice::RejectAll),
        _ => return ChoiceMade::No("no choice was asked for".to_owned()),
    };
    let shown = first.achieved.choice == wanted.1;
    match &first.choice {
        Some(c) if c.ok => ChoiceMade::Yes,
        // A driver that failed may have clicked all the same; a state that denies by default is no choice.
        Some(_) if shown && stored_after_choice(first).is_some() => ChoiceMade::Yes,
        Some(c) => ChoiceMade::No(match c.note.as_deref().map(str::trim) {
            Some(note) if !note.is_empty() => {
                format!("{} could not be operated: {}", wanted.0, plain(note, 160))
            }
            _ => format!("{} could not be operated", wanted.0),
        }),
        None if shown => ChoiceMade::Yes,
        None if banner_seen(first) => {
            ChoiceMade::No(format!("a banner was seen, and {} was not operated", wanted.0))
        }
        None => ChoiceMade::No(format!("no banner was seen, so that {} could not be operated", wanted.0)),
    }
}

/// When the choice was stored; a store from before the choice cannot be it.
fn stored_after_choice(v: &VisitFacts) -> Option<f64> {
    v.marks.choice_stored.filter(|stored| v.marks.choice.is_none_or(|made| *stored >= made))
}

fn unconfirmed(set: &VisitSet, v: &VisitFacts) -> Option<Unconfirmed> {
    use AchievedChoice as A;
    let first = || set.choice_visit(&v.session).map(|f| f.achieved.choice);
    let (confidence, what) = match v.achieved.choice {
        A::RejectAll => return None,
        A::Unknown if v.ordinal > 0 && first() == Some(A::RejectAll) => return None,
        A::Unknown => (Confidence::Medium, "the site's own state could not be read after Reject"),
        A::None => (Confidence::Low, "the site's own state showed no stored choice after Reject"),
        A::Partial => {
            (Confidence::Low, "the site's own state showed only a part of the purposes denied after Reject")
        }
        A::AcceptAll => (Confidence::Low, "the site's own state showed everything granted after Reject"),
    };
    let why = match v.achieved.why_not.as_deref() {
        Some(why) if !why.trim().is_empty() => format!("{what} ({})", plain(why, 160)),
        _ => what.to_owned(),
    };
    Some(Unconfirmed { confidence, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};

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
    fn a_later_page_whose_state_cannot_be_read_leans_on_the_first() {
        let s = set([
            visit(Scenario::RejectAll).chose(3000.0, 3200.0),
            visit(Scenario::RejectAll).page("/two", 1).achieved(AchievedChoice::Unknown),
        ]);
        assert_eq!(
            after_reject(&s, &s.visits[1]),
            Within::window(Window { after_reject: true, ..Window::WHOLE })
        );
    }
}
