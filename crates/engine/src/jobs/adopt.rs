//! Visits that a worker sealed and could not tell of: it died, or the database was away for too long. They are of the audit.

use affiant_record::{AuditFolder, Completeness, Outcome, RecordError, VisitEntry, VisitRecord};

/// Those of these visits, not told of as ended, whose records are sealed; with what the records say of them.
pub(super) fn sealed(folder: &AuditFolder, visits: &[VisitEntry]) -> Result<Vec<VisitEntry>, RecordError> {
    let plan = folder.manifest.plan.digest()?;
    let open = visits.iter().filter(|v| v.outcome.is_none());
    Ok(open
        .filter_map(|v| {
            let record = VisitRecord::open(&folder.visit_dir(v).ok()?).ok()?;
            let h = &record.header;
            let its = (h.plan, &h.session, h.ordinal) == (plan, &v.session, v.ordinal);
            let outcome = record.footer.as_ref().map(|f| f.outcome.clone())?;
            // One that was cut off when its worker stopped is made again.
            let whole = record.completeness == Completeness::Sealed && outcome != Outcome::Interrupted;
            (its && whole).then(|| VisitEntry {
                digest: Some(record.digest),
                outcome: Some(outcome),
                ..v.clone()
            })
        })
        .collect())
}
