//! The consent banner as it was seen, and how long it was looked for.

use affiant_record::page::phase;
use affiant_record::{Observation, VisitRecord};

use crate::facts::BannerFact;
use crate::glob::bounded;

/// Longest text and label that is passed on, in bytes, and most labels.
const LONGEST_TEXT: usize = 8000;
const LONGEST_LABEL: usize = 200;
const MOST_BUTTONS: usize = 40;

/// The banner, when one was seen. What the watcher saw counts before what the driver says.
pub(crate) fn banner(record: &VisitRecord) -> Option<BannerFact> {
    let mut out: Option<BannerFact> = None;
    let mut watched = false;
    for l in &record.lines {
        let Observation::Banner(b) = &l.what else { continue };
        let fact = out.get_or_insert_with(BannerFact::default);
        fact.evidence.push(record.evidence(l.n));
        let by_watcher = b.seen_by == "watcher";
        if by_watcher && fact.visible.is_none() {
            fact.visible = record.phase(phase::BANNER).or(Some(l.t));
        }
        let better = by_watcher && !watched;
        watched |= by_watcher;
        if let Some(text) = b.text.as_ref().filter(|t| !t.is_empty() && (better || fact.text.is_none())) {
            fact.text = Some(bounded(text, LONGEST_TEXT).into());
        }
        if !b.buttons.is_empty() && (better || fact.buttons.is_empty()) {
            let labels = b.buttons.iter().take(MOST_BUTTONS);
            fact.buttons = labels.map(|x| bounded(x, LONGEST_LABEL).into()).collect();
        }
    }
    out
}

/// How much earlier than marked the banner may have been visible, in ms: the watcher looks at intervals.
pub(crate) fn uncertainty_ms(record: &VisitRecord) -> f64 {
    let marked = record.lines.iter().find_map(|l| match &l.what {
        Observation::Phase(p) if p.phase == phase::BANNER => p.uncertainty_ms,
        _ => None,
    });
    marked.filter(|u| u.is_finite() && *u > 0.0).unwrap_or(0.0)
}

/// Until when a banner was looked for. The watcher looks until the page is left; a choice, once made, ends the
/// question. A record that was cut off before tells only of its last settling.
pub(crate) fn watched_until(record: &VisitRecord) -> Option<f64> {
    let asked = record.phase(phase::CHOICE).or(record.phase(phase::LEAVE));
    asked.or_else(|| {
        record.lines.iter().filter(|l| matches!(l.what, Observation::Settle(_))).map(|l| l.t).reduce(f64::max)
    })
}
