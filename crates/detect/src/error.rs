//! What can be wrong with catalogue data.

/// A file of the catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the catalogue file {file}: {reason}")]
pub struct CatalogError {
    /// Which file.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

impl CatalogError {
    /// A file and what is wrong with it.
    pub(crate) fn new(file: impl Into<String>, reason: impl ToString) -> CatalogError {
        CatalogError { file: file.into(), reason: reason.to_string() }
    }
}
