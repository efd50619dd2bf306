//! Requests that left the browser within a scope, put together by recipient: the body of every rule about sending.

use std::collections::BTreeMap;

use affiant_detect::facts::{Party, RequestFact, Said, SignalFact};
use affiant_record::Scenario;
use indexmap::IndexSet;

use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Severity};
use crate::occurrence::{self, Occurrence, Order};
use crate::recipient::{Recipient, account, carries_data, recipient, was_stopped};
use crate::remedy::{Aim, remedy};
use crate::scope::Scope;
use crate::severity;
use crate::visit_set::VisitSet;
use crate::words::{bytes, count, of, plain};

/// All that one recipient received within a scope.
#[derive(Debug, Clone)]
pub(crate) struct Sent<'a> {
    /// Who.
    pub(crate) recipient: Recipient,
    /// The requests, in order.
    pub(crate) requests: Vec<Occurrence<'a>>,
    /// Attempts that were stopped before they left the browser.
    pub(crate) stopped: usize,
}

/// Collects what was sent, by recipient in order of risk. Consent platforms are never in it.
pub(crate) fn sent<'a>(scope: &Scope<'a>, order: Order, keep: impl Fn(&Recipient) -> bool) -> Vec<Sent<'a>> {
    let mut by: BTreeMap<(bool, String), Sent<'a>> = BTreeMap::new();
    for look in &scope.looks {
        for (i, r) in look.visit.requests.iter().enumerate() {
            let Some(window) = look.windows.iter().find(|w| w.holds(r.t)) else { continue };
            let Some(who) = recipient(look.visit, i) else { continue };
            if who.is_consent_platform() || !keep(&who) || !(r.left_browser || was_stopped(r)) {
                continue;
            }
            let (unknown, name) = who.key();
            let entry = by.entry((unknown, name.to_owned())).or_insert_with(|| Sent {
                recipient: who.clone(),
                requests: vec![],
                stopped: 0,
            });
            entry.recipient.class = entry.recipient.class.min(who.class);
            if r.left_browser {
                entry.requests.extend(Occurrence::request(look, i, window));
            } else {
                entry.stopped += 1;
            }
        }
    }
    let mut all: Vec<Sent<'a>> = by.into_values().filter(|s| !s.requests.is_empty()).collect();
    for s in &mut all {
        occurrence::sort(&mut s.requests, order);
    }
    all.sort_by(|a, b| a.recipient.rank().cmp(&b.recipient.rank()));
    all
}

impl<'a> Sent<'a> {
    /// The requests themselves.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &'a RequestFact> {
        self.requests.iter().filter_map(|o| o.visit.requests.get(o.request?))
    }

    /// Whether another party than the site received any of it.
    pub(crate) fn reaches_third_party(&self) -> bool {
        self.facts().any(|r| r.party == Party::Third)
    }

    /// Severity by class; one step less when all went to the site's own domain, and when
    /// nothing is known of the choice.
    pub(crate) fn severity(&self) -> Severity {
        let s = severity::of_sending(self.recipient.class);
        let s = if self.reaches_third_party() { s } else { severity::down(s) };
        if self.choice_unknown() { severity::down(s) } else { s }
    }

    /// Observed directly, unless who received it, or the choice, is inferred. The surest occurrence counts.
    pub(crate) fn confidence(&self) -> Confidence {
        let who = if self.reaches_third_party() { Confidence::High } else { Confidence::Medium };
        let choice = self
            .requests
            .iter()
            .map(|o| o.window.unconfirmed.as_ref().map_or(Confidence::High, |u| u.confidence))
            .max();
        choice.map_or(who, |c| c.min(who))
    }

    /// Whether nothing is known of the choice in any of it: it could have been before one, or after any.
    pub(crate) fn choice_unknown(&self) -> bool {
        self.requests.iter().all(|o| o.visit.scenario == Scenario::Unknown)
    }

    /// `Microsoft Clarity received 14 requests`.
    pub(crate) fn who_received(&self) -> String {
        format!("{} received {}", self.recipient.in_words(), count(self.requests.len(), "request"))
    }

    /// `on 9 of 12 pages; first 412 ms after the page began`.
    pub(crate) fn where_and_when(&self, scope: &Scope<'_>) -> String {
        let pages = occurrence::pages(&self.requests).len();
        let first = self.requests.first().map(Occurrence::first_in_words).unwrap_or_default();
        format!("on {}; first {first}", of(pages, scope.pages(), "page"))
    }

    /// Account ids of its tags.
    pub(crate) fn accounts(&self) -> Vec<String> {
        let ids: IndexSet<&str> = self.requests.iter().filter_map(|o| account(o.visit, o.request?)).collect();
        ids.into_iter().map(str::to_owned).collect()
    }

    /// Details that hold for every rule about sending.
    pub(crate) fn details(&self, scope: &Scope<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for s in occurrence::scenarios(&self.requests) {
            let here: Vec<Occurrence<'_>> =
                self.requests.iter().filter(|o| o.visit.scenario == s).cloned().collect();
            if !here.is_empty() {
                let seen: IndexSet<usize> = here.iter().map(|o| o.nth).collect();
                let looks = scope.looks.iter().filter(|l| l.visit.scenario == s).count();
                let n = count(here.len(), "request");
                let place = of(seen.len(), looks, "visit");
                out.push(match s {
                    Scenario::Unknown => format!("Under a consent that is not known: {n} in {place}."),
                    s => format!("In {s}: {n} in {place}."),
                });
            }
        }
        let bodies: Vec<u64> =
            self.facts().filter(|r| carries_data(r)).map(|r| r.body_bytes.unwrap_or(0)).collect();
        if !bodies.is_empty() {
            let n = of(bodies.len(), self.requests.len(), "request");
            let size = match bodies.iter().fold(0, |a: u64, b| a.saturating_add(*b)) {
                0 => "of a size that is not known".to_owned(),
                total => format!("{} as far as known", bytes(total)),
            };
            out.push(format!("{n} carried data in a body or over a channel made for sending, {size}."));
        }
        let with_cookies = self.facts().filter(|r| r.cookies_sent > 0).count();
        if with_cookies > 0 {
            out.push(format!(
                "Cookies went along with {}.",
                of(with_cookies, self.requests.len(), "request")
            ));
        }
        if let Some((n, sign)) = self.carrying(|_, said| said.denies_all()) {
            let n = of(n, self.requests.len(), "request");
            out.push(format!(
                "{n} carried the sign that consent is denied ({sign}); it was sent all the same."
            ));
        }
        if let Some((n, sign)) = self.carrying(|o, said| o.window.after_refusal() && said.grants_all()) {
            let n = of(n, self.requests.len(), "request");
            out.push(format!("{n} told the recipient, after the refusal, that consent is given ({sign})."));
        }
        if self.stopped > 0 {
            out.push(format!("{} stopped before leaving the browser, and not counted.", {
                let n = count(self.stopped, "further attempt");
                if self.stopped == 1 { format!("{n} was") } else { format!("{n} were") }
            }));
        }
        if !self.reaches_third_party() {
            out.push("All of it went to the site's own domain: whether the vendor receives it from there could not be observed.".to_owned());
        }
        out
    }

    /// How many requests carry a sign that says this, and the first such sign.
    fn carrying(&self, says: impl Fn(&Occurrence<'_>, &Said) -> bool) -> Option<(usize, String)> {
        let with: Vec<&SignalFact> = self
            .requests
            .iter()
            .filter_map(|o| {
                let signals = &o.visit.requests[o.request?].says;
                signals.iter().find(|s| s.said.as_ref().is_some_and(|said| says(o, said)))
            })
            .collect();
        let first = with.first()?;
        Some((with.len(), format!("{}={}", first.name, plain(&first.value, 40))))
    }

    /// The draft of a finding, given what differs from rule to rule.
    pub(crate) fn draft(&self, set: &VisitSet, scope: &Scope<'_>, aim: Aim, says: Says) -> Option<Draft> {
        let mut details = self.details(scope);
        details.extend(says.details);
        let first = self.requests.first()?;
        let words = Words {
            severity: says.severity,
            confidence: self.confidence(),
            title: says.title,
            subject: self.recipient.subject(self.accounts()),
            details,
            remedy: remedy(first.visit, first.request, &self.recipient, aim),
        };
        Draft::new(set, scope, words, &self.requests)
    }
}

/// What differs from rule to rule.
pub(crate) struct Says {
    /// How bad.
    pub(crate) severity: Severity,
    /// Title.
    pub(crate) title: String,
    /// More details.
    pub(crate) details: Vec<String>,
}
