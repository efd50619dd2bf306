//! The reports that stand in an audit's folder.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use affiant_record::files::{WholeFile, write_whole};
use affiant_record::{Digest, ToSeal, audit, seals};

use crate::{HtmlError, Report, ReportInput, html};

/// The report for people.
pub const HTML: &str = audit::REPORTS[0];
/// The report for machines.
pub const JSON: &str = audit::REPORTS[1];

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

/// Writes [`HTML`] and [`JSON`] into the audit's folder, and a seal over them.
pub fn write(input: &ReportInput<'_>) -> Result<(), WriteError> {
    let json = input.audit_dir.join(JSON);
    let json = write_json(input, &json).map_err(|source| WriteError::File { path: json.clone(), source })?;
    let text = html::render(input)?;
    write_whole(&input.audit_dir.join(HTML), text.as_bytes())?;
    let files = [(JSON.to_owned(), json), (HTML.to_owned(), Digest::of(text.as_bytes()))].into();
    seals::add(input.audit_dir, &ToSeal { audit: None, files })?;
    Ok(())
}

fn write_json(input: &ReportInput<'_>, path: &Path) -> std::io::Result<Digest> {
    // Whole, or not there: somebody may read it meanwhile.
    let mut out = BufWriter::new(WholeFile::begin(path)?);
    Report::new(input).write_json(&mut out)?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.put()
}
