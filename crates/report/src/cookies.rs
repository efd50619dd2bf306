//! Cookies over all visits: one row a name and domain.

use std::collections::BTreeMap;

use affiant_detect::facts::{CookieFact, Party, Text};
use affiant_record::{Evidence, Scenario};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ReportInput;
use crate::moment::{Moments, Stretch, since_page_began};

/// A cookie.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Cookie<'a> {
    /// Name.
    pub(crate) name: &'a str,
    /// Domain.
    pub(crate) domain: &'a str,
    /// First or third party.
    pub(crate) party: Party,
    /// Vendor, where known.
    pub(crate) vendor: Option<&'a str>,
    /// Purpose, as a cookie database says.
    pub(crate) purpose: Option<&'a str>,
    /// How it was set.
    pub(crate) via: Vec<&'a str>,
    /// Address of the script or response that set it first.
    pub(crate) set_by: Option<&'a str>,
    /// Longest lifetime asked for, in seconds; absent for a session cookie.
    pub(crate) lifetime_s: Option<f64>,
    /// Flags when first set.
    pub(crate) flags: &'a [Text],
    /// Whether it only stores the choice itself.
    pub(crate) stores_consent: bool,
    /// Whether the browser refused it every time.
    pub(crate) always_blocked: bool,
    /// Why it was refused, where it was.
    pub(crate) blocked: Vec<&'a str>,
    /// Writes, over all visits.
    pub(crate) writes: u32,
    /// In which scenario, and when at the earliest.
    pub(crate) scenarios: Vec<InScenario>,
    /// The first write.
    pub(crate) evidence: &'a Evidence,
}

/// What happened in one scenario.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct InScenario {
    /// Scenario.
    pub(crate) scenario: Scenario,
    /// Earliest stretch in which it was set.
    pub(crate) first: Stretch,
    /// Earliest moment, in ms since the page began.
    pub(crate) first_ms: f64,
    /// Visits.
    pub(crate) visits: u32,
}

/// Every cookie that was set or refused: third parties first, then by domain and name.
pub(crate) fn cookies<'a>(input: &ReportInput<'a>) -> Vec<Cookie<'a>> {
    let mut all: BTreeMap<(&str, &str), (Cookie<'a>, Option<usize>)> = BTreeMap::new();
    let moments = Moments::of(input.facts);
    for (at, visit) in input.facts.iter().enumerate() {
        for c in &visit.cookies {
            let key = (c.domain.as_str(), c.name.as_str());
            let (cookie, last) = all.entry(key).or_insert_with(|| (Cookie::new(c), None));
            cookie.add(c);
            let (first, first_ms) = (moments.stretch(visit, c.t), since_page_began(visit, c.t));
            let same_visit = *last == Some(at);
            *last = Some(at);
            match cookie.scenarios.iter_mut().find(|s| s.scenario == visit.scenario) {
                Some(s) => {
                    s.visits += u32::from(!same_visit);
                    s.first_ms = s.first_ms.min(first_ms);
                    s.first = s.first.min(first);
                }
                None => {
                    cookie.scenarios.push(InScenario { scenario: visit.scenario, first, first_ms, visits: 1 })
                }
            }
        }
    }
    let mut all: Vec<Cookie<'a>> = all.into_values().map(|(c, _)| c).collect();
    for c in &mut all {
        c.scenarios.sort_by_key(|s| s.scenario);
    }
    all.sort_by_key(|c| (std::cmp::Reverse(c.party), c.domain, c.name));
    all
}

impl<'a> Cookie<'a> {
    fn new(c: &'a CookieFact) -> Cookie<'a> {
        Cookie {
            name: &c.name,
            domain: &c.domain,
            party: c.party,
            vendor: None,
            purpose: None,
            via: vec![],
            set_by: None,
            lifetime_s: c.lifetime_s,
            flags: &c.flags,
            stores_consent: c.stores_consent,
            always_blocked: true,
            blocked: vec![],
            writes: 0,
            scenarios: vec![],
            evidence: &c.evidence,
        }
    }

    fn add(&mut self, c: &'a CookieFact) {
        self.writes += 1;
        self.vendor = self.vendor.or(c.vendor.as_ref().map(|v| v.name.as_str()));
        self.purpose = self.purpose.or(c.purpose.as_deref());
        self.set_by = self.set_by.or(c.set_by.as_deref());
        self.lifetime_s = match (self.lifetime_s, c.lifetime_s) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        self.always_blocked &= !c.blocked.is_empty();
        for (all, new) in [
            (&mut self.via, vec![c.via.as_str()]),
            (&mut self.blocked, c.blocked.iter().map(Text::as_str).collect()),
        ] {
            for n in new {
                if !all.contains(&n) {
                    all.push(n);
                }
            }
        }
    }
}
