//! `cookie-not-declared`: a cookie that the consent platform's declaration does not name, or names as something else.

use std::collections::BTreeMap;

use affiant_detect::facts::{CookieFact, Party, VisitFacts};
use affiant_record::declaration::Category;
use affiant_record::footer::collectors::{CONSENT, COOKIES};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::declared::{Declared, cookies};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject};
use crate::measure::number;
use crate::occurrence::{self, Occurrence, Order, when};
use crate::recipient::Recipient;
use crate::scope::Scope;
use crate::severity;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window::{Window, Within};
use crate::words::{list, plain};

pub(crate) const RULE: Rule = Rule {
    id: "cookie-not-declared",
    version: 1,
    title: "Cookies that the platform does not declare, or declares as something else",
    severity: Severity::Medium,
    doc: DOC,
    needs: &[CONSENT, COOKIES],
    judge,
};

const DOC: &str = r#"
## What it observes
Cookies that were set in any visit, held against the cookies that the consent platform's configuration names: those of third parties or known vendors, or for analytics or marketing, that are in no category; and those that a cookie database knows as analytics or marketing and that are declared as strictly necessary or functional.

## Why it matters
A visitor can only agree to what is named. What is in no category is reached by no choice either, and what is filed as necessary cannot be refused.

## Example
*Meta Pixel: 1 cookie is in no category of the platform's declaration (_fbp).*

## Remedy
Scan the site again in the consent platform, file every cookie in the category that it serves, and bind the tag to that category.

## Limits
Only where the declaration names cookies at all. Names may be patterns. Databases of cookies go by name and can be wrong. A cookie that is declared and was not seen is no finding: `affiant cmp show` lists it.
"#;

fn judge(set: &VisitSet) -> Judged {
    let declared = Declared::of(set);
    let lists = declared.categories().any(|(_, c)| !c.cookies.is_empty());
    let scope = Scope::over(set, RULE.needs, |_, _| true, seen);
    if !lists {
        let none = Scope::of(vec![], scope.gaps);
        return conclude(&none, vec![], "No declaration could be read that names cookies.");
    }
    let mut by: BTreeMap<(String, &str), Group<'_>> = BTreeMap::new();
    for l in &scope.looks {
        for c in cookies(l.visit).filter(|c| counts(c)) {
            let filed = declared.category_of(c);
            let (what, how) = match filed {
                None => ("missing", "is in no category".to_owned()),
                Some((_, category)) if otherwise(category, c) => {
                    let known = c.purpose.as_deref().unwrap_or("");
                    (
                        "otherwise",
                        format!("is declared in \"{}\" and known as {known}", plain(&category.name, 60)),
                    )
                }
                _ => continue,
            };
            let owner = owner(c);
            let group =
                by.entry((owner.name.clone(), what)).or_insert_with(|| Group::new(owner, how.clone()));
            group.names.insert(c.name.as_str());
            group.severity = group.severity.max(severity_of(c, filed.map(|f| f.1)));
            let shows = format!("{} {how}; set {}", plain(&c.name, 60), when(l.visit, c.t));
            let shown = Shown { evidence: c.evidence.clone(), shows };
            group.found.push(Occurrence {
                nth: l.nth,
                visit: l.visit,
                t: c.t,
                timed: c.via != "jar",
                request: None,
                window: Window::WHOLE,
                shown,
            });
        }
    }
    let findings = by.into_iter().filter_map(|((_, what), g)| g.draft(set, &scope, what)).collect();
    conclude(&scope, findings, "No visit was made.")
}

fn seen(_: &VisitSet, _: &VisitFacts) -> Within {
    Within { windows: vec![Window::WHOLE], gap: None }
}

/// Cookies of one owner that are told together.
struct Group<'a> {
    owner: Recipient,
    how: String,
    names: IndexSet<&'a str>,
    severity: Severity,
    found: Vec<Occurrence<'a>>,
}

impl<'a> Group<'a> {
    fn new(owner: Recipient, how: String) -> Group<'a> {
        Group { owner, how, names: IndexSet::new(), severity: Severity::Note, found: vec![] }
    }

    fn draft(mut self, set: &VisitSet, scope: &Scope<'_>, what: &str) -> Option<Draft> {
        occurrence::sort(&mut self.found, Order::Session);
        let names: Vec<String> = self.names.iter().map(|n| plain(n, 60)).collect();
        let measure = Measure {
            cookies: Some(number(names.len())),
            ..Measure::of(Counted::CookieWrite, scope, &self.found)
        };
        let many = title::cookies(&measure);
        let is = if names.len() == 1 { "is" } else { "are" };
        let title = match what {
            "missing" => format!(
                "{}: {many} {is} in no category of the platform's declaration ({}).",
                self.owner.in_words(),
                list(&names, 5)
            ),
            _ => format!("{}: {many} {} ({}).", self.owner.in_words(), self.how, list(&names, 5)),
        };
        let words = Words {
            severity: self.severity,
            confidence: Confidence::Medium,
            measure,
            title,
            subject: Subject { kind: format!("cookies {what}"), ..self.owner.subject(vec![]) },
            details: vec![],
            remedy:
                "File the cookies in the category that they serve, and bind the tag that sets them to it."
                    .to_owned(),
        };
        Draft::new(set, scope, words, &self.found)
    }
}

fn owner(c: &CookieFact) -> Recipient {
    match &c.vendor {
        Some(v) => Recipient::vendor(v),
        None => Recipient::host(c.domain.trim_start_matches('.')),
    }
}

/// A third party's, a vendor's that would ask for consent, or one that serves analytics or marketing.
fn counts(c: &CookieFact) -> bool {
    let tracks = matches!(c.purpose.as_deref(), Some("analytics" | "marketing"));
    let asks = c.vendor.as_ref().is_some_and(|v| severity::asks_for_consent(v.class));
    c.party == Party::Third || asks || tracks
}

/// Whether it is declared as what needs no consent, or as comfort, and is known to track.
fn otherwise(category: &Category, c: &CookieFact) -> bool {
    let name = format!("{} {}", category.id, category.name).to_lowercase();
    let tracks = ["analytic", "statisti", "performance", "measure", "market", "advert", "target", "social"];
    let comfort = ["function", "preference", "comfort"].iter().any(|w| name.contains(w));
    let mild = category.default == "always" || comfort && !tracks.iter().any(|w| name.contains(w));
    mild && matches!(c.purpose.as_deref(), Some("analytics" | "marketing"))
}

fn severity_of(c: &CookieFact, category: Option<&Category>) -> Severity {
    let asks = c.vendor.as_ref().is_some_and(|v| severity::asks_for_consent(v.class));
    match category {
        Some(filed) if filed.default == "always" => Severity::Medium,
        Some(_) => Severity::Low,
        None if asks || c.purpose.as_deref() == Some("marketing") => Severity::Low,
        None => Severity::Note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{category, cookie, set, vendor, visit};
    use affiant_record::Scenario;

    fn fbp() -> CookieFact {
        CookieFact {
            vendor: Some(vendor("Meta Pixel")),
            purpose: Some("marketing".into()),
            ..cookie("_fbp", 900.0)
        }
    }

    #[test]
    fn what_is_in_no_category_is_found() {
        let filed = category("Statistics", "off").cookie("_ga_*").done();
        let v = visit(Scenario::NoChoice).declares("Cookiebot", vec![filed]).cookie(fbp());
        let j = judge(&set([v]));
        assert_eq!(j.verdict, Verdict::Fail);
        assert_eq!(
            j.findings[0].title,
            "Meta Pixel: 1 cookie is in no category of the platform's declaration (_fbp)."
        );
        assert_eq!(j.findings[0].severity, Severity::Low);
    }

    #[test]
    fn what_is_filed_as_necessary_and_tracks_is_found_and_what_is_filed_rightly_is_not() {
        let declares = |name: &str, default: &str| {
            let filed = category(name, default).cookie("_fbp").done();
            visit(Scenario::NoChoice).declares("Cookiebot", vec![filed]).cookie(fbp())
        };
        let j = judge(&set([declares("Necessary", "always")]));
        assert_eq!((j.findings.len(), j.findings[0].severity), (1, Severity::Medium));
        assert_eq!(judge(&set([declares("Marketing", "off")])).verdict, Verdict::Pass);
        let none = category("Necessary", "always").done();
        let v = visit(Scenario::NoChoice).declares("Cookiebot", vec![none]).cookie(fbp());
        assert_eq!(judge(&set([v])).verdict, Verdict::NotApplicable, "a declaration that names no cookies");
    }
}
