//! `cookie-without-consent`: a cookie that asks for consent was set without it.

use std::collections::{BTreeMap, BTreeSet};

use affiant_detect::facts::{Class, CookieFact, Party, VisitFacts};
use affiant_record::footer::collectors::{CONSENT, COOKIES};
use affiant_record::{Choice, Scenario};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject};
use crate::measure::number;
use crate::occurrence::{self, Occurrence, Order, when};
use crate::recipient::Recipient;
use crate::remedy::{Aim, remedy};
use crate::scope::{Look, Scope, without_consent};
use crate::severity;
use crate::standing::name;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window::{self, Window};
use crate::words::{address, count, list, of, plain};

pub(crate) const RULE: Rule = Rule {
    id: "cookie-without-consent",
    version: 1,
    title: "Cookie without consent",
    severity: Severity::High,
    doc: DOC,
    needs: &[COOKIES, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Cookies that were set where no consent covers them (in `no-choice`, before the choice on the first page of the other sessions, after Reject in `reject-all`), and that are a third party's, or serve analytics or marketing, or belong to a vendor of such a class. A cookie on the site's own domain that a vendor's script set counts too. One finding a vendor.

## Why it matters
A cookie is how a visitor is known again: on the next page, the next visit, the next site. Set before the choice, or after Reject, it stays when the page is gone.

## Example
*Google Analytics set 2 cookies (_ga and _ga_1X2Y) before any choice was made, on 3 of 3 pages; first 530 ms after the page began, 900 ms before the banner was visible.*

## Remedy
Hold back the script or the response that sets it until a choice that allows it is stored; on Reject delete what was set before. List the cookie in the consent platform under the category that it serves.

## Limits
The purpose of a cookie comes from a database, by name; cookies of the site itself whose purpose is not known are one note together. Cookies that only store the choice, that are known to be necessary, functional or for security, that delete, or that the browser refused do not count. A cookie that was seen in the jar only has no known moment: it counts only where the whole session so far was without a choice. localStorage is not looked at here. In an imported visit (a HAR) the consent is not known, and cookies that scripts set are not in it: what headers set is told, with low confidence and one step less grave.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, without_consent, window::without_consent);
    let mut by: BTreeMap<(u8, String), Set<'_>> = BTreeMap::new();
    for look in &scope.looks {
        for c in &look.visit.cookies {
            let (Some(window), Some(owner)) = (window_of(look, c), owner(look.visit, c)) else { continue };
            let entry = by.entry(owner.key()).or_insert_with(|| Set {
                owner: owner.clone(),
                severity: Severity::Note,
                cookies: vec![],
                found: vec![],
            });
            // One name, told with several classes: the gravest counts, whichever came first.
            if let (Owner::Other(kept), Owner::Other(new)) = (&mut entry.owner, &owner) {
                kept.class = kept.class.min(new.class);
            }
            entry.severity = entry.severity.max(severity_of(&owner, c));
            entry.cookies.push(c);
            entry.found.push(occurrence(look, c, window));
        }
    }
    let findings = by.into_values().filter_map(|s| s.draft(set, &scope)).collect();
    conclude(&scope, findings, "No visit without consent was asked for.")
}

/// Whose cookie it is.
#[derive(Debug, Clone)]
enum Owner {
    /// A vendor, or another party's domain.
    Other(Recipient),
    /// The site, by a cookie that serves analytics or marketing: by its name.
    Own(String),
    /// The site, for a purpose that is not known.
    Unknown,
}

impl Owner {
    fn key(&self) -> (u8, String) {
        match self {
            Owner::Other(r) => (if r.class.is_some() { 0 } else { 1 }, r.name.clone()),
            Owner::Own(name) => (2, name.clone()),
            Owner::Unknown => (3, String::new()),
        }
    }
}

/// Cookies of one owner.
struct Set<'a> {
    owner: Owner,
    severity: Severity,
    cookies: Vec<&'a CookieFact>,
    found: Vec<Occurrence<'a>>,
}

/// The owner, if the cookie counts at all.
fn owner(visit: &VisitFacts, c: &CookieFact) -> Option<Owner> {
    let deletes = c.lifetime_s.is_some_and(|s| s <= 0.0);
    let purpose = c.purpose.as_deref().unwrap_or("");
    let allowed = ["necessary", "functional", "security"].contains(&purpose);
    if deletes || !c.blocked.is_empty() || c.stores_consent || allowed || c.party == Party::SameEntity {
        return None;
    }
    let tracks = ["analytics", "marketing"].contains(&purpose);
    match &c.vendor {
        Some(v) if v.class == Class::Consent => None,
        Some(v) if c.party == Party::Third || tracks || severity::asks_for_consent(v.class) => {
            Some(Owner::Other(Recipient::vendor(v)))
        }
        _ if c.party == Party::Third => Some(Owner::Other(Recipient::host(&registrable(visit, &c.domain)))),
        _ if tracks => Some(Owner::Own(c.name.to_string())),
        _ => Some(Owner::Unknown),
    }
}

/// The registrable domain of a cookie's domain, as the visit's requests tell it.
fn registrable(visit: &VisitFacts, domain: &str) -> String {
    let bare = domain.trim_start_matches('.');
    let below = |host: &str| host == bare || host.strip_suffix(bare).is_some_and(|rest| rest.ends_with('.'));
    let known = visit.requests.iter().find(|r| below(&r.host) && !r.domain.is_empty());
    known.map_or(bare, |r| &r.domain).to_owned()
}

fn severity_of(owner: &Owner, c: &CookieFact) -> Severity {
    let by_purpose = match c.purpose.as_deref() {
        Some("analytics" | "marketing") => Severity::Medium,
        _ => Severity::Note,
    };
    let by_owner = match owner {
        Owner::Other(r) => match (r.class, severity::of_sending(r.class)) {
            (None, _) => Severity::Medium,
            (Some(Class::Service), _) => Severity::Low,
            (_, s) => s.min(Severity::High),
        },
        Owner::Own(_) | Owner::Unknown => Severity::Note,
    };
    by_owner.max(by_purpose)
}

/// The stretch in which it was set. One seen in the jar only was set at some earlier moment.
fn window_of<'l>(look: &'l Look<'_>, c: &CookieFact) -> Option<&'l Window> {
    look.windows.iter().find(|w| w.holds(c.t) && (c.via != "jar" || w.after.is_none()))
}

fn occurrence<'a>(look: &Look<'a>, c: &'a CookieFact, window: &Window) -> Occurrence<'a> {
    let by = c.set_by.as_deref().map(|u| format!(" by {}", address(u))).unwrap_or_default();
    let shows = format!(
        "cookie {} for {} set{by} {}",
        plain(&c.name, 60),
        plain(&c.domain, 60),
        when(look.visit, c.t)
    );
    let request = c.set_by.as_ref().and_then(|u| look.visit.requests.iter().position(|r| r.url == *u));
    Occurrence {
        nth: look.nth,
        visit: look.visit,
        t: c.t,
        timed: c.via != "jar",
        request,
        window: window.clone(),
        shown: Shown { evidence: c.evidence.clone(), shows },
    }
}

impl Set<'_> {
    fn draft(mut self, set: &VisitSet, scope: &Scope<'_>) -> Option<Draft> {
        occurrence::sort(&mut self.found, Order::Time);
        self.cookies.sort_by(|a, b| a.t.total_cmp(&b.t).then_with(|| a.name.cmp(&b.name)));
        let first = self.found.first()?;
        let names: IndexSet<&str> = self.cookies.iter().map(|c| c.name.as_str()).collect();
        let names: Vec<String> = names.into_iter().map(|n| plain(n, 60)).collect();
        let measure = Measure {
            cookies: Some(number(names.len())),
            ..Measure::of(Counted::CookieWrite, scope, &self.found)
        };
        let place = format!("{}, {}.", self.stage(), title::place(&measure, &self.found));
        let aim = if self.found.iter().all(|o| o.window.after_refusal()) {
            Aim::ObeyReject
        } else {
            Aim::WaitForChoice
        };
        let site = |kind: &str, name: &str| Subject {
            kind: kind.to_owned(),
            name: name.to_owned(),
            class: None,
            accounts: vec![],
        };
        let (n, some) = (title::cookies(&measure), list(&names, 4));
        let (title, subject, remedy) = match &self.owner {
            Owner::Other(r) => (
                format!("{} set {} ({some}) {place}", r.in_words(), n),
                r.subject(vec![]),
                remedy(first.visit, first.request, r, aim),
            ),
            Owner::Own(name) => (
                format!("The site's own cookie {}, known to serve {}, was set {place}", plain(name, 60), self.purposes()),
                site("cookie", name),
                format!("Hold back what sets {} until a choice that allows {} is stored, and delete it on Reject.", plain(name, 60), self.purposes()),
            ),
            Owner::Unknown => (
                format!("{} of the site itself, of no known purpose ({some}), {} set {place}", n, if names.len() == 1 { "was" } else { "were" }),
                site("site", &set.site),
                "Say for each of these cookies what it is for: those that are not necessary wait for a choice that allows them.".to_owned(),
            ),
        };
        let words = Words {
            severity: if self.choice_unknown() { severity::down(self.severity) } else { self.severity },
            confidence: self.confidence(),
            measure,
            title,
            subject,
            details: self.details(&names),
            remedy,
        };
        Draft::new(set, scope, words, &self.found)
    }

    fn stage(&self) -> String {
        let chosen: BTreeSet<Choice> = self.found.iter().filter_map(|o| o.window.after).collect();
        let before = self.found.iter().any(|o| o.window.after.is_none());
        let names = list(&chosen.iter().map(|c| name(*c)).collect::<Vec<_>>(), 4);
        match chosen.len() {
            _ if self.choice_unknown() => "(whether a choice had been made is not known)".to_owned(),
            0 => "before any choice was made".to_owned(),
            _ if before => format!("before any choice was made and after {names}"),
            1 if chosen.contains(&Choice::Dismiss) => "after the banner was dismissed".to_owned(),
            _ if self.unconfirmed().is_some() => {
                format!("after {names} was requested (whether the site stored it could not be confirmed)")
            }
            _ => format!("after {names} was stored"),
        }
    }

    fn choice_unknown(&self) -> bool {
        self.found.iter().all(|o| o.visit.scenario == Scenario::Unknown)
    }

    fn purposes(&self) -> String {
        let all: IndexSet<&str> = self.cookies.iter().filter_map(|c| c.purpose.as_deref()).collect();
        list(&all.into_iter().collect::<Vec<_>>(), 3)
    }

    /// Surest occurrence; one step less where the owner or the moment is inferred.
    fn confidence(&self) -> Confidence {
        let jar_only = self.cookies.iter().all(|c| c.via == "jar");
        let own = if matches!(self.owner, Owner::Other(_)) && !jar_only {
            Confidence::High
        } else {
            Confidence::Medium
        };
        let choice = self
            .found
            .iter()
            .map(|o| o.window.unconfirmed.as_ref().map_or(Confidence::High, |u| u.confidence));
        choice.max().map_or(own, |c| c.min(own))
    }

    fn unconfirmed(&self) -> Option<&str> {
        self.found.iter().find_map(|o| o.window.unconfirmed.as_ref()).map(|u| u.why.as_str())
    }

    fn details(&self, names: &[String]) -> Vec<String> {
        let mut out = vec![format!("Names: {}.", list(names, 20))];
        let own = self.cookies.iter().filter(|c| c.party == Party::First).count();
        if own > 0 && matches!(self.owner, Owner::Other(_)) {
            out.push(format!("Set on the site's own domain {}.", of(own, self.cookies.len(), "time")));
        }
        if !self.purposes().eq("none") {
            out.push(format!("A cookie database gives as purpose: {}.", self.purposes()));
        }
        let longest = self.cookies.iter().filter_map(|c| c.lifetime_s).fold(0.0_f64, f64::max);
        if longest > 0.0 {
            out.push(format!("Longest lifetime: {}.", lifetime(longest)));
        }
        if self.cookies.iter().all(|c| c.via == "jar") {
            out.push("Seen in the cookie jar only: the moment of setting is not known, only that it came before the jar was read.".to_owned());
        }
        if self.choice_unknown() {
            out.push("Whether a choice had been made is not known: the visit was imported.".to_owned());
        } else if let Some(why) = self.unconfirmed() {
            out.push(format!("Whether Reject was stored could not be confirmed in every visit: {why}."));
        }
        out
    }
}

fn lifetime(s: f64) -> String {
    match s {
        s if s < 3600.0 => count((s / 60.0).ceil() as usize, "minute"),
        s if s < 172_800.0 => count((s / 3600.0).round() as usize, "hour"),
        _ => count((s / 86_400.0).round() as usize, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{cookie, set, vendor, visit};
    use affiant_record::CollectorStatus;

    #[test]
    fn a_vendors_cookie_on_the_sites_own_domain_counts() {
        let mut a = cookie("_ga", 530.0);
        a.vendor = Some(vendor("Google Analytics"));
        a.purpose = Some("analytics".into());
        a.lifetime_s = Some(63_072_000.0);
        let mut b = a.clone();
        b.name = "_ga_1X2Y".into();
        b.t = 540.0;
        let s = set([visit(Scenario::NoChoice).banner(1430.0).cookie(a).cookie(b)]);
        let j = judge(&s);
        assert_eq!(
            j.findings[0].title,
            "Google Analytics set 2 cookies (_ga and _ga_1X2Y) before any choice was made, on 1 of 1 page; first 530 ms after the page began, 900 ms before the banner was visible."
        );
        assert_eq!((j.verdict, j.findings[0].severity), (Verdict::Fail, Severity::High));
        let m = &j.findings[0].measure;
        assert_eq!((m.of, m.count, m.cookies, m.pages), (Counted::CookieWrite, 2, Some(2), 1));
        assert_eq!((m.first_ms, m.before_banner_ms, m.bytes), (Some(530.0), Some(900.0), None));
        assert!(j.findings[0].details.contains(&"Longest lifetime: 730 days.".to_owned()));
    }

    #[test]
    fn a_name_that_is_set_twice_is_one_cookie_and_two_writes() {
        let mut c = cookie("uid", 100.0);
        c.party = Party::Third;
        let two = visit(Scenario::NoChoice).page("/two", 1);
        let s = set([visit(Scenario::NoChoice).cookie(c.clone()), two.cookie(c)]);
        let f = &judge(&s).findings[0];
        assert!(f.title.contains(" set 1 cookie (uid) before"), "{}", f.title);
        let m = &f.measure;
        assert_eq!((m.count, m.cookies, m.pages, m.sessions), (2, Some(1), 2, 1));
    }

    #[test]
    fn the_moment_at_which_the_jar_was_read_is_not_the_one_of_setting() {
        let mut c = cookie("uid", 5000.0);
        (c.party, c.via) = (Party::Third, "jar".into());
        let f = &judge(&set([visit(Scenario::NoChoice).banner(8000.0).cookie(c)])).findings[0];
        assert_eq!((f.measure.count, f.measure.first_ms, f.measure.before_banner_ms), (1, None, None));
        assert!(f.title.ends_with("on 1 of 1 page; the moment of the first was not seen."), "{}", f.title);
    }

    #[test]
    fn a_third_partys_cookie_counts_by_its_registrable_domain() {
        let mut c = cookie("uid", 100.0);
        c.domain = ".sync.evil.example".into();
        c.party = Party::Third;
        let s = set([visit(Scenario::NoChoice).send(50.0, "a.sync.evil.example").cookie(c)]);
        let f = &judge(&s).findings[0];
        assert_eq!(
            (f.subject.kind.as_str(), f.subject.name.as_str(), f.severity),
            ("host", "evil.example", Severity::Medium)
        );
    }

    #[test]
    fn cookies_of_the_site_are_found_by_purpose_or_noted_together() {
        let mut m = cookie("_visit", 10.0);
        m.purpose = Some("marketing".into());
        let s =
            set([visit(Scenario::NoChoice).cookie(m).cookie(cookie("a", 20.0)).cookie(cookie("b", 30.0))]);
        let j = judge(&s);
        assert_eq!(
            j.findings[0].title,
            "The site's own cookie _visit, known to serve marketing, was set before any choice was made, on 1 of 1 page; first 10 ms after the page began."
        );
        assert_eq!(j.findings[0].severity, Severity::Medium);
        assert_eq!(
            j.findings[1].title,
            "2 cookies of the site itself, of no known purpose (a and b), were set before any choice was made, on 1 of 1 page; first 20 ms after the page began."
        );
        assert_eq!(j.findings[1].severity, Severity::Note);
    }

    #[test]
    fn what_is_allowed_refused_or_deleted_does_not_count() {
        let with = |change: fn(&mut CookieFact)| {
            let mut c = cookie("x", 10.0);
            c.party = Party::Third;
            change(&mut c);
            c
        };
        let s = set([visit(Scenario::NoChoice)
            .cookie(with(|c| c.stores_consent = true))
            .cookie(with(|c| c.purpose = Some("necessary".into())))
            .cookie(with(|c| c.purpose = Some("security".into())))
            .cookie(with(|c| c.lifetime_s = Some(0.0)))
            .cookie(with(|c| c.blocked = vec!["SameSiteNone".into()]))
            .cookie(with(|c| c.party = Party::SameEntity))
            .cookie(with(|c| c.vendor = Some(vendor("OneTrust"))))]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Pass, 0));
    }

    #[test]
    fn after_reject_counts_except_from_the_jar_and_after_accept_does_not() {
        let mut c = cookie("uid", 1200.0);
        c.party = Party::Third;
        let s = set([visit(Scenario::RejectAll).chose(1000.0, 1100.0).cookie(c.clone())]);
        let j = judge(&s);
        assert!(
            j.findings[0].title.contains(
                "after Reject was stored, on 1 of 1 page; first 100 ms after the choice was stored."
            ),
            "{}",
            j.findings[0].title
        );
        c.via = "jar".into();
        let s = set([visit(Scenario::RejectAll).chose(1000.0, 1100.0).cookie(c.clone())]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        let s = set([visit(Scenario::NoChoice).cookie(c.clone())]);
        assert_eq!(judge(&s).findings[0].confidence, Confidence::Medium);
        c.via = "header".into();
        let s = set([visit(Scenario::AcceptAll).chose(1000.0, 1100.0).cookie(c)]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn an_unwatched_jar_makes_it_inconclusive() {
        let s = set([visit(Scenario::NoChoice)
            .collector(COOKIES, CollectorStatus::Truncated { reason: "full".into() })]);
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
        let s = set([visit(Scenario::NoChoice)
            .collector(affiant_record::footer::collectors::NETWORK, CollectorStatus::NotRun)]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }
}
