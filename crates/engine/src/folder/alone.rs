//! One process at a time makes an audit.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::EngineError;

/// Held until dropped, or until the process is gone.
#[derive(Debug)]
#[must_use]
pub struct Alone {
    _folder: File,
}

/// Takes the folder for this process, unless another one has it.
pub fn alone(dir: &Path) -> Result<Alone, EngineError> {
    let folder = File::open(dir).map_err(EngineError::file("cannot open", dir))?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let why =
                format!("the audit in {} is being made by another process: wait for its end", dir.display());
            return Err(EngineError::Request(why));
        }
        // A file system without locks.
        Err(TryLockError::Error(e)) => {
            tracing::warn!(error = %e, folder = %dir.display(), "this folder cannot be locked: let no second process go on with it");
        }
    }
    Ok(Alone { _folder: folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_had_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let first = alone(dir.path()).unwrap();
        let second = alone(dir.path()).unwrap_err().to_string();
        assert!(second.contains("another process"), "{second}");
        drop(first);
        let _third = alone(dir.path()).unwrap();
        assert!(alone(&dir.path().join("none")).is_err());
    }
}
