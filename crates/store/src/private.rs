//! Folders and files of a store: for their owner alone, whatever the umask allows. What is there already stays as it is.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Makes a folder and those above it that are not there yet.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a file to write to; it is made if it is not there.
pub(crate) fn file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn what_is_made_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (made, inner) = (dir.path().join("a/b"), dir.path().join("a/b/c"));
        folder(&made).unwrap();
        drop(file(&inner).unwrap());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&dir.path().join("a")), mode(&made), mode(&inner)), (0o700, 0o700, 0o600));
    }
}
