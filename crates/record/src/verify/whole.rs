//! The audit as a whole: its seals, and where there are none, what fits together all the same.

use super::{Headers, Verified, manifest};
use crate::AuditFolder;

/// The machine whose clock gave the audit's dates need not be the one that made its visits: so much they may be apart.
const APART_MS: f64 = 24.0 * 3_600_000.0;

/// Compares the manifest with its seal, or says that there is none.
pub(super) fn compare(folder: &AuditFolder, headers: &Headers, all: &mut Verified) {
    all.differences.extend(all.seals.faults.iter().cloned());
    let manifest = &folder.manifest;
    if let Some(sealed) = &all.seals.audit {
        all.differences.extend(manifest::against_seal(manifest, sealed));
        return;
    }
    if manifest.finished.is_none() {
        all.notes.push(
            "The audit as a whole is not sealed: it goes on, or was stopped before its end. A visit that was left out would \
             not be noticed."
                .to_owned(),
        );
    } else if headers.audit_sealed {
        all.differences.push(
            "the seal of the audit as a whole is gone: its records say that it was made when the audit ended"
                .to_owned(),
        );
    } else {
        all.notes.push(
            "The audit as a whole is not sealed: it was made by an older version. A visit that was left out, or a judgement or \
             report that was changed, would not be noticed."
                .to_owned(),
        );
    }
    all.differences.extend(unsealed(folder, headers));
}

/// What can be told without a seal of the whole.
fn unsealed(folder: &AuditFolder, headers: &Headers) -> Vec<String> {
    let m = &folder.manifest;
    let mut out = Vec::new();
    if headers.gathered > 0 && headers.by_its_tool == 0 {
        out.push(format!(
            "audit.json says that {} {} made the audit; none of its records was made by that",
            crate::hostile::line(&m.tool.name, 80),
            crate::hostile::line(&m.tool.version, 80)
        ));
    }
    if let Some((first, last)) = headers.span_ms {
        let ms = |time: &str| time.parse::<jiff::Timestamp>().ok().map(|t| t.as_millisecond() as f64);
        let mut told = |what: &str, time: &str| {
            out.push(format!(
                "audit.json says that the audit {what} at {}; its records were not made then",
                crate::hostile::line(time, 80)
            ));
        };
        if ms(&m.started).is_some_and(|t| (t - first).abs() > APART_MS + (last - first)) {
            told("began", &m.started);
        }
        if let Some(finished) = &m.finished
            && ms(finished).is_some_and(|t| t < last - APART_MS)
        {
            told("ended", finished);
        }
    }
    let whole = m.finished.is_some() && !m.interrupted && m.visits.iter().any(|v| v.digest.is_some());
    for scenario in m.plan.scenarios.iter().filter(|_| whole) {
        if m.visits.iter().all(|v| v.scenario != *scenario) {
            out.push(format!("audit.json names no visit of the scenario {scenario}, which was planned"));
        }
    }
    out
}
