//! What was typed into fields, and who received it: put together over all visits.

use std::collections::BTreeMap;

use affiant_detect::facts::{LeakFact, Party, TypedFact, VisitFacts};
use affiant_record::{Evidence, Scenario};

use crate::ReportInput;

/// A field that was typed into, on one page.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    /// Page.
    pub(crate) page: &'a str,
    /// The field itself, of its first visit.
    pub(crate) typed: &'a TypedFact,
    /// Scenarios in which it was typed into.
    pub(crate) scenarios: Vec<Scenario>,
    /// Whether the value can be told from chance.
    pub(crate) can_be_found: bool,
    /// Who received it.
    pub(crate) receivers: Vec<Receiver<'a>>,
}

/// Who received what was typed into a field.
#[derive(Debug)]
pub(crate) struct Receiver<'a> {
    /// Vendor, domain, or the site itself.
    pub(crate) name: &'a str,
    /// First or third party.
    pub(crate) party: Party,
    /// Scenario.
    pub(crate) scenario: Scenario,
    /// The transmission that holds most of it.
    pub(crate) best: &'a LeakFact,
    /// The earliest one.
    pub(crate) first: &'a LeakFact,
    /// Host of the best.
    pub(crate) host: &'a str,
    /// How many there were.
    pub(crate) times: usize,
    /// The line that tells what was typed.
    pub(crate) typed: &'a Evidence,
}

/// Every field, in the order of typing.
pub(crate) fn fields<'a>(input: &ReportInput<'a>) -> Vec<Field<'a>> {
    let mut out: Vec<Field<'a>> = vec![];
    let mut at: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for v in input.facts {
        for (n, t) in v.probe.typed.iter().enumerate() {
            let place = *at.entry((&v.url, &t.selector)).or_insert_with(|| {
                out.push(Field {
                    page: &v.url,
                    typed: t,
                    scenarios: vec![],
                    can_be_found: true,
                    receivers: vec![],
                });
                out.len() - 1
            });
            let Some(field) = out.get_mut(place) else { continue };
            if !field.scenarios.contains(&v.scenario) {
                field.scenarios.push(v.scenario);
            }
            field.can_be_found &= !v.probe.search.too_short.contains(&n);
            for leak in v.probe.leaks.iter().filter(|l| l.typed == n) {
                add(&mut field.receivers, v, t, leak);
            }
        }
    }
    for f in &mut out {
        f.receivers.sort_by_key(|r| (std::cmp::Reverse(r.party), r.name, r.scenario));
    }
    out
}

fn add<'a>(all: &mut Vec<Receiver<'a>>, v: &'a VisitFacts, t: &'a TypedFact, leak: &'a LeakFact) {
    let Some(r) = v.requests.get(leak.request) else { return };
    let name = crate::vendors::receiver(v, leak.request).map_or("the site itself", |(name, _)| name);
    match all.iter_mut().find(|k| k.name == name && k.scenario == v.scenario) {
        Some(known) => {
            known.times += 1;
            if leak.fraction > known.best.fraction {
                (known.best, known.host, known.typed) = (leak, &r.host, &t.evidence);
            }
            if leak.after_last_key_ms < known.first.after_last_key_ms {
                known.first = leak;
            }
        }
        None => all.push(Receiver {
            name,
            party: r.party,
            scenario: v.scenario,
            best: leak,
            first: leak,
            host: &r.host,
            times: 1,
            typed: &t.evidence,
        }),
    }
}
