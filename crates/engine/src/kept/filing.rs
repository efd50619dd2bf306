//! What SQL holds of an audit, made of its folder and its judgement alone: the same whenever it is made.

use std::collections::{BTreeMap, BTreeSet};

use affiant_detect::facts::{Party, RequestFact, VisitFacts};
use affiant_record::header::Vantage;
use affiant_record::{AuditFolder, VisitEntry};
use affiant_store::{AuditState, Filed, FiledFinding, FiledThing, FiledVisit, ThingKind};
use serde::Serialize;

use crate::{EngineError, Judged, address};

/// In the manifest: the property that the audit is of.
pub(crate) const PROPERTY: &str = "property";

/// What is to be filed of an audit.
pub fn filed(folder: &AuditFolder, judged: Option<&Judged>) -> Filed {
    let manifest = &folder.manifest;
    let plan = &manifest.plan;
    let judgement = judged.map(|j| &j.judgement);
    let facts = judgement.and_then(|j| j.judged_with.facts.as_ref());
    Filed {
        id: manifest.id.clone(),
        property: manifest.extra.get(PROPERTY).and_then(|v| v.as_str()).map(str::to_owned),
        site: address::site(&plan.start),
        start: plan.start.clone(),
        started: millis(&manifest.started).unwrap_or_default(),
        finished: manifest.finished.as_deref().and_then(millis),
        state: match (&manifest.finished, manifest.interrupted) {
            (None, _) => AuditState::Unfinished,
            (Some(_), true) => AuditState::Stopped,
            (Some(_), false) => AuditState::Finished,
        },
        vantage: in_words(&plan.vantage),
        scenarios: plan.scenarios.iter().map(ToString::to_string).collect(),
        tool: format!("{} {}", manifest.tool.name, manifest.tool.version),
        judged: facts.map(|f| f.digest.to_string()).unwrap_or_default(),
        visits: manifest.visits.iter().map(visit).collect(),
        verdicts: judgement.map_or_else(Vec::new, |j| {
            j.verdicts.iter().map(|v| (v.rule.clone(), word(&v.verdict))).collect()
        }),
        findings: judgement.map_or_else(Vec::new, |j| j.findings.iter().map(finding).collect()),
        things: judged.map_or_else(Vec::new, |j| things(&j.facts)),
    }
    .sorted()
}

/// A visit, as SQL holds it.
pub(crate) fn visit(v: &VisitEntry) -> FiledVisit {
    FiledVisit {
        session: v.session.clone(),
        ordinal: v.ordinal,
        scenario: v.scenario.to_string(),
        leg: v.leg.map(|leg| word(&leg)),
        control: v.control,
        page: v.url.clone(),
        path: v.path.clone(),
        digest: v.digest.map(|d| d.to_string()),
        outcome: v.outcome.as_ref().and_then(|o| serde_json::to_string(o).ok()),
        complete: v.digest.is_some() && v.outcome.as_ref().is_some_and(affiant_record::Outcome::is_complete),
    }
}

/// What SQL holds of a visit, as the manifest names it.
pub(crate) fn entry(v: &FiledVisit) -> Result<VisitEntry, EngineError> {
    let read = || {
        Some(VisitEntry {
            path: v.path.clone(),
            session: v.session.clone(),
            ordinal: v.ordinal,
            scenario: v.scenario.parse().ok()?,
            leg: v.leg.as_deref().map(|leg| serde_json::from_value(leg.into())).transpose().ok()?,
            control: v.control,
            url: v.page.clone(),
            digest: v.digest.as_deref().map(|d| serde_json::from_value(d.into())).transpose().ok()?,
            outcome: v.outcome.as_deref().map(serde_json::from_str).transpose().ok()?,
            extra: Default::default(),
        })
    };
    read().ok_or(EngineError::Fault("the store names a visit that cannot be read"))
}

fn finding(f: &affiant_rules::judgement::Finding) -> FiledFinding {
    FiledFinding {
        fingerprint: f.fingerprint.clone(),
        rule: f.rule.clone(),
        severity: word(&f.severity),
        title: f.title.clone(),
        subject: f.subject.name.clone(),
        pages: f.pages.clone(),
        scenarios: f.scenarios.iter().map(ToString::to_string).collect(),
        measure: f.measure.as_ref().and_then(|m| serde_json::to_string(m).ok()),
    }
}

/// From where and as whom, in words: audits that agree in all of it can be held against each other.
fn in_words(v: &Vantage) -> String {
    let mut out = vec![v.name.clone()];
    let mut add = |on: bool, what: String| out.extend(on.then_some(what));
    add(v.gpc, "Global Privacy Control".to_owned());
    add(!v.third_party_cookies, "no third-party cookies".to_owned());
    add(v.proxy.is_some(), format!("proxy {}", v.proxy.as_deref().unwrap_or_default()));
    let mobile = v.device.as_deref() == Some("mobile");
    add(mobile, "a phone".to_owned());
    add(v.identify.is_some(), "says who it is".to_owned());
    add(!mobile && (v.width, v.height) != crate::VIEWPORT, format!("{} × {} pixels", v.width, v.height));
    out.join(", ")
}

/// What was seen of a thing, so far.
#[derive(Default)]
struct Seen<'a> {
    name: String,
    detail: BTreeSet<String>,
    pages: BTreeSet<&'a str>,
    times: u64,
    first_ms: Option<f64>,
    scenarios: BTreeSet<affiant_record::Scenario>,
}

impl<'a> Seen<'a> {
    fn add(&mut self, visit: &'a VisitFacts, t: Option<f64>) {
        self.pages.insert(&visit.url);
        self.times += 1;
        self.scenarios.insert(visit.scenario);
        let ms = t.map(|t| (t - visit.marks.page_began.unwrap_or_default()).max(0.0));
        self.first_ms = match (self.first_ms, ms) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Tags, vendors and hosts by the requests that left the browser; cookies by what was set and not refused.
fn things(facts: &[VisitFacts]) -> Vec<FiledThing> {
    let mut all: BTreeMap<(ThingKind, String), Seen<'_>> = BTreeMap::new();
    for visit in facts {
        for r in visit.requests.iter().filter(|r| r.left_browser && !r.host.is_empty()) {
            let host = all.entry((ThingKind::Host, r.host.to_string())).or_default();
            host.name = r.host.to_string();
            host.detail.insert(party(r.party).to_owned());
            host.add(visit, Some(r.t));
            let Some((vendor, account)) = behind(visit, r) else { continue };
            let one = all.entry((ThingKind::Vendor, vendor.name.to_string())).or_default();
            one.name = vendor.name.to_string();
            one.detail.insert(vendor.class.in_words().to_owned());
            one.add(visit, Some(r.t));
            if let Some(account) = account {
                let tag = all.entry((ThingKind::Tag, format!("{}|{account}", vendor.name))).or_default();
                tag.name = if account.is_empty() {
                    vendor.name.to_string()
                } else {
                    format!("{} {account}", vendor.name)
                };
                tag.detail.insert(vendor.class.in_words().to_owned());
                tag.add(visit, Some(r.t));
            }
        }
        for c in
            visit.cookies.iter().filter(|c| c.blocked.is_empty() && !c.lifetime_s.is_some_and(|s| s <= 0.0))
        {
            let domain = c.domain.trim_start_matches('.');
            let cookie = all.entry((ThingKind::Cookie, format!("{}|{domain}", c.name))).or_default();
            cookie.name = c.name.to_string();
            cookie.detail.insert(format!("{domain}, {}", party(c.party)));
            // One that was only met in the jar was set at a moment that nobody saw.
            cookie.add(visit, (c.via != "jar").then_some(c.t));
        }
    }
    all.into_iter()
        .map(|((kind, key), seen)| FiledThing {
            kind,
            key,
            name: seen.name,
            detail: seen.detail.into_iter().collect::<Vec<_>>().join("; "),
            pages: u32::try_from(seen.pages.len()).unwrap_or(u32::MAX),
            times: seen.times,
            first_ms: seen.first_ms,
            scenarios: seen.scenarios.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

/// The vendor that a request is of; with its tag's account, empty where that is not known, if it is of a tag.
fn behind<'a>(
    visit: &'a VisitFacts,
    r: &'a RequestFact,
) -> Option<(&'a affiant_detect::facts::VendorRef, Option<&'a str>)> {
    match r.tag.and_then(|t| visit.tags.get(t)) {
        Some(tag) => Some((&tag.vendor, Some(tag.account.as_deref().unwrap_or_default()))),
        None => r.vendor.as_ref().map(|v| (v, None)),
    }
}

fn party(party: Party) -> &'static str {
    match party {
        Party::First => "first party",
        Party::SameEntity => "same owner",
        Party::Third => "third party",
    }
}

/// A word of an enum, as JSON writes it.
fn word(of: &impl Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// ms since the Unix epoch of an RFC 3339 time.
fn millis(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
