//! Who received something: every vendor, and every domain whose owner is not known, over all visits.
//!
//! A request belongs to its tag's vendor, else to the vendor of its host, else to the registrable domain. On the
//! site's own domains only a recognised tag counts. What never left the browser is counted apart.

use std::collections::BTreeMap;

use affiant_detect::facts::{Class, Party, RequestFact, VendorRef, VisitFacts};
use affiant_record::{Digest, Evidence, Scenario};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ReportInput;
use crate::moment::{Moments, Stretch, since_page_began};

/// One receiver over all visits.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Vendor<'a> {
    /// Vendor's name, or a registrable domain.
    pub(crate) name: &'a str,
    /// Whether the owner is known.
    pub(crate) known: bool,
    /// Technology class.
    pub(crate) class: Class,
    /// Which catalogue names it.
    pub(crate) source: Option<&'a str>,
    /// Whether every request went to a third party's domain.
    pub(crate) third_party: bool,
    /// Requests that left the browser.
    pub(crate) requests: u32,
    /// Requests that were attempted and did not leave the browser.
    pub(crate) stopped: u32,
    /// Account ids.
    pub(crate) accounts: Vec<&'a str>,
    /// Hosts, in order of first use.
    pub(crate) hosts: Vec<&'a str>,
    /// Its tags: one an account.
    pub(crate) tags: Vec<Tag<'a>>,
    /// Earliest request after the beginning of a page.
    pub(crate) first: Option<First<'a>>,
    /// From the page to that request.
    pub(crate) chain: Vec<Step<'a>>,
    /// What it received in each visit in which it received something.
    pub(crate) visits: Vec<InVisit<'a>>,
}

/// A deployed instance.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Tag<'a> {
    /// Account, where the traffic tells it.
    pub(crate) account: Option<&'a str>,
    /// Hosts.
    pub(crate) hosts: Vec<&'a str>,
    /// Requests, over all visits.
    pub(crate) requests: u32,
    /// Visits in which it was seen.
    pub(crate) visits: u32,
}

/// The earliest request.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct First<'a> {
    /// Milliseconds since the page began.
    pub(crate) ms: f64,
    /// Scenario.
    pub(crate) scenario: Scenario,
    /// Page.
    pub(crate) page: &'a str,
    /// Address.
    pub(crate) url: &'a str,
    /// Where it stands.
    pub(crate) evidence: &'a Evidence,
}

/// A link of the chain.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Step<'a> {
    /// Address.
    pub(crate) url: &'a str,
    /// Vendor, where known.
    pub(crate) vendor: Option<&'a str>,
    /// How it is known to follow.
    pub(crate) how: String,
    /// Where it stands.
    pub(crate) evidence: &'a Evidence,
}

/// One visit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct InVisit<'a> {
    /// The record.
    pub(crate) record: Digest,
    /// Scenario.
    pub(crate) scenario: Scenario,
    /// Page.
    pub(crate) page: &'a str,
    /// Requests that left the browser.
    pub(crate) requests: u32,
    /// Of these, before the banner was visible.
    pub(crate) before_banner: u32,
    /// After that, and before a choice.
    pub(crate) before_choice: u32,
    /// After the choice.
    pub(crate) after_choice: u32,
    /// Earliest, in ms since the page began.
    pub(crate) first_ms: f64,
    /// Place of the visit in the input, and of its requests in it.
    #[serde(skip)]
    pub(crate) at: (usize, Vec<usize>),
}

/// Name and, where the owner is known, the vendor of what received a request; none for the site itself.
pub(crate) fn receiver(v: &VisitFacts, index: usize) -> Option<(&str, Option<&VendorRef>)> {
    let r = v.requests.get(index)?;
    if is_page(v, index) {
        return None;
    }
    let tag = r.tag.and_then(|t| v.tags.get(t)).map(|t| &t.vendor);
    match (r.party, tag, r.vendor.as_ref()) {
        (Party::SameEntity, ..) | (Party::First, None, _) => None,
        (_, Some(t), _) => Some((&t.name, Some(t))),
        (Party::Third, None, Some(o)) => Some((&o.name, Some(o))),
        (Party::Third, None, None) if r.domain.is_empty() => Some((&r.host, None)),
        (Party::Third, None, None) => Some((&r.domain, None)),
    }
}

/// Whether the request is the visited page itself, or a redirect on the way to it.
fn is_page(v: &VisitFacts, index: usize) -> bool {
    let mut at = index;
    for _ in 0..v.requests.len() {
        match v.requests.get(at) {
            Some(r) if r.navigation && r.cause.kind == "page" => return true,
            Some(RequestFact { navigation: true, cause, caused_by: Some(by), .. })
                if cause.kind == "redirect" =>
            {
                at = *by
            }
            _ => return false,
        }
    }
    false
}

/// Every receiver: in order of risk, then by what was sent.
pub(crate) fn vendors<'a>(input: &ReportInput<'a>) -> Vec<Vendor<'a>> {
    let mut all: BTreeMap<&str, Vendor<'a>> = BTreeMap::new();
    let mut firsts: BTreeMap<&str, (f64, usize, usize)> = BTreeMap::new();
    let moments = Moments::of(input.facts);
    for (at, visit) in input.facts.iter().enumerate() {
        for (i, r) in visit.requests.iter().enumerate() {
            let Some((name, vendor)) = receiver(visit, i) else { continue };
            let entry = all.entry(name).or_insert_with(|| Vendor::new(name, vendor));
            let ms = since_page_began(visit, r.t);
            entry.add(at, i, visit, ms, moments.stretch(visit, r.t));
            let first = firsts.entry(name).or_insert((f64::INFINITY, at, i));
            if r.left_browser && ms < first.0 {
                *first = (ms, at, i);
            }
        }
        for tag in &visit.tags {
            if let Some(entry) = all.get_mut(tag.vendor.name.as_str()) {
                entry.add_tag(tag);
            }
        }
    }
    for (name, (ms, at, i)) in firsts {
        let (Some(vendor), Some(visit)) = (all.get_mut(name), input.facts.get(at)) else { continue };
        let Some(r) = visit.requests.get(i) else { continue };
        if ms.is_finite() {
            vendor.first = Some(First {
                ms,
                scenario: visit.scenario,
                page: &visit.url,
                url: &r.url,
                evidence: &r.evidence,
            });
        }
        vendor.chain = chain(visit, i);
    }
    let mut all: Vec<Vendor<'a>> = all.into_values().collect();
    all.sort_by_key(|v| (v.class, !v.known, std::cmp::Reverse(v.requests), v.name));
    all
}

impl<'a> Vendor<'a> {
    fn new(name: &'a str, vendor: Option<&'a VendorRef>) -> Vendor<'a> {
        Vendor {
            name,
            known: vendor.is_some(),
            class: vendor.map_or(Class::Other, |v| v.class),
            source: vendor.map(|v| v.source.as_str()),
            third_party: true,
            requests: 0,
            stopped: 0,
            accounts: vec![],
            hosts: vec![],
            tags: vec![],
            first: None,
            chain: vec![],
            visits: vec![],
        }
    }

    fn add(&mut self, at: usize, i: usize, visit: &'a VisitFacts, ms: f64, stretch: Stretch) {
        let Some(r) = visit.requests.get(i) else { return };
        self.third_party &= r.party == Party::Third;
        push(&mut self.hosts, &r.host);
        if self.visits.last().is_none_or(|v| v.at.0 != at) {
            self.visits.push(InVisit {
                record: visit.record,
                scenario: visit.scenario,
                page: &visit.url,
                requests: 0,
                before_banner: 0,
                before_choice: 0,
                after_choice: 0,
                first_ms: ms,
                at: (at, vec![]),
            });
        }
        let Some(here) = self.visits.last_mut() else { return };
        here.at.1.push(i);
        if !r.left_browser {
            self.stopped += 1;
            return;
        }
        self.requests += 1;
        here.requests += 1;
        here.first_ms = here.first_ms.min(ms);
        match stretch {
            Stretch::BeforeBanner => here.before_banner += 1,
            Stretch::BeforeChoice => here.before_choice += 1,
            Stretch::AfterChoice | Stretch::NotKnown => here.after_choice += 1,
        }
    }

    fn add_tag(&mut self, tag: &'a affiant_detect::facts::TagFact) {
        let account = tag.account.as_deref();
        if let Some(a) = account {
            push(&mut self.accounts, a);
        }
        let known = match self.tags.iter().position(|t| t.account == account) {
            Some(at) => at,
            None => {
                self.tags.push(Tag { account, hosts: vec![], requests: 0, visits: 0 });
                self.tags.len() - 1
            }
        };
        let entry = &mut self.tags[known];
        entry.requests += tag.requests.len() as u32;
        entry.visits += 1;
        for h in &tag.hosts {
            push(&mut entry.hosts, h);
        }
    }
}

fn push<'a>(all: &mut Vec<&'a str>, new: &'a str) {
    if !all.contains(&new) {
        all.push(new);
    }
}

/// From the page to this request. A chain that goes in circles ends.
fn chain(visit: &VisitFacts, index: usize) -> Vec<Step<'_>> {
    let mut path: Vec<usize> = Vec::new();
    let mut next = Some(index);
    while let Some(i) = next {
        if path.contains(&i) || path.len() == 32 {
            break;
        }
        path.push(i);
        next = visit.requests.get(i).and_then(|r| r.caused_by);
    }
    path.reverse();
    let step = |i: usize| {
        let r = visit.requests.get(i)?;
        let vendor = receiver(visit, i).map(|(name, _)| name);
        Some(Step { url: &r.url, vendor, how: how(r), evidence: &r.evidence })
    };
    path.into_iter().filter_map(step).collect()
}

/// How a request is known to follow from the one before.
pub(crate) fn how(r: &RequestFact) -> String {
    let mut out = match r.cause.kind.as_str() {
        "page" => return "the page".to_owned(),
        "parser" => "named in the document".to_owned(),
        "unknown" | "" => "the cause is not known".to_owned(),
        other => other.to_owned(),
    };
    if let Some(url) = &r.cause.url {
        let file = crate::words::place("", url);
        out.push_str(&format!(" at {}", crate::hostile::cut(file, 120).0));
        for n in [r.cause.line, r.cause.column].into_iter().flatten() {
            out.push_str(&format!(":{n}"));
        }
    }
    if let Some(f) = r.cause.function.as_deref().filter(|f| !f.is_empty()) {
        out.push_str(&format!(" ({})", crate::hostile::cut(f, 60).0));
    }
    out
}
