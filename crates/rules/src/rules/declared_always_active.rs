//! `declared-always-active`: the consent platform declares as always active what would ask for consent.

use std::collections::{BTreeMap, BTreeSet};

use affiant_detect::facts::{VendorRef, VisitFacts};
use affiant_record::declaration::Category;
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::declared::{Declared, Filed, Hosts, asking, cookies, holds, hosts, vendor_of};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown};
use crate::occurrence::{self, Occurrence, Order};
use crate::recipient::Recipient;
use crate::scope::Scope;
use crate::severity;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window::{Window, Within};
use crate::words::plain;

pub(crate) const RULE: Rule = Rule {
    id: "declared-always-active",
    version: 1,
    title: "Declared always active, though it would ask for consent",
    severity: Severity::High,
    doc: DOC,
    needs: &[CONSENT, NETWORK],
    judge,
};

const DOC: &str = r#"
## What it observes
Categories that the consent platform's own configuration declares as always active (strictly necessary, not to be refused), and vendors of session replay, form capture, chat, advertising and analytics that were observed and that such a category names: by service, by host, or by a cookie.

## Why it matters
What is declared always active runs whatever the visitor answers, and the banner works as it was configured: no Reject reaches it. A chat widget or a pixel that was filed under strictly necessary is the commonest cause of requests after Reject.

## Example
*Intercom is declared always active, in "Strictly Necessary Cookies" of OneTrust: no choice reaches it.*

## Remedy
File the service in the category that it serves, publish the configuration, and audit again.

## Limits
The declaration is the site's own word, read from the running page or from the files that it fetched. A service that the declaration does not name is not found here. Whether a service is strictly necessary for what the visitor asked for is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let declared = Declared::of(set);
    let mut named: Named<'_> = BTreeMap::new();
    let scope = Scope::over(set, RULE.needs, |_, _| true, seen);
    let mut by: BTreeMap<String, (VendorRef, String, Vec<Occurrence<'_>>)> = BTreeMap::new();
    for l in scope.looks.iter().filter(|_| !declared.all.is_empty()) {
        for vendor in asking(l.visit) {
            let own = hosts(l.visit.requests.iter().filter(|r| vendor_of(l.visit, r) == Some(vendor)));
            let by_name = *named.entry((vendor, own)).or_insert_with_key(|(vendor, own)| {
                declared.categories().find(|(_, c)| fixed(c) && holds(c, vendor, own))
            });
            let filed = by_name.or_else(|| by_cookie(&declared, l.visit, vendor));
            let Some((d, category)) = filed else { continue };
            let name = format!("\"{}\" of {}", plain(&category.name, 60), plain(&d.declared.platform, 40));
            let entry =
                by.entry(vendor.name.to_string()).or_insert_with(|| (vendor.clone(), name.clone(), vec![]));
            let shown = Shown {
                evidence: d.evidence.clone(),
                shows: format!("{name} is declared always active and names {}", plain(&vendor.name, 60)),
            };
            if entry.2.is_empty() {
                entry.2.push(Occurrence::found(l, 0.0, shown));
            }
            let first =
                l.visit.requests.iter().position(|r| vendor_of(l.visit, r) == Some(vendor) && r.left_browser);
            entry.2.extend(first.and_then(|i| Occurrence::request(l, i, &Window::WHOLE)));
        }
    }
    let findings = by
        .into_values()
        .filter_map(|(vendor, category, mut found)| {
            occurrence::sort(&mut found, Order::Session);
            let words = words(&scope, &vendor, &category, &found);
            Draft::new(set, &scope, words, &found)
        })
        .collect();
    let looks = if declared.all.is_empty() { vec![] } else { scope.looks };
    let scope = Scope::of(looks, scope.gaps);
    conclude(&scope, findings, "No declaration of a consent platform could be read.")
}

/// Every visit: what is always active acts on each.
fn seen(_: &VisitSet, _: &VisitFacts) -> Within {
    Within { windows: vec![Window::WHOLE], gap: None }
}

/// The category that is always active and names a vendor whose requests went to these hosts.
type Named<'a> = BTreeMap<(&'a VendorRef, Hosts<'a>), Option<Filed<'a>>>;

fn fixed(category: &Category) -> bool {
    category.default == "always"
}

/// The category that is always active and names a cookie of the vendor.
fn by_cookie<'a>(declared: &Declared<'a>, v: &'a VisitFacts, vendor: &VendorRef) -> Option<Filed<'a>> {
    let mine = cookies(v).filter(|c| c.vendor.as_ref() == Some(vendor));
    mine.filter_map(|c| declared.category_of(c)).find(|(_, c)| fixed(c))
}

fn words(scope: &Scope<'_>, vendor: &VendorRef, category: &str, found: &[Occurrence<'_>]) -> Words {
    let visits: BTreeSet<usize> = found.iter().map(|o| o.nth).collect();
    let measure = Measure::of(Counted::Visit, scope, found).counting(visits.len(), Some(scope.looks.len()));
    Words {
        severity: severity::down(severity::of_sending(Some(vendor.class))),
        confidence: Confidence::Medium,
        title: format!(
            "{} is declared always active, in {category}: no choice reaches it.",
            plain(&vendor.name, 80)
        ),
        subject: Recipient::vendor(vendor).subject(vec![]),
        details: vec![format!("Observed in {}.", title::occurrences(&measure))],
        measure,
        remedy:
            "File the service in the category that it serves, publish the configuration, and audit again."
                .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{category, set, visit};
    use affiant_record::Scenario;

    #[test]
    fn a_chat_that_is_filed_as_necessary_is_found_and_one_that_can_be_refused_is_not() {
        let chat = || visit(Scenario::NoChoice).send(500.0, "Intercom");
        let filed = category("Strictly Necessary", "always").host("intercom.io").service("Intercom");
        let j = judge(&set([chat().declares("OneTrust", vec![filed.clone().done()])]));
        assert_eq!(j.verdict, Verdict::Fail);
        assert_eq!(
            j.findings[0].title,
            "Intercom is declared always active, in \"Strictly Necessary\" of OneTrust: no choice reaches it."
        );
        assert_eq!(j.findings[0].severity, Severity::Medium);
        let refusable = category("Functional", "off").service("Intercom").done();
        let necessary = category("Strictly Necessary", "always").done();
        let j = judge(&set([chat().declares("OneTrust", vec![necessary, refusable])]));
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Pass, 0));
        assert_eq!(judge(&set([chat()])).verdict, Verdict::NotApplicable);
    }
}
