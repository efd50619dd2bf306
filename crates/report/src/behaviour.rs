//! What scripts do beside sending, by whoever is behind them: whom they listen to, which telling interfaces they
//! use, what they store. Over all visits.

use affiant_detect::facts::{Class, VendorRef, VisitFacts};
use affiant_record::{Evidence, Scenario};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ReportInput;
use crate::words::host;

/// What is named of one kind for one vendor.
const NAMED: usize = 60;
/// Where the browser did not tell a script's address.
const UNKNOWN: &str = "scripts without an address";

/// One vendor, or the host of scripts of which none is known.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Behaviour<'a> {
    /// Vendor, or host.
    pub(crate) who: &'a str,
    /// Class of the vendor, where one is known.
    pub(crate) class: Option<Class>,
    /// Its scripts.
    pub(crate) scripts: Vec<&'a str>,
    /// `keydown on input[id="email"]`.
    pub(crate) listens: Vec<String>,
    /// Interfaces.
    pub(crate) uses: Vec<String>,
    /// `local _id`, `indexed-db replay/events`.
    pub(crate) stores: Vec<String>,
    /// Scenarios in which any of this was seen.
    pub(crate) scenarios: Vec<Scenario>,
    /// The first line that shows it.
    pub(crate) evidence: &'a Evidence,
}

/// Known vendors first, by class; then hosts.
pub(crate) fn behaviour<'a>(input: &ReportInput<'a>) -> Vec<Behaviour<'a>> {
    let mut all: IndexMap<&'a str, Behaviour<'a>> = IndexMap::new();
    for visit in input.facts {
        for l in &visit.listeners {
            let place = l.selector.as_deref().unwrap_or(&l.on);
            let one = of(&mut all, visit, l.vendor.as_ref(), l.script.as_deref(), &l.evidence);
            add(&mut one.listens, format!("{} on {place}", l.event));
        }
        for a in &visit.api_uses {
            let one = of(&mut all, visit, a.vendor.as_ref(), Some(&a.script), &a.evidence);
            add(&mut one.uses, a.api.to_string());
        }
        for s in visit.stored.iter().filter(|s| s.set_by.is_some()) {
            let one = of(&mut all, visit, s.vendor.as_ref(), s.set_by.as_deref(), &s.evidence);
            add(&mut one.stores, format!("{} {}", s.area, s.key));
        }
    }
    let mut all: Vec<Behaviour<'a>> = all.into_values().collect();
    let order = |s: Scenario| Scenario::ALL.iter().position(|x| *x == s);
    for b in &mut all {
        b.scenarios.sort_by_key(|s| order(*s));
    }
    all.sort_by_key(|b| (b.class.is_none(), b.class, b.who));
    all
}

fn of<'a, 'm>(
    all: &'m mut IndexMap<&'a str, Behaviour<'a>>,
    visit: &VisitFacts,
    vendor: Option<&'a VendorRef>,
    script: Option<&'a str>,
    evidence: &'a Evidence,
) -> &'m mut Behaviour<'a> {
    let who = vendor.map(|v| v.name.as_str()).or(script.map(host)).unwrap_or(UNKNOWN);
    let one = all.entry(who).or_insert_with(|| Behaviour {
        who,
        class: vendor.map(|v| v.class),
        scripts: vec![],
        listens: vec![],
        uses: vec![],
        stores: vec![],
        scenarios: vec![],
        evidence,
    });
    if let Some(script) = script.filter(|s| !one.scripts.contains(s) && one.scripts.len() < NAMED) {
        one.scripts.push(script);
    }
    if !one.scenarios.contains(&visit.scenario) {
        one.scenarios.push(visit.scenario);
    }
    one
}

fn add(list: &mut Vec<String>, one: String) {
    if list.len() < NAMED && !list.contains(&one) {
        list.push(one);
    }
}
