//! Which consent was achieved: from the site's own state, before and after, apart from what was requested.

use affiant_record::consent::{Achieved, AchievedChoice};
use affiant_record::{Choice, Purposes};
use serde_json::Value;

use super::meaning::{Meaning, of_api, of_stored};
use super::state::StateItem;

/// How far a source can be trusted to tell the visitor's choice, best first.
fn rank(source: &str) -> u8 {
    match source.split_once(':') {
        Some(("api", "google-consent-mode" | "usp" | "gpp")) => 2,
        Some(("api", _)) => 0,
        _ => 1,
    }
}

fn meaning(item: &StateItem) -> Option<Meaning> {
    match item.source.split_once(':')? {
        ("api", name) => of_api(name, &item.value),
        (_, name) => of_stored(name, item.value.as_str()?),
    }
}

/// What an earlier visit of the session had shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The choice.
    pub(crate) choice: AchievedChoice,
    /// Whether it stood in a cookie or in storage: then its absence is seen.
    pub(crate) kept: bool,
}

/// What the visitor did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done<'a> {
    /// The latest choice.
    pub(crate) choice: Option<Choice>,
    /// Whether the visitor went on without one, or only closed the banner: a site may take that for a choice.
    pub(crate) went_on: bool,
    /// What an earlier visit had shown; its state needs no change to count.
    pub(crate) carried: Option<Carried>,
    /// Whether a known platform's own storage was seen to be written after the choice.
    pub(crate) written: bool,
    /// Why the choice could not be made.
    pub(crate) why_not: Option<&'a str>,
}

/// Judges the states at the end against those before the choice.
pub(crate) fn of(done: Done<'_>, before: &[StateItem], after: &[StateItem]) -> Achieved {
    let Done { choice: requested, went_on, carried, written, why_not: why_no_choice } = done;
    let decided = requested.is_some_and(|c| c != Choice::Dismiss);
    let taken = |m: &Meaning| went_on && m.granted > 0;
    let closed = after.iter().any(|i| i.source == "cookie:OptanonAlertBoxClosed");
    let (mut grants, mut denies) = (Purposes::NONE, Purposes::NONE);
    let mut found: Vec<(u8, String, AchievedChoice)> = Vec::new();
    for item in after {
        let Some(m) = meaning(item) else { continue };
        let made = m.made.or_else(|| (item.source == "cookie:OptanonConsent").then_some(closed));
        let changed = before.iter().find(|b| b.source == item.source).is_none_or(|b| b.value != item.value);
        // Denied by default and denied by choice look alike where a platform does not tell whether it was asked.
        let silent = made.is_none() && !changed;
        let choice = match made {
            Some(true) => Meaning { made: Some(true), ..m }.choice(),
            Some(false) => AchievedChoice::None,
            // The state does not say that a choice was made: it counts if the choice changed it.
            None if decided && (changed && !before.is_empty() || carried.is_some()) => m.choice(),
            None if decided && changed && why_no_choice.is_none() => m.choice(),
            // Nor does it differ from the default; but the platform wrote what only it can read.
            None if decided && written && why_no_choice.is_none() && item.source.starts_with("api:") => {
                m.choice()
            }
            // Nobody decided, and the site stored a grant all the same.
            None if taken(&m) && (changed || carried.is_some_and(|c| c.choice != AchievedChoice::None)) => {
                m.choice()
            }
            None => AchievedChoice::None,
        };
        if rank(&item.source) < 2 {
            (grants, denies) =
                (m.grants.each().fold(grants, Purposes::with), m.denies.each().fold(denies, Purposes::with));
        }
        let rank = if silent && choice == AchievedChoice::None {
            1.max(rank(&item.source))
        } else {
            rank(&item.source)
        };
        found.push((rank, item.source.clone(), choice));
    }
    found.sort();
    let gone = found.is_empty() && carried.is_some_and(Carried::would_be_seen);
    let mut out = Achieved { choice: AchievedChoice::Unknown, ..Default::default() };
    let best = found.first().map(|f| f.0);
    let decisive: Vec<_> = found.iter().filter(|f| Some(f.0) == best).collect();
    out.basis = found.iter().map(|(_, s, c)| format!("{s} = {}", word(*c))).collect();
    let known: Vec<AchievedChoice> =
        decisive.iter().map(|f| f.2).filter(|c| *c != AchievedChoice::Unknown).collect();
    // A platform that has not been asked yet says nothing against one that has.
    let made: Vec<AchievedChoice> = known.iter().copied().filter(|c| *c != AchievedChoice::None).collect();
    let mut disagree = false;
    out.choice = match (made.first(), known.first()) {
        (Some(c), _) if made.iter().all(|x| x == c) => *c,
        (Some(_), _) => {
            disagree = true;
            AchievedChoice::Unknown
        }
        (None, Some(_)) => AchievedChoice::None,
        (None, None) if !decisive.is_empty() => AchievedChoice::Unknown,
        (None, None) if gone => AchievedChoice::None,
        (None, None) if !decided || why_no_choice.is_some() => AchievedChoice::None,
        (None, None) => AchievedChoice::Unknown,
    };
    out.why_not = match (requested, out.choice) {
        (None, AchievedChoice::AcceptAll | AchievedChoice::Partial) if went_on => {
            Some(format!("nothing was chosen, and the stored state reads {}", word(out.choice)))
        }
        (None, _) | (Some(Choice::Dismiss), AchievedChoice::None | AchievedChoice::Unknown) => None,
        _ if gone => Some("the choice that had been stored is not there any more".to_owned()),
        (Some(Choice::Accept), AchievedChoice::AcceptAll)
        | (Some(Choice::Reject | Choice::Withdraw), AchievedChoice::RejectAll) => None,
        _ if why_no_choice.is_some() => why_no_choice.map(str::to_owned),
        (Some(Choice::Custom(wanted)), AchievedChoice::Partial | AchievedChoice::RejectAll) => {
            not_as_wanted(wanted, grants, denies)
        }
        (_, AchievedChoice::None) => Some("the choice was made, but no choice is stored".to_owned()),
        (_, AchievedChoice::Unknown) if disagree => Some("two platforms on the page disagree".to_owned()),
        (_, AchievedChoice::Unknown) => Some("no stored state was found that could be read".to_owned()),
        (Some(Choice::Dismiss), c) => {
            Some(format!("the banner was only closed, and the stored state reads {}", word(c)))
        }
        (_, c) => Some(format!("the stored state reads {}", word(c))),
    };
    out
}

/// Where the names of what is stored tell its purposes: which of them are not as the visitor wanted. Whether they all
/// are is not told by names alone; a state that is a part, and speaks against nothing, is taken for the choice.
fn not_as_wanted(wanted: Purposes, grants: Purposes, denies: Purposes) -> Option<String> {
    let (beyond, short) = (grants.without(wanted), denies.and(wanted).without(grants));
    match (beyond.is_empty(), short.is_empty()) {
        (true, true) => None,
        (false, _) => Some(format!("the stored state grants {beyond}, which was not chosen")),
        (true, false) => Some(format!("the stored state denies {short}, which was chosen")),
    }
}

impl Carried {
    /// From what a visit has shown.
    pub(crate) fn of(a: &Achieved) -> Carried {
        let kept = a.basis.iter().any(|b| b.starts_with("cookie:") || b.starts_with("local:"));
        Carried { choice: a.choice, kept }
    }

    fn would_be_seen(self) -> bool {
        self.kept
            && matches!(
                self.choice,
                AchievedChoice::AcceptAll | AchievedChoice::RejectAll | AchievedChoice::Partial
            )
    }
}

fn word(c: AchievedChoice) -> String {
    serde_json::to_value(c).ok().and_then(|v: Value| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use AchievedChoice as C;
    use serde_json::json;

    fn held(
        choice: Option<Choice>,
        before: &[StateItem],
        after: &[StateItem],
        carried: Option<C>,
        why_not: Option<&str>,
    ) -> Achieved {
        let carried = carried.map(|choice| Carried { choice, kept: true });
        of(
            Done { choice, went_on: choice == Some(Choice::Dismiss), carried, written: false, why_not },
            before,
            after,
        )
    }

    fn item(source: &str, value: Value) -> StateItem {
        StateItem { source: source.into(), value }
    }

    #[test]
    fn a_platforms_own_word_beats_a_vanished_banner() {
        let pending = [item("api:vanilla-cookieconsent", json!({"valid": false}))];
        let a = held(Some(Choice::Reject), &pending, &pending, None, None);
        assert_eq!((a.choice, a.why_not.is_some()), (C::None, true));
        let done = [item(
            "api:vanilla-cookieconsent",
            json!({"valid": true, "acceptedCategories": ["necessary"], "rejectedCategories": ["ads"]}),
        )];
        assert_eq!(held(Some(Choice::Reject), &pending, &done, None, None).choice, C::RejectAll);
        let a = held(Some(Choice::Accept), &pending, &done, None, None);
        assert_eq!(
            (a.choice, a.why_not.unwrap()),
            (C::RejectAll, "the stored state reads reject-all".into())
        );
    }

    #[test]
    fn a_state_that_was_there_before_is_no_proof() {
        let same = [item("local:consent-defaults", json!("{\"analytics\":false}"))];
        assert_eq!(held(Some(Choice::Reject), &same, &same, None, None).choice, C::None);
        assert_eq!(held(Some(Choice::Reject), &[], &same, Some(C::RejectAll), None).choice, C::RejectAll);
        assert_eq!(held(None, &[], &same, None, None).choice, C::None);
    }

    #[test]
    fn a_platform_that_does_not_tell_whether_it_was_asked_says_nothing_against_what_is_stored() {
        let osano = item("api:osano", json!({ "ANALYTICS": "DENY", "MARKETING": "DENY" }));
        let stored = item("cookie:my_consent", json!("{\"analytics\":false,\"ads\":false}"));
        let before = [osano.clone()];
        let a = held(Some(Choice::Reject), &before, &[osano.clone(), stored], None, None);
        assert_eq!(a.choice, C::RejectAll);
        assert_eq!(held(Some(Choice::Reject), &before, &before, None, None).choice, C::None);
        let done = Done { choice: Some(Choice::Reject), written: true, ..Done::default() };
        assert_eq!(of(done, &before, &before).choice, C::RejectAll);
    }

    #[test]
    fn nothing_readable_is_unknown_and_two_platforms_may_disagree() {
        assert_eq!(held(Some(Choice::Reject), &[], &[], None, None).choice, C::Unknown);
        assert_eq!(held(Some(Choice::Reject), &[], &[], None, Some("no banner")).choice, C::None);
        let two = [
            item("api:klaro", json!({"confirmed": true, "consents": {"a": true}})),
            item(
                "api:vanilla-cookieconsent",
                json!({"valid": true, "acceptedCategories": [], "rejectedCategories": ["ads"]}),
            ),
        ];
        let a = held(Some(Choice::Reject), &[], &two, None, None);
        assert_eq!((a.choice, a.why_not.unwrap()), (C::Unknown, "two platforms on the page disagree".into()));
    }

    #[test]
    fn purposes_are_held_against_those_that_were_chosen() {
        let stored = |analytics: bool, marketing: bool| {
            let all = json!({ "consent": { "preferences": true, "statistics": analytics, "marketing": marketing }, "hasResponse": true });
            [item("api:cookiebot", all)]
        };
        let functional = Some(Choice::Custom(Purposes::FUNCTIONAL));
        let a = held(functional, &[], &stored(false, false), None, None);
        assert_eq!((a.choice, a.why_not), (C::Partial, None));
        let a = held(functional, &[], &stored(false, true), None, None);
        assert_eq!(a.why_not.unwrap(), "the stored state grants advertising, which was not chosen");
        let a = held(functional, &[], &stored(true, true), None, None);
        assert_eq!(
            (a.choice, a.why_not.unwrap()),
            (C::AcceptAll, "the stored state reads accept-all".into())
        );
    }

    #[test]
    fn a_banner_that_was_only_closed_is_no_choice_unless_the_site_takes_it_for_one() {
        let pending = [item("api:vanilla-cookieconsent", json!({"valid": false}))];
        let a = held(Some(Choice::Dismiss), &pending, &pending, None, None);
        assert_eq!((a.choice, a.why_not), (C::None, None));
        let all = [item("api:klaro", json!({"confirmed": true, "consents": {"a": true}}))];
        let a = held(Some(Choice::Dismiss), &[], &all, None, None);
        assert_eq!(a.choice, C::AcceptAll);
        assert!(a.why_not.unwrap().starts_with("the banner was only closed"));
    }

    #[test]
    fn what_was_stored_and_is_gone_is_told_and_so_is_what_nobody_chose() {
        let a = held(Some(Choice::Reject), &[], &[], Some(C::RejectAll), None);
        assert_eq!(
            (a.choice, a.why_not.unwrap()),
            (C::None, "the choice that had been stored is not there any more".into())
        );
        // A platform that only answers, and is not on this page, may still hold it.
        let carried = Some(Carried { choice: C::RejectAll, kept: false });
        let a = of(Done { choice: Some(Choice::Reject), carried, ..Done::default() }, &[], &[]);
        assert_eq!(a.choice, C::Unknown);
        let all = [item("cookie:my_consent", json!("{\"analytics\":true,\"ads\":true}"))];
        let a = of(Done { went_on: true, ..Done::default() }, &[], &all);
        assert_eq!(
            (a.choice, a.why_not.unwrap()),
            (C::AcceptAll, "nothing was chosen, and the stored state reads accept-all".into())
        );
        let none = [item("cookie:my_consent", json!("{\"analytics\":false,\"ads\":false}"))];
        assert_eq!(of(Done { went_on: true, ..Done::default() }, &[], &none).choice, C::None);
    }
}
