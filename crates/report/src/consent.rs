//! The banner and the choice, over all visits: how each decision was made, how the layers looked, what the
//! platforms' own state said.

use affiant_detect::facts::{LayerFact, StateFact, VisitFacts};
use affiant_record::{Choice, Digest, Evidence, Scenario};

use crate::ReportInput;

/// One decision of a visitor.
#[derive(Debug)]
pub(crate) struct Decision<'a> {
    pub(crate) visit: &'a VisitFacts,
    pub(crate) choice: Choice,
    /// Layers that were read in the visit.
    pub(crate) layers: usize,
    /// From the start of the choice until the driver was done, ms.
    pub(crate) took_ms: Option<f64>,
    /// From the start of the choice until it was first seen stored, ms.
    pub(crate) stored_ms: Option<f64>,
}

/// A layer as it looked; the same in several visits is one.
#[derive(Debug)]
pub(crate) struct Layer<'a> {
    pub(crate) first: &'a LayerFact,
    /// The record in which it was read first.
    pub(crate) record: Digest,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) visits: usize,
}

/// What a platform said by a standard; the same in several visits is one.
#[derive(Debug)]
pub(crate) struct State<'a> {
    pub(crate) first: &'a StateFact,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) evidence: &'a Evidence,
}

/// Every decision, in the order of the visits.
pub(crate) fn decisions<'a>(input: &ReportInput<'a>) -> Vec<Decision<'a>> {
    let of = |v: &'a VisitFacts| {
        let since = |t: Option<f64>| Some((t? - v.marks.choice?).max(0.0));
        Some(Decision {
            visit: v,
            choice: v.decides?,
            layers: v.layers.len(),
            took_ms: since(v.marks.after_choice).filter(|_| v.choice.as_ref().is_some_and(|c| c.ok)),
            stored_ms: since(v.marks.choice_stored.filter(|s| v.marks.choice.is_none_or(|c| *s >= c))),
        })
    };
    input.facts.iter().filter_map(of).collect()
}

/// Layers that differ: by number, words and what can be operated.
pub(crate) fn layers<'a>(input: &ReportInput<'a>) -> Vec<Layer<'a>> {
    let mut all: Vec<Layer<'a>> = Vec::new();
    for (v, l) in input.facts.iter().flat_map(|v| v.layers.iter().map(move |l| (v, l))) {
        match all.iter_mut().find(|x| same(x.first, l)) {
            Some(x) => {
                x.visits += 1;
                add(&mut x.scenarios, v.scenario);
            }
            None => {
                all.push(Layer { first: l, record: v.record, scenarios: vec![v.scenario], visits: 1 });
            }
        }
    }
    all.sort_by_key(|l| l.first.layer.layer);
    all
}

fn same(a: &LayerFact, b: &LayerFact) -> bool {
    let (a, b) = (&a.layer, &b.layer);
    a.layer == b.layer
        && a.words == b.words
        && a.controls.len() == b.controls.len()
        && a.controls
            .iter()
            .zip(&b.controls)
            .all(|(x, y)| x.label == y.label && x.on == y.on && x.off == y.off)
}

/// What was said by standards, by source and moment.
pub(crate) fn states<'a>(input: &ReportInput<'a>) -> Vec<State<'a>> {
    let mut all: Vec<State<'a>> = Vec::new();
    for (v, s) in input.facts.iter().flat_map(|v| v.states.iter().map(move |s| (v, s))) {
        match all.iter_mut().find(|x| x.first.source == s.source && x.first.said == s.said) {
            Some(x) => add(&mut x.scenarios, v.scenario),
            None => all.push(State { first: s, scenarios: vec![v.scenario], evidence: &s.evidence }),
        }
    }
    all
}

fn add(scenarios: &mut Vec<Scenario>, one: Scenario) {
    if !scenarios.contains(&one) {
        scenarios.push(one);
    }
}
