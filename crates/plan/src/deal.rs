//! Dealing a scenario's pages to sessions: a few pages stay with one session, many are shared out.
//!
//! The law counts by user and session, so a share is a whole session: a fresh profile, the choice on the first page,
//! then its pages. More sessions end sooner, and each of them pays for a first page of its own.

use affiant_record::audit::Plan;

use crate::{Names, Role, Share, Todo};

/// Pages that a session has at least, beside the first, before there is another one.
const LEAST: usize = 8;
/// Pages that a session has at most, so that no profile lives for ever.
const MOST: usize = 100;
/// What a first page costs, in further pages: a banner is waited for, a choice made and watched.
const FIRST: usize = 3;

/// Deals pages to sessions, `slots` of which run side by side. The first share is of the first role, on the first page.
///
/// `pages` begins with the page on which every session begins. A run is a whole set of fresh profiles; the runs come one
/// after the other.
pub fn deal(plan: &Plan, pages: &[String], slots: usize, names: &mut Names) -> Vec<Share> {
    let start = pages.first().unwrap_or(&plan.start);
    let further = pages.get(1..).unwrap_or_default();
    let roles = Role::of(plan);
    let runs = plan.repeat.max(1);
    let count = count(further.len(), slots, roles.len() * runs as usize);
    let hands = hands(further, count);
    let mut out = Vec::new();
    for _ in 0..runs {
        for (hand, pages) in hands.iter().enumerate() {
            // One visitor of each kind comes back; what that shows does not depend on the share of the pages.
            let todo = Todo { pages: pages.clone(), returns: plan.returns && hand == 0 };
            out.extend(roles.iter().map(|role| Share {
                role: *role,
                session: names.next(*role),
                start: start.clone(),
                todo: todo.clone(),
                second: false,
            }));
        }
    }
    out
}

/// How many sessions each scenario is shared out to, so that all of them together end soonest.
///
/// `further` pages follow the first one; `slots` sessions run side by side; there are `scenarios` of them.
fn count(further: usize, slots: usize, scenarios: usize) -> usize {
    let (slots, scenarios) = (slots.max(1), scenarios.max(1));
    let fewest = further.div_ceil(MOST).max(1);
    let most = (further / LEAST).max(fewest);
    let time = |count: usize| (scenarios * count).div_ceil(slots) * (further.div_ceil(count) + FIRST);
    (fewest..=most).min_by_key(|count| (time(*count), *count)).unwrap_or(fewest)
}

/// Deals the pages like cards, so that each session gets a mix of the site.
fn hands(pages: &[String], count: usize) -> Vec<Vec<String>> {
    let count = count.max(1);
    (0..count).map(|hand| pages.iter().skip(hand).step_by(count).cloned().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Step, visits};
    use affiant_record::{Leg, Purposes, Scenario};
    use std::collections::BTreeSet;

    #[test]
    fn a_small_audit_has_one_session_a_scenario_whatever_the_machine() {
        for further in 0..2 * LEAST {
            for slots in [1, 4, 16] {
                assert_eq!(count(further, slots, 3), 1, "{further} pages, {slots} slots");
            }
        }
    }

    #[test]
    fn sessions_fill_the_slots_and_keep_their_bounds() {
        assert_eq!(count(99, 1, 1), 1, "one slot: more sessions would only cost more first pages");
        assert_eq!(count(99, 4, 1), 4);
        assert_eq!(count(99, 8, 1), 8);
        assert_eq!(count(40, 16, 1), 5, "no share below 8 pages");
        // Three scenarios on eight slots: nine shares would leave one to run alone.
        assert_eq!((3 * count(99, 8, 3)).div_ceil(8), 2);
        assert_eq!(count(999, 1, 1), 10, "no share above 100 pages");
        assert_eq!(count(4999, 12, 1) % 12, 0, "every wave is full");
        for further in [0, 1, 7, 8, 9, 63, 100, 101, 1234, 9_999] {
            for slots in [1, 2, 6, 12, 64] {
                for scenarios in 1..=3 {
                    let n = count(further, slots, scenarios);
                    assert!(further.div_ceil(n) <= MOST);
                    assert!(n == 1 || further / n >= LEAST || further.div_ceil(n - 1) > MOST);
                }
            }
        }
    }

    #[test]
    fn every_page_is_dealt_once() {
        let pages: Vec<String> = (0..103).map(|n| format!("/{n}")).collect();
        for count in [0, 1, 4, 13] {
            let hands = hands(&pages, count);
            assert_eq!(hands.len(), count.max(1));
            let dealt: BTreeSet<&String> = hands.iter().flatten().collect();
            assert_eq!((dealt.len(), hands.iter().map(Vec::len).sum()), (103, 103));
            let sizes: BTreeSet<usize> = hands.iter().map(Vec::len).collect();
            assert!(sizes.len() <= 2, "nobody gets more than one page more: {sizes:?}");
        }
    }

    fn plan(scenarios: &[Scenario], repeat: u32) -> Plan {
        Plan {
            start: "/".to_owned(),
            pages: Vec::new(),
            max_pages: 100,
            scenarios: scenarios.to_vec(),
            controls: vec![Scenario::NoChoice],
            returns: true,
            repeat,
            vantage: Default::default(),
            extra: Default::default(),
        }
    }

    #[test]
    fn every_page_is_visited_in_every_role_and_run_and_one_visitor_comes_back() {
        let pages: Vec<String> = (0..40).map(|n| format!("/{n}")).collect();
        let plan = plan(&[Scenario::NoChoice, Scenario::RejectAll], 2);
        let shares = deal(&plan, &pages, 16, &mut Names::default());
        assert_eq!((shares[0].session.as_str(), shares[0].start.as_str()), ("no-choice", "/0"));
        let names: std::collections::BTreeSet<&str> = shares.iter().map(|s| s.session.as_str()).collect();
        assert_eq!(names.len(), shares.len(), "names are unique");
        assert!(names.contains("no-choice-control-2"), "{names:?}");
        for role in Role::of(&plan) {
            let mine: Vec<&Share> = shares.iter().filter(|s| s.role == role).collect();
            let steps: Vec<Step> = mine.iter().flat_map(|s| s.steps()).collect();
            for page in &pages[1..] {
                assert_eq!(steps.iter().filter(|s| s.url == *page).count(), 2, "{role} {page}");
            }
            assert_eq!(steps.iter().filter(|s| s.leg == Leg::Return).count(), 2, "{role}");
            assert_eq!(visits(&shares)[&role], steps.len() as u64);
        }
    }

    #[test]
    fn the_first_session_keeps_the_roles_name() {
        let names = |role: Role| {
            let mut names = Names::default();
            [(); 3].map(|()| names.next(role))
        };
        let role = Role { scenario: Scenario::RejectAll, control: false };
        assert_eq!(names(role), ["reject-all", "reject-all-2", "reject-all-3"]);
        let role = Role { scenario: Scenario::Custom(Purposes::FUNCTIONAL), control: true };
        assert_eq!(names(role)[1], "custom-functional-control-2");
    }

    #[test]
    fn a_share_goes_through_a_queue_as_it_is() {
        let share = &deal(&plan(&[Scenario::Withdraw], 1), &["/".to_owned()], 1, &mut Names::default())[0];
        let text = serde_json::to_string(share).unwrap();
        assert_eq!(&serde_json::from_str::<Share>(&text).unwrap(), share, "{text}");
    }
}
