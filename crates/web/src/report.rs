//! An audit's report, made once for each judgement and kept in the audit's folder like the command line's.

use std::fs;
use std::path::{Path, PathBuf};

use affiant_engine::{EngineError, folder, judge, shown};
use affiant_report::{ReportInput, files};

/// One of the files of [`affiant_report::files`], of the newest judgement; it is made where it is not there, or older.
pub(crate) fn file(dir: &Path, name: &str) -> Result<PathBuf, EngineError> {
    let path = dir.join(name);
    if !is_current(dir, &path) {
        make(dir)?;
    }
    Ok(path)
}

fn is_current(dir: &Path, path: &Path) -> bool {
    let written = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).ok();
    let judged = fs::read_dir(dir.join("judgements")).into_iter().flatten().flatten();
    let judged = judged.filter_map(|e| written(&e.path())).max();
    matches!((written(path), judged), (Some(report), Some(judged)) if report >= judged)
}

fn make(dir: &Path) -> Result<(), EngineError> {
    let audit = folder::open(dir)?;
    let judged = match shown(&audit)? {
        Some(judged) => judged,
        None => judge(&audit)?,
    };
    let (blobs, theories) = (audit.blobs(), affiant_report::theories());
    let input = ReportInput {
        facts: &judged.facts,
        theories: &theories,
        header: judged.header.as_ref(),
        ..ReportInput::new(&audit, &blobs, &judged.judgement)
    };
    files::write(&input).map_err(|e| {
        tracing::error!(error = %e, "a report could not be written");
        EngineError::Fault("the report could not be written")
    })
}
