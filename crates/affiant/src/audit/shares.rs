//! Dealing a scenario's pages to sessions: a few pages stay with one session, many are shared out.
//!
//! The law counts by user and session, so a share is a whole session: a fresh profile, the choice on the first page,
//! then its pages. More sessions end sooner, and each of them pays for a first page of its own.

use super::role::Role;

/// Pages that a session has at least, beside the first, before there is another one.
const LEAST: usize = 8;
/// Pages that a session has at most, so that no profile lives for ever.
const MOST: usize = 100;
/// What a first page costs, in further pages: a banner is waited for, a choice made and watched.
const FIRST: usize = 3;

/// How many sessions each scenario is shared out to, so that all of them together end soonest.
///
/// `further` pages follow the first one; `slots` sessions run side by side; there are `scenarios` of them.
pub(crate) fn count(further: usize, slots: usize, scenarios: usize) -> usize {
    let (slots, scenarios) = (slots.max(1), scenarios.max(1));
    let fewest = further.div_ceil(MOST).max(1);
    let most = (further / LEAST).max(fewest);
    let time = |count: usize| (scenarios * count).div_ceil(slots) * (further.div_ceil(count) + FIRST);
    (fewest..=most).min_by_key(|count| (time(*count), *count)).unwrap_or(fewest)
}

/// Deals the pages like cards, so that each session gets a mix of the site.
pub(crate) fn deal(pages: &[String], count: usize) -> Vec<Vec<String>> {
    let count = count.max(1);
    (0..count).map(|hand| pages.iter().skip(hand).step_by(count).cloned().collect()).collect()
}

/// The name of a session: a role's first has the role's own, the others a number.
pub(crate) fn name(role: Role, number: u32) -> String {
    if number <= 1 { role.to_string() } else { format!("{role}-{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_record::{Purposes, Scenario};
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
            let hands = deal(&pages, count);
            assert_eq!(hands.len(), count.max(1));
            let dealt: BTreeSet<&String> = hands.iter().flatten().collect();
            assert_eq!((dealt.len(), hands.iter().map(Vec::len).sum()), (103, 103));
            let sizes: BTreeSet<usize> = hands.iter().map(Vec::len).collect();
            assert!(sizes.len() <= 2, "nobody gets more than one page more: {sizes:?}");
        }
    }

    #[test]
    fn the_first_session_keeps_the_scenarios_name() {
        let role = Role { scenario: Scenario::RejectAll, control: false };
        let names = [1, 2, 11].map(|n| name(role, n));
        assert_eq!(names, ["reject-all", "reject-all-2", "reject-all-11"]);
        let role = Role { scenario: Scenario::Custom(Purposes::FUNCTIONAL), control: true };
        assert_eq!(name(role, 2), "custom-functional-control-2");
    }
}
