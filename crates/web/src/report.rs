//! An audit's report, made once for each judgement and kept in the audit's folder like the command line's.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use affiant_engine::{EngineError, folder, judge, shown};
use affiant_report::{Report, ReportInput, html};

/// The report for people, and the one for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    Html,
    Json,
}

/// The file of a report of the newest judgement; it is made where it is not there, or older.
pub(crate) fn file(dir: &Path, of: As) -> Result<PathBuf, EngineError> {
    let path = dir.join(match of {
        As::Html => "report.html",
        As::Json => "report.json",
    });
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
        manifest: &audit.manifest,
        facts: &judged.facts,
        judgement: &judged.judgement,
        blobs: &blobs,
        audit_dir: &audit.dir,
        theories: &theories,
        header: judged.header.as_ref(),
    };
    let page = html::render(&input).map_err(|_| EngineError::Fault("the report could not be written"))?;
    affiant_record::write_whole(&dir.join("report.html"), page.as_bytes())?;
    let path = dir.join("report.json");
    let cannot = |source| EngineError::File { doing: "cannot write", path: path.clone(), source };
    let mut out = BufWriter::new(fs::File::create(&path).map_err(cannot)?);
    Report::new(&input).write_json(&mut out).map_err(cannot)?;
    out.flush().map_err(cannot)
}
