//! Audits in a store: folders like any other, which share their blobs, and what SQL says of them.
//!
//! The folder is the truth. [`filed`] tells what SQL is to hold of it; [`file()`] hands that over; [`rebuild`] does so for every
//! folder of the store, so that a lost database costs nothing but time.

mod filing;
mod import;
mod place;
mod rebuild;

pub use filing::filed;
pub(crate) use filing::{PROPERTY, entry, visit as filed_visit};
pub use import::{Imported, import};
pub use place::{blobs, make, named};
pub use rebuild::{Rebuilt, rebuild};

use affiant_record::AuditFolder;
use affiant_store::Store;

use crate::{EngineError, Judged, address, folder, judge, shown};

/// The site that a user names by its domain or by an address on it, as audits are filed under it.
pub fn site(text: &str) -> String {
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    address::site(&url)
}

/// Files an audit as it lies there: with its newest judgement, if it was judged.
pub async fn file(store: &Store, folder: &AuditFolder, judged: Option<&Judged>) -> Result<(), EngineError> {
    Ok(store.file(&filed(folder, judged)).await?)
}

/// What is to be filed of a folder: the newest judgement where it has one; judged now where the facts that it saw are not
/// there any more. An audit that was never judged stays so.
fn read(dir: &std::path::Path) -> Result<(AuditFolder, Option<Judged>), EngineError> {
    let audit = folder::open(dir)?;
    if folder::newest(dir)?.is_none() {
        return Ok((audit, None));
    }
    let judged = match shown(&audit)? {
        Some(judged) => judged,
        None => {
            let judged = judge(&audit)?;
            folder::append(dir, &judged.judgement)?;
            judged
        }
    };
    Ok((audit, Some(judged)))
}
