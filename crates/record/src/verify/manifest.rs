//! The manifest against the headers of the records, and against what was sealed of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::audit::{AuditManifest, VisitEntry};
use crate::hostile::line;
use crate::{AuditFolder, Completeness, Outcome, VisitRecord};

/// Of a value that is told, at most so many characters.
const MOST: usize = 200;

/// Where an entry of the manifest says something else than its record.
pub(super) fn against_record(folder: &AuditFolder, entry: &VisitEntry, record: &VisitRecord) -> Vec<String> {
    let (h, plan) = (&record.header, &folder.manifest.plan);
    let mut out = Vec::new();
    let mut hold = |what: &str, manifest: String, header: String| {
        if manifest != header {
            out.push(format!(
                "audit.json says of {} that its {what} is {manifest}; its record says {header}",
                line(&entry.path, MOST)
            ));
        }
    };
    hold("scenario", entry.scenario.to_string(), h.scenario.to_string());
    hold("address", line(&entry.url, MOST), line(&h.url, MOST));
    if entry.leg.is_some() && h.leg.is_some() {
        hold("leg", value(&entry.leg), value(&h.leg));
    }
    hold("control", entry.control.to_string(), (plan.vantage.gpc && !h.vantage.gpc).to_string());
    if record.completeness != Completeness::Sealed {
        return out;
    }
    let achieved: Option<&Outcome> = record.footer.as_ref().map(|f| &f.outcome);
    if entry.digest.is_some() {
        hold("outcome", value(&entry.outcome), value(&achieved));
    } else if folder.manifest.finished.is_some() {
        hold("digest", "null".to_owned(), record.digest.to_string());
    }
    out
}

/// Where the manifest says something else than what was sealed of it.
pub(super) fn against_seal(now: &AuditManifest, sealed: &AuditManifest) -> Vec<String> {
    let mut out = Vec::new();
    let bare = |m: &AuditManifest| json(&AuditManifest { visits: Vec::new(), ..m.clone() });
    differ("audit.json: ", "", &bare(now), &bare(sealed), &mut out);
    let there: BTreeMap<&str, &VisitEntry> = now.visits.iter().map(|v| (v.path.as_str(), v)).collect();
    let were: BTreeSet<&str> = sealed.visits.iter().map(|v| v.path.as_str()).collect();
    let scenarios: BTreeSet<_> = now.visits.iter().map(|v| v.scenario).collect();
    let gone: BTreeSet<_> =
        sealed.visits.iter().map(|v| v.scenario).filter(|s| !scenarios.contains(s)).collect();
    for scenario in gone {
        let n = sealed.visits.iter().filter(|v| v.scenario == scenario).count();
        out.push(format!(
            "audit.json leaves out the whole scenario {scenario}: {n} of the visits that were sealed"
        ));
    }
    for visit in &sealed.visits {
        let path = line(&visit.path, MOST);
        match there.get(visit.path.as_str()) {
            Some(now) => {
                differ(&format!("audit.json, visit {path}: "), "", &json(now), &json(visit), &mut out)
            }
            None => out.push(format!(
                "audit.json leaves out the visit {path} ({}), which was sealed",
                line(&visit.url, MOST)
            )),
        }
    }
    for visit in now.visits.iter().filter(|v| !were.contains(v.path.as_str())) {
        out.push(format!("audit.json names the visit {}, which was not sealed", line(&visit.path, MOST)));
    }
    if out.is_empty() && now.visits != sealed.visits {
        out.push("audit.json names the visits in another order, or more than once".to_owned());
    }
    out
}

/// Tells each place where two values differ, as `plan.pages[1]`.
fn differ(of: &str, at: &str, now: &Value, sealed: &Value, out: &mut Vec<String>) {
    match (now, sealed) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                both(of, &at, a.get(key), b.get(key), out);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for i in 0..a.len().max(b.len()) {
                both(of, &format!("{at}[{i}]"), a.get(i), b.get(i), out);
            }
        }
        _ if now == sealed => {}
        _ => out.push(format!("{of}{} is {}, sealed was {}", line(at, MOST), value(now), value(sealed))),
    }
}

fn both(of: &str, at: &str, now: Option<&Value>, sealed: Option<&Value>, out: &mut Vec<String>) {
    match (now, sealed) {
        (Some(now), Some(sealed)) => differ(of, at, now, sealed, out),
        (None, Some(sealed)) => {
            out.push(format!("{of}{} is gone, sealed was {}", line(at, MOST), value(sealed)));
        }
        (Some(now), None) => {
            out.push(format!("{of}{} is {}, and was not sealed", line(at, MOST), value(now)));
        }
        (None, None) => {}
    }
}

fn json(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

/// A value as JSON, inert and not too long.
fn value(of: &impl Serialize) -> String {
    line(&json(of).to_string(), MOST)
}
