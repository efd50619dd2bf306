//! A store that is open.

use std::path::{Path, PathBuf};

use crate::db::Db;
use crate::{Place, StoreError};

/// Folder of the audits in a store's own.
const AUDITS: &str = "audits";
/// Folder of the bytes that all of them share.
const BLOBS: &str = "blobs";

/// An open store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Db,
    folder: PathBuf,
}

impl Store {
    /// Opens it; one in a folder is made if it is not there. Its schema is brought up to date.
    pub async fn open(place: &Place) -> Result<Store, StoreError> {
        Ok(Store { db: Db::open(place).await?, folder: place.folder().to_owned() })
    }

    /// Closes it: what a database file still has beside it is written into it. Dropped, that is done the next time.
    pub async fn close(self) {
        self.db.pool().close().await;
    }

    /// How messages name it.
    pub fn name(&self) -> &str {
        self.db.name()
    }

    /// The folder that its audits are in, each in one of its name.
    pub fn audits(&self) -> PathBuf {
        audits(&self.folder)
    }

    pub(crate) fn unread(&self, what: String) -> StoreError {
        StoreError::Row { store: self.name().to_owned(), what }
    }

    pub(crate) fn strings(&self, list: &str) -> Result<Vec<String>, StoreError> {
        serde_json::from_str(list).map_err(|e| self.unread(format!("a list: {e}")))
    }
}

impl Place {
    /// Folder of the audit of this name; it may not be there.
    pub fn audit(&self, id: &str) -> PathBuf {
        audits(self.folder()).join(id)
    }

    /// Folder of the bytes that its audits share.
    pub fn blobs(&self) -> PathBuf {
        self.folder().join(BLOBS)
    }
}

fn audits(folder: &Path) -> PathBuf {
    folder.join(AUDITS)
}
