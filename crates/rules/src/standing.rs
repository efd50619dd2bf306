//! Which choice is in force when a visit begins, whether it was made, and whether the site's own state shows it.

use affiant_detect::facts::VisitFacts;
use affiant_record::consent::{Achieved, AchievedChoice};
use affiant_record::{Choice, Leg, Scenario};

use crate::judgement::Confidence;
use crate::visit_set::{VisitSet, banner_seen};
use crate::window::Unconfirmed;
use crate::words::plain;

/// The choice that the visitor had been told to make before this visit began.
pub(crate) fn standing(v: &VisitFacts) -> Option<Choice> {
    match (v.scenario, v.leg) {
        (_, Leg::First) => None,
        (Scenario::Withdraw, Leg::AfterOptOut | Leg::Return) => Some(Choice::Withdraw),
        (scenario, _) => scenario.first_choice(),
    }
}

/// The visit in which the choice was made that is in force when this one begins, if its record could be read.
pub(crate) fn decided<'a>(set: &'a VisitSet, v: &VisitFacts) -> Option<&'a VisitFacts> {
    set.visits.get(set.index().decided(&v.session, standing(v)?, v.ordinal)?)
}

/// Whether a choice was made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChoiceMade {
    /// The driver's steps ran, or the site's own state shows the choice.
    Yes,
    /// It was not, and why.
    No(String),
    /// The visit that would tell could not be read.
    Unread(String),
}

/// Whether the choice that is in force when this visit begins was made; nothing where none was to be made.
pub(crate) fn made_before(set: &VisitSet, v: &VisitFacts) -> Option<ChoiceMade> {
    standing(v)?;
    Some(decided(set, v).map_or_else(
        || ChoiceMade::Unread("the visit in which the choice was made could not be read".to_owned()),
        made_in,
    ))
}

/// Why the choice that this visit was to make was not made; nothing where it was, or where none was asked for.
pub fn choice_not_made(v: &VisitFacts) -> Option<String> {
    v.decides?;
    match made_in(v) {
        ChoiceMade::No(why) | ChoiceMade::Unread(why) => Some(why),
        ChoiceMade::Yes => None,
    }
}

/// Whether the visit's own choice was made.
pub(crate) fn made_in(v: &VisitFacts) -> ChoiceMade {
    let Some(choice) = v.decides else {
        return ChoiceMade::No("no choice was asked for".to_owned());
    };
    let name = name(choice);
    let shown = shows(choice, &v.achieved);
    match &v.choice {
        Some(c) if c.ok => ChoiceMade::Yes,
        // A driver that failed may have clicked all the same; a state that denies by default is no choice.
        Some(_) if shown && stored_after_choice(v).is_some() => ChoiceMade::Yes,
        Some(c) => ChoiceMade::No(match c.note.as_deref().map(str::trim) {
            Some(note) if !note.is_empty() => {
                format!("{name} could not be operated: {}", plain(note, 160))
            }
            _ => format!("{name} could not be operated"),
        }),
        None if choice == Choice::Withdraw => ChoiceMade::No(format!("{name} was not operated")),
        None if shown => ChoiceMade::Yes,
        None if banner_seen(v) => ChoiceMade::No(format!("a banner was seen, and {name} was not operated")),
        None => ChoiceMade::No(format!("no banner was seen, so that {name} could not be operated")),
    }
}

/// What the visitor operates, in words.
pub(crate) fn name(choice: Choice) -> &'static str {
    match choice {
        Choice::Accept => "Accept",
        Choice::Reject => "Reject",
        Choice::Custom(_) => "the choice of purposes",
        Choice::Dismiss => "the banner's dismissal",
        Choice::Withdraw => "the opt-out",
        _ => "the choice",
    }
}

/// Whether the site's own state shows that this choice is stored.
pub(crate) fn shows(choice: Choice, achieved: &Achieved) -> bool {
    match choice {
        Choice::Accept => achieved.choice == AchievedChoice::AcceptAll,
        Choice::Reject | Choice::Withdraw => achieved.choice == AchievedChoice::RejectAll,
        // A state that denies more than was asked is no wider than the choice.
        Choice::Custom(_) => {
            achieved.choice == AchievedChoice::RejectAll
                || achieved.choice == AchievedChoice::Partial && achieved.why_not.is_none()
        }
        _ => false,
    }
}

/// When the choice was stored; a store from before the choice cannot be it.
pub(crate) fn stored_after_choice(v: &VisitFacts) -> Option<f64> {
    v.marks.choice_stored.filter(|stored| v.marks.choice.is_none_or(|made| *stored >= made))
}

/// Why it is not certain that the choice is in force in this visit; nothing where the site's own state shows it.
/// A closed banner leaves nothing that could confirm it.
pub(crate) fn unconfirmed(set: &VisitSet, v: &VisitFacts, choice: Choice) -> Option<Unconfirmed> {
    use AchievedChoice as A;
    if choice == Choice::Dismiss || shows(choice, &v.achieved) {
        return None;
    }
    let after = format!("after {}", name(choice));
    let shown_before = || decided(set, v).is_some_and(|d| shows(choice, &d.achieved));
    let (confidence, what) = match v.achieved.choice {
        A::Unknown if v.decides != Some(choice) && shown_before() => return None,
        A::Unknown => (Confidence::Medium, format!("the site's own state could not be read {after}")),
        A::None => (Confidence::Low, format!("the site's own state showed no stored choice {after}")),
        A::Partial if matches!(choice, Choice::Custom(_)) => {
            (Confidence::Low, format!("the site's own state showed other purposes granted {after}"))
        }
        A::Partial => (
            Confidence::Low,
            format!("the site's own state showed only a part of the purposes denied {after}"),
        ),
        A::AcceptAll => (Confidence::Low, format!("the site's own state showed everything granted {after}")),
        A::RejectAll => (Confidence::Low, format!("the site's own state showed everything denied {after}")),
    };
    let why = match v.achieved.why_not.as_deref() {
        Some(why) if !why.trim().is_empty() => format!("{what} ({})", plain(why, 160)),
        _ => what,
    };
    Some(Unconfirmed { confidence, why })
}
