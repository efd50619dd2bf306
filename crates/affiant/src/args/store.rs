//! Where audits are kept.

use std::path::PathBuf;

use clap::Args;

/// Where audits are kept.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StoreArgs {
    /// The store: a folder, or postgres://USER@HOST/DATABASE. Default: AFFIANT_STORE, or ~/.local/share/affiant.
    #[arg(long, value_name = "PLACE")]
    pub(crate) store: Option<String>,
    /// With a database server: the folder that the audits themselves are in. Default: AFFIANT_STORE_FOLDER.
    #[arg(long, value_name = "DIR")]
    pub(crate) store_folder: Option<PathBuf>,
}
