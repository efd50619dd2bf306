//! How much of an audit was seen, held against the one before; and audits of which nothing was.

use std::collections::{BTreeMap, BTreeSet};

use affiant_record::Outcome;
use affiant_store::{AuditState, Filed};
use serde_json::json;

use super::difference::{list, moment, times};
use super::{Kind, Told};

/// Each scenario with a choice: why it was not made, where it was in no session.
pub(super) type Choices = BTreeMap<String, Option<String>>;

/// Why the audit failed, if it did.
pub(super) fn failed(now: &Filed, concluding: Option<&str>) -> Option<Told> {
    let (planned, complete) = counted(now);
    let sealed = now.visits.iter().filter(|v| v.digest.is_some()).count();
    let title = if let Some(why) = concluding {
        format!("The audit was visited and could not be judged: {why}")
    } else if now.state == AuditState::Stopped {
        format!("The audit was stopped: {complete} of {} were wholly seen", times(planned as u64, "visit"))
    } else if sealed == 0 || complete == 0 {
        let why = now.visits.iter().find_map(reason).unwrap_or_else(|| "no page was visited".to_owned());
        let what = if sealed == 0 { "No page could be opened" } else { "No page could be seen wholly" };
        format!("{what}, so that nothing can be said about the site; the first reason: {why}")
    } else {
        return None;
    };
    let mut reasons: Vec<String> = now.visits.iter().filter_map(reason).collect();
    reasons.sort();
    reasons.dedup();
    reasons.truncate(10);
    let detail = json!({ "planned": planned, "sealed": sealed, "complete": complete, "reasons": reasons });
    Some(Told::new(Kind::AuditFailed, "failed", &title, detail))
}

/// Whether less was seen than before.
pub(super) fn dropped(before: (&Filed, &Choices), now: (&Filed, &Choices)) -> Vec<Told> {
    let mut all = Vec::new();
    let ((planned, complete), (planned_before, complete_before)) = (counted(now.0), counted(before.0));
    if complete * planned_before < complete_before * planned {
        let title = format!(
            "{complete} of {} were wholly seen; the audit of {} saw {complete_before} of {planned_before}",
            times(planned as u64, "visit"),
            moment(before.0.started)
        );
        let detail = json!({
            "planned": planned, "complete": complete,
            "planned_before": planned_before, "complete_before": complete_before, "audit_before": before.0.id,
        });
        all.push(Told::new(Kind::CoverageDropped, "visits", &title, detail));
    }
    let (seen, seen_before) = (scenarios(now.0), scenarios(before.0));
    let lost: Vec<String> = seen_before.difference(&seen).cloned().collect();
    if !lost.is_empty() {
        let title = format!(
            "No page was wholly seen in {}; the audit of {} saw some",
            list(&lost),
            moment(before.0.started)
        );
        let detail = json!({ "scenarios": lost, "audit_before": before.0.id });
        all.push(Told::new(Kind::CoverageDropped, "scenarios", &title, detail));
    }
    for (scenario, why) in now.1.iter().filter(|(s, _)| seen.contains(*s)) {
        if let (Some(why), Some(None)) = (why, before.1.get(scenario)) {
            let title = format!(
                "{scenario} could not be tested: {why}; in the audit of {} it could",
                moment(before.0.started)
            );
            let detail = json!({ "scenarios": [scenario], "why": why, "audit_before": before.0.id });
            all.push(Told::new(Kind::CoverageDropped, &format!("choice/{scenario}"), &title, detail));
        }
    }
    all
}

/// Visits that were planned, and those of which all was seen.
fn counted(f: &Filed) -> (usize, usize) {
    (f.visits.len(), f.visits.iter().filter(|v| v.complete).count())
}

fn scenarios(f: &Filed) -> BTreeSet<String> {
    f.visits.iter().filter(|v| v.complete).map(|v| v.scenario.clone()).collect()
}

fn reason(v: &affiant_store::FiledVisit) -> Option<String> {
    let outcome: Outcome = serde_json::from_str(v.outcome.as_deref()?).ok()?;
    outcome.reason().map(str::to_owned)
}
