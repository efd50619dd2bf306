//! What an audit shows that the one before did not, and the other way round. Pure.

use std::collections::BTreeSet;

use affiant_store::{Filed, FiledFinding, FiledThing, FindingHistory, Standing, ThingKind, severity_rank};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Kind, Told, short};

/// So many of a kind are told one by one; of those beyond, how many there are.
const MOST_OF_A_KIND: usize = 40;
/// So many pages are named.
const MOST_PAGES: usize = 20;

/// What weighs most in the first audit of a property: everything in it is new.
pub(super) fn first(now: &Filed) -> Option<Told> {
    let mut worst: Vec<&FiledFinding> =
        now.findings.iter().filter(|f| matches!(f.severity.as_str(), "critical" | "high")).collect();
    worst.sort_by_key(|f| severity_rank(&f.severity));
    let of = |severity: &str| worst.iter().filter(|f| f.severity == severity).count();
    let (critical, high) = (of("critical"), of("high"));
    let example = worst.first()?;
    let counts = match (critical, high) {
        (0, high) => format!("{high} of high severity"),
        (critical, 0) => format!("{critical} of critical severity"),
        (critical, high) => format!("{critical} of critical and {high} of high severity"),
    };
    let findings = if worst.len() == 1 { "finding" } else { "findings" };
    let title =
        format!("The first audit has {} {findings}, {counts}; the first: {}", worst.len(), example.title);
    let named: Vec<Value> = worst.iter().take(MOST_PAGES).map(|f| of_finding(f, None)).collect();
    let detail = json!({ "critical": critical, "high": high, "findings": named });
    Some(Told::new(Kind::FirstFindings, "first", &title, detail))
}

/// Vendors, tags, cookies and hosts that the audit before did not observe.
pub(super) fn new_things(before: &Filed, now: &Filed) -> Vec<Told> {
    let mut all = Vec::new();
    for (kind, thing) in [
        (Kind::NewVendor, ThingKind::Vendor),
        (Kind::NewTag, ThingKind::Tag),
        (Kind::NewCookie, ThingKind::Cookie),
        (Kind::NewHost, ThingKind::Host),
    ] {
        let known: BTreeSet<&str> =
            before.things.iter().filter(|t| t.kind == thing).map(|t| t.key.as_str()).collect();
        let new = now.things.iter().filter(|t| t.kind == thing && !known.contains(t.key.as_str()));
        all.extend(bounded(kind, new.map(|t| new_thing(kind, t, before, now)).collect()));
    }
    all
}

fn new_thing(kind: Kind, thing: &FiledThing, before: &Filed, now: &Filed) -> Told {
    let seen = |f: &Filed| -> BTreeSet<String> {
        f.visits.iter().filter(|v| v.complete).map(|v| v.scenario.clone()).collect()
    };
    let looked = seen(before);
    let pages =
        now.visits.iter().filter(|v| v.digest.is_some()).map(|v| &v.page).collect::<BTreeSet<_>>().len();
    let did = match kind {
        Kind::NewCookie => {
            format!("The cookie {} ({}) was set {}", thing.name, thing.detail, times(thing.times, "time"))
        }
        Kind::NewHost => format!("The host {} received {}", thing.name, times(thing.times, "request")),
        Kind::NewTag => format!("The tag {} sent {}", thing.name, times(thing.times, "request")),
        _ => format!("{} received {}", thing.name, times(thing.times, "request")),
    };
    let scenarios = list(&thing.scenarios);
    let before_said = if thing.scenarios.iter().any(|s| looked.contains(s)) {
        format!("the audit of {} did not observe it", moment(before.started))
    } else {
        format!("the audit of {} saw none of these scenarios", moment(before.started))
    };
    let title =
        format!("{did} on {} of {}, in {scenarios}; {before_said}", thing.pages, times(pages as u64, "page"));
    let detail = json!({
        "name": thing.name,
        "what": thing.detail,
        "times": thing.times,
        "pages": thing.pages,
        "pages_of": pages,
        "scenarios": thing.scenarios,
        "first_ms": thing.first_ms,
        "audit_before": before.id,
    });
    Told::new(kind, &short(&thing.key), &title, detail)
}

/// Findings that the audit before did not have.
pub(super) fn new_findings(before: &Filed, now: &Filed) -> Vec<Told> {
    let known: BTreeSet<&str> = before.findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let mut new: Vec<&FiledFinding> =
        now.findings.iter().filter(|f| !known.contains(f.fingerprint.as_str())).collect();
    new.sort_by_key(|f| severity_rank(&f.severity));
    let told = |f: &FiledFinding| {
        let title = format!("New finding of {} severity: {}", f.severity, f.title);
        Told::new(Kind::NewFinding, &f.fingerprint, &title, of_finding(f, Some(&before.id)))
    };
    bounded(Kind::NewFinding, new.into_iter().map(told).collect())
}

/// Findings that the audit before had, and that are gone: this one looked for them wherever they had been.
pub(super) fn gone(before: &Filed, now: &Filed, standings: &[FindingHistory]) -> Vec<Told> {
    let now: BTreeSet<&str> = now.findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let gone = |f: &&FiledFinding| {
        !now.contains(f.fingerprint.as_str())
            && standings.iter().any(|s| s.fingerprint == f.fingerprint && s.standing == Standing::Gone)
    };
    let told = |f: &FiledFinding| {
        let title =
            format!("Not observed any more, on each page and in each scenario where it was: {}", f.title);
        Told::new(Kind::FindingGone, &f.fingerprint, &title, of_finding(f, Some(&before.id)))
    };
    bounded(Kind::FindingGone, before.findings.iter().filter(gone).map(told).collect())
}

fn of_finding(f: &FiledFinding, before: Option<&str>) -> Value {
    json!({
        "rule": f.rule,
        "severity": f.severity,
        "fingerprint": f.fingerprint,
        "finding": f.title,
        "subject": f.subject,
        "scenarios": f.scenarios,
        "pages": f.pages.iter().take(MOST_PAGES).collect::<Vec<_>>(),
        "pages_in_all": f.pages.len(),
        "audit_before": before,
    })
}

/// Those that are told one by one, and how many more there are.
fn bounded(kind: Kind, mut all: Vec<Told>) -> Vec<Told> {
    let more = all.len().saturating_sub(MOST_OF_A_KIND);
    if more > 0 {
        all.truncate(MOST_OF_A_KIND);
        let (one, several) = kind.in_words();
        let title =
            format!("And {more} more {}, which the audit lists", if more == 1 { one } else { several });
        all.push(Told::new(kind, "more", &title, json!({ "more": more })));
    }
    all
}

/// `1 page`, `14 pages`.
pub(super) fn times(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `a, b and c`.
pub(super) fn list(all: &[String]) -> String {
    match all {
        [] => "no scenario".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `2026-11-29 23:04 UTC`.
pub(crate) fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| "an unknown time".to_owned(), |t| t.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
