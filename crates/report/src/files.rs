//! The reports that stand in an audit's folder.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::{HtmlError, Report, ReportInput, html};

/// The report for people.
pub const HTML: &str = "report.html";
/// The report for machines.
pub const JSON: &str = "report.json";

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It could not be made.
    #[error(transparent)]
    Html(#[from] HtmlError),
    /// The file could not be written.
    #[error("cannot write {path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file could not be written.
    #[error(transparent)]
    Whole(#[from] affiant_record::RecordError),
}

/// Writes [`HTML`] and [`JSON`] into the audit's folder.
pub fn write(input: &ReportInput<'_>) -> Result<(), WriteError> {
    let json = input.audit_dir.join(JSON);
    write_json(input, &json).map_err(|source| WriteError::File { path: json.clone(), source })?;
    affiant_record::write_whole(&input.audit_dir.join(HTML), html::render(input)?.as_bytes())?;
    Ok(())
}

fn write_json(input: &ReportInput<'_>, path: &Path) -> std::io::Result<()> {
    // Whole, or not there: somebody may read it meanwhile.
    let mut out = BufWriter::new(tempfile::NamedTempFile::new_in(input.audit_dir)?);
    Report::new(input).write_json(&mut out)?;
    out.flush()?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.persist(path)?;
    Ok(())
}
