//! `vendor-not-declared`: a vendor that would ask for consent, which the consent platform's declaration does not name.

use std::collections::BTreeMap;

use affiant_detect::facts::{CookieFact, DeclarationFact, RequestFact, VendorRef, VisitFacts};
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::declared::{Declared, Hosts, asking, cookies, holds, vendor_of};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity};
use crate::occurrence::{self, Occurrence, Order};
use crate::recipient::Recipient;
use crate::scope::Scope;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window::{Window, Within};
use crate::words::{list, plain};

pub(crate) const RULE: Rule = Rule {
    id: "vendor-not-declared",
    version: 1,
    title: "A vendor that the platform does not declare",
    severity: Severity::Low,
    doc: DOC,
    needs: &[CONSENT, NETWORK],
    judge,
};

const DOC: &str = r#"
## What it observes
Vendors of session replay, form capture, chat, advertising and analytics that received requests, and that no category of the consent platform's declaration names: by service, by host, or by a cookie that was seen to be theirs. Only where the declaration names services or hosts at all.

## Why it matters
What the team does not know of is in no category, and no choice in the banner reaches it. Often another tag has brought it.

## Example
*Criteo is in no category of OneTrust's declaration, and received requests in 3 of 3 visits.*

## Remedy
Find out who brought the tag (the chain stands beside the finding), remove it, or file it in the category that it serves.

## Limits
Names differ: a service that is declared under a name of the site's own reads as missing where neither a host nor a cookie tells. Where only services are declared, and no hosts, it is a note.
"#;

fn judge(set: &VisitSet) -> Judged {
    let declared = Declared::of(set);
    let any = |test: fn(&affiant_record::declaration::Category) -> bool| {
        declared.categories().any(|(_, c)| test(c))
    };
    let (hosts, services) = (any(|c| !c.hosts.is_empty()), any(|c| !c.services.is_empty()));
    let scope = Scope::over(set, RULE.needs, |_, _| true, seen);
    if !hosts && !services {
        let none = Scope::of(vec![], scope.gaps);
        return conclude(&none, vec![], "No declaration could be read that names services or hosts.");
    }
    let seen = all_seen(set);
    let mut known: BTreeMap<&VendorRef, bool> = BTreeMap::new();
    let mut by: BTreeMap<String, (VendorRef, Vec<Occurrence<'_>>)> = BTreeMap::new();
    for l in &scope.looks {
        for vendor in asking(l.visit) {
            if *known.entry(vendor).or_insert_with(|| named(&declared, vendor, seen.get(vendor))) {
                continue;
            }
            let is = |r: &RequestFact| vendor_of(l.visit, r) == Some(vendor) && r.left_browser;
            let first = l.visit.requests.iter().position(is);
            let Some(found) = first.and_then(|i| Occurrence::request(l, i, &Window::WHOLE)) else { continue };
            by.entry(vendor.name.to_string()).or_insert_with(|| (vendor.clone(), vec![])).1.push(found);
        }
    }
    let platform = declared.all.first().map(|d| plain(&d.declared.platform, 40)).unwrap_or_default();
    let services = if by.is_empty() { vec![] } else { services_of(&declared.all) };
    let findings = by
        .into_values()
        .filter_map(|(vendor, mut found)| {
            occurrence::sort(&mut found, Order::Session);
            let measure = Measure::of(Counted::Visit, &scope, &found).out_of(scope.looks.len());
            let words = Words {
                severity: if hosts { Severity::Low } else { Severity::Note },
                confidence: Confidence::Low,
                title: format!(
                    "{} is in no category of {platform}'s declaration, and received requests in {}.",
                    plain(&vendor.name, 80),
                    title::out_of(&measure, "visit")
                ),
                measure,
                subject: Recipient::vendor(&vendor).subject(vec![]),
                details: vec![format!("Declared services: {}.", list(&services, 8))],
                remedy: "Find out who brought the tag, remove it, or file it in the category that it serves."
                    .to_owned(),
            };
            Draft::new(set, &scope, words, &found)
        })
        .collect();
    conclude(&scope, findings, "No visit was made.")
}

fn seen(_: &VisitSet, _: &VisitFacts) -> Within {
    Within { windows: vec![Window::WHOLE], gap: None }
}

/// All that was seen of a vendor in the audit: hosts of its requests, and its cookies, each once.
#[derive(Default)]
struct Seen<'a> {
    hosts: Hosts<'a>,
    cookies: BTreeMap<(&'a str, &'a str), &'a CookieFact>,
}

fn all_seen(set: &VisitSet) -> BTreeMap<&VendorRef, Seen<'_>> {
    let mut out: BTreeMap<&VendorRef, Seen<'_>> = BTreeMap::new();
    for v in &set.visits {
        for r in &v.requests {
            let Some(vendor) = vendor_of(v, r) else { continue };
            out.entry(vendor).or_default().hosts.insert((&r.host, &r.domain));
        }
        for c in cookies(v) {
            let Some(vendor) = &c.vendor else { continue };
            out.entry(vendor).or_default().cookies.entry((&c.name, &c.domain)).or_insert(c);
        }
    }
    out
}

/// Whether any category names it, over all that was seen of it in the audit.
fn named<'a>(declared: &Declared<'a>, vendor: &VendorRef, seen: Option<&Seen<'a>>) -> bool {
    let none = Seen::default();
    let seen = seen.unwrap_or(&none);
    declared.categories().any(|(_, c)| holds(c, vendor, &seen.hosts))
        || seen.cookies.values().any(|c| declared.category_of(c).is_some())
}

fn services_of(declared: &[&DeclarationFact]) -> Vec<String> {
    let all =
        declared.iter().flat_map(|d| &d.declared.categories).flat_map(|c| c.services.iter().chain(&c.hosts));
    // Several platforms, or pages, name the same ones.
    all.map(|s| plain(s, 60)).collect::<IndexSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{category, cookie, set, vendor, visit};
    use affiant_detect::facts::CookieFact;
    use affiant_record::Scenario;

    #[test]
    fn what_is_named_nowhere_is_found_and_what_a_host_a_name_or_a_cookie_tells_is_not() {
        let v = || visit(Scenario::AcceptAll).send(500.0, "Hotjar").send(600.0, "Meta Pixel");
        let filed = category("Statistics", "off").host("hotjar.com").cookie("_fbp").done();
        let j = judge(&set([v().declares("OneTrust", vec![filed.clone()])]));
        let titles: Vec<&str> = j.findings.iter().map(|f| f.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "Meta Pixel is in no category of OneTrust's declaration, and received requests in 1 of 1 visit."
            ]
        );
        assert_eq!(j.verdict, Verdict::Fail);
        let fbp = CookieFact { vendor: Some(vendor("Meta Pixel")), ..cookie("_fbp", 900.0) };
        assert_eq!(judge(&set([v().declares("OneTrust", vec![filed]).cookie(fbp)])).verdict, Verdict::Pass);
        let names = category("All", "off").service("Hotjar").service("Meta Pixel").done();
        assert_eq!(judge(&set([v().declares("Klaro", vec![names])])).verdict, Verdict::Pass);
        let other = category("All", "off").service("Hotjar").done();
        let j = judge(&set([v().declares("Klaro", vec![other])]));
        assert_eq!(
            (j.verdict, j.findings[0].severity),
            (Verdict::Pass, Severity::Note),
            "names alone are a note"
        );
        assert_eq!(judge(&set([v()])).verdict, Verdict::NotApplicable);
    }
}
