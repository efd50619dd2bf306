//! Where the audits of a store lie.

use std::path::{Path, PathBuf};

use affiant_record::AuditFolder;
use affiant_record::audit::Plan;
use affiant_record::files::{make_folder, make_new_folder};
use affiant_store::Place;

use crate::{EngineError, tool};

/// Folder of an audit's blobs in its own, and of the store's.
pub(super) const BLOBS: &str = "blobs";

/// Makes the folder of a new audit in a store, under this name or, where that is taken, the next one.
pub fn make(place: &Place, name: &str, started: String, plan: Plan) -> Result<AuditFolder, EngineError> {
    for n in 1..1_000_u32 {
        let id = if n == 1 { name.to_owned() } else { format!("{name}-{n}") };
        let dir = place.audit(&id);
        let parent = dir.parent().unwrap_or(&dir);
        make_folder(parent).map_err(EngineError::file("cannot make", parent))?;
        // Only one of two processes makes it.
        match make_new_folder(&dir) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(e) => return Err(EngineError::file("cannot make", dir)(e)),
        }
        blobs(place, &dir)?;
        return Ok(AuditFolder::create(&dir, id, tool(), started, plan)?);
    }
    let taken = std::io::Error::other("a thousand audits of this name are there already");
    Err(EngineError::file("cannot make", place.audit(name))(taken))
}

/// Lets a folder in a store share the store's blobs.
pub fn blobs(place: &Place, dir: &Path) -> Result<(), EngineError> {
    let shared = place.blobs();
    make_folder(&shared).map_err(EngineError::file("cannot make", &shared))?;
    let link = dir.join(BLOBS);
    std::os::unix::fs::symlink(Path::new("../..").join(BLOBS), &link)
        .map_err(EngineError::file("cannot make", link))
}

/// The folder of the audit that a user names: a folder itself, or the name of one in the store.
pub fn named(place: &Place, text: &Path) -> Option<PathBuf> {
    let is_name = text.components().count() == 1 && text.file_name().is_some_and(|n| n == text.as_os_str());
    let in_store = || text.to_str().map(|id| place.audit(id)).filter(|dir| dir.is_dir());
    if text.exists() || !is_name { None } else { in_store() }
}
