//! Every rule there is. A new one is a file in `src/rules/` and a line here.

use affiant_record::Digest;

use crate::conclude::Judged;
use crate::judgement::Severity;
use crate::rules;
use crate::visit_set::VisitSet;

/// A check.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name: also its file's and its documentation's.
    pub id: &'static str,
    /// Counts up whenever it may answer differently about the same facts.
    pub version: u32,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// The worst that it can find.
    pub severity: Severity,
    /// Markdown: what it observes, why it matters, an example, a remedy, limits.
    pub doc: &'static str,
    /// Collectors without which it cannot say *not observed*.
    pub needs: &'static [&'static str],
    pub(crate) judge: fn(&VisitSet) -> Judged,
}

/// Every rule, in the order in which reports show them.
pub static RULES: &[Rule] = &[
    rules::typed_values_sent::RULE,
    rules::search_or_video_sent::RULE,
    rules::recorder_without_consent::RULE,
    rules::sends_before_banner::RULE,
    rules::sends_before_choice::RULE,
    rules::sends_when_ignored::RULE,
    rules::sends_after_dismissal::RULE,
    rules::sends_after_reject::RULE,
    rules::sends_after_opt_out::RULE,
    rules::sends_beyond_grant::RULE,
    rules::sends_under_gpc::RULE,
    rules::cookie_without_consent::RULE,
    rules::third_party_on_sensitive_page::RULE,
    rules::listens_to_fields::RULE,
    rules::no_banner::RULE,
    rules::choice_not_offered::RULE,
    rules::refusing_takes_more::RULE,
    rules::refusing_stands_out_less::RULE,
    rules::ticked_before_choice::RULE,
    rules::choice_undone::RULE,
    rules::declared_always_active::RULE,
    rules::vendor_not_declared::RULE,
    rules::cookie_not_declared::RULE,
];

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.id == id)
}

/// SHA-256 over the rules' ids and versions, one `id version` a line, in the catalogue's order.
pub fn digest() -> Digest {
    let text: String = RULES.iter().map(|r| format!("{} {}\n", r.id, r.version)).collect();
    Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_documented_in_full_and_has_a_name_of_its_own() {
        let mut ids = BTreeSet::new();
        for r in RULES {
            assert!(ids.insert(r.id), "{} twice", r.id);
            assert!(r.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", r.id);
            assert!(r.version > 0 && !r.title.is_empty() && !r.needs.is_empty());
            let mut at = 0;
            for section in
                ["## What it observes", "## Why it matters", "## Example", "## Remedy", "## Limits"]
            {
                let found = r.doc[at..].find(section).unwrap_or_else(|| panic!("{}: {section}", r.id));
                at += found + section.len();
                let body = r.doc[at..].split("\n## ").next().unwrap().trim();
                assert!(body.len() > 40, "{}: {section} is empty", r.id);
            }
            for word in crate::testing::FORBIDDEN {
                assert!(!r.doc.to_lowercase().contains(word), "{} says {word}", r.id);
                assert!(!r.title.to_lowercase().contains(word), "{} says {word}", r.id);
            }
        }
        assert_eq!(rule("no-banner").map(|r| r.id), Some("no-banner"));
        assert!(rule("no-such-rule").is_none());
    }

    #[test]
    fn every_collector_that_a_rule_needs_exists() {
        use affiant_record::footer::collectors as c;
        let known = [
            c::NETWORK,
            c::BODIES,
            c::COOKIES,
            c::STORAGE,
            c::WEB_SOCKETS,
            c::CONSOLE,
            c::SCREENSHOTS,
            c::CONSENT,
            c::PAGE,
            c::PROBE,
            c::LISTENERS,
        ];
        assert!(RULES.iter().flat_map(|r| r.needs).all(|n| known.contains(n)));
    }
}
