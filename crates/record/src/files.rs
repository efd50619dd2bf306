//! How files are written and read: for their owner alone, whole or not at all, and never through a link.
//!
//! Folders get 0700 and files 0600, whatever the umask allows. What is written goes to a name of its own first, synced, and
//! then takes the place of what was there: a link at that place is replaced, not followed. What is read is a regular file: a
//! link is refused, and so is a pipe or a device, which could be waited for without end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use crate::{Digest, RecordError};

/// Folders: for their owner alone.
const FOLDER_MODE: u32 = 0o700;
/// Files: for their owner alone.
const FILE_MODE: u32 = 0o600;
/// Names that are tried for a file that is being written.
const TRIES: usize = 1_000;

/// Makes a folder and those above it that are not there yet.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Makes a folder that is not there yet; its parent is.
pub fn make_new_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(FOLDER_MODE).create(path)
}

/// Makes a file that is not there yet, not even as a link, to write to.
pub fn make_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// Opens a regular file to read it, at once: neither a link nor anything that could be waited for.
pub fn open_file(path: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path).map_err(
            |e| {
                if e.raw_os_error() == Some(libc::ELOOP) {
                    other("it is a link, and links are not followed")
                } else {
                    e
                }
            },
        )?;
    if !file.metadata()?.is_file() {
        return Err(other("it is no regular file"));
    }
    Ok(file)
}

/// Reads a regular file of at most so many bytes.
pub fn read_file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = open_file(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len().min(most)).unwrap_or_default());
    (&mut file).take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(other(&format!("it is longer than {most} bytes")));
    }
    Ok(bytes)
}

/// Copies a regular file to one that is not there yet.
pub fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut read = open_file(from)?;
    io::copy(&mut read, &mut make_file(to)?)?;
    Ok(())
}

/// SHA-256 of a regular file.
pub fn hash_file(path: &Path) -> io::Result<Digest> {
    let mut hash = Hashing::new(io::sink());
    io::copy(&mut open_file(path)?, &mut hash)?;
    Ok(hash.digest())
}

/// Refuses a path in a folder that leads through a link: of the folder itself that is not asked.
pub fn refuse_links(folder: &Path, inner: &Path) -> io::Result<()> {
    let mut at = folder.to_owned();
    for part in inner.components() {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(what) if what.is_symlink() => {
                return Err(other(&format!("{} is a link, and links are not followed", at.display())));
            }
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn other(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}

/// Writes a file in the place of what is there: whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let write = || -> io::Result<()> {
        let mut file = WholeFile::begin(path)?;
        file.write_all(bytes)?;
        file.put()?;
        Ok(())
    };
    write().map_err(RecordError::io("cannot write", path))
}

/// Writes a file that is not there yet, whole or not at all; says whether it did: not where one is there.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool, RecordError> {
    let write = || -> io::Result<bool> {
        let mut file = WholeFile::begin(path)?;
        file.write_all(bytes)?;
        file.put_new()
    };
    write().map_err(RecordError::io("cannot write", path))
}

/// A file that is being written and gets its name when it is whole. Dropped before, nothing of it stays.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    part: PathBuf,
    out: Hashing<File>,
}

impl WholeFile {
    /// Begins it, beside where it is to stand.
    pub fn begin(path: &Path) -> io::Result<WholeFile> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        for _ in 0..TRIES {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let part = path.with_file_name(format!("part-{}-{n}", std::process::id()));
            match make_file(&part) {
                Ok(file) => return Ok(WholeFile { path: path.to_owned(), part, out: Hashing::new(file) }),
                // A dead process of the same number left it.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Err(other("too many remnants of files that were being written are there"))
    }

    /// Puts it in the place of what is there, and tells the digest of what was written.
    pub fn put(self) -> io::Result<Digest> {
        self.out.inner.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        Ok(self.out.digest())
    }

    /// Puts it there unless something is there; says whether it did.
    pub fn put_new(self) -> io::Result<bool> {
        self.out.inner.sync_all()?;
        match fs::hard_link(&self.part, &self.path) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
            // A file system without links: then what is there is asked for first.
            Err(_) if fs::symlink_metadata(&self.path).is_ok() => Ok(false),
            Err(_) => fs::rename(&self.part, &self.path).map(|()| true),
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // Where it has its name, this one is gone already.
        let _ = fs::remove_file(&self.part);
    }
}

/// Hashes what goes through it.
#[derive(Debug)]
pub(crate) struct Hashing<W> {
    pub(crate) inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W> Hashing<W> {
    pub(crate) fn new(inner: W) -> Hashing<W> {
        Hashing { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// How much went through.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest of what went through.
    pub(crate) fn digest(&self) -> Digest {
        Digest(self.hash.clone().finalize().into())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("a/b"), dir.path().join("a/b/c"));
        make_folder(&folder).unwrap();
        write_whole(&file, b"x").unwrap();
        let made = [mode(&dir.path().join("a")), mode(&folder), mode(&file)];
        assert_eq!(made, [0o700, 0o700, 0o600], "{made:?}");
        assert!(write_new(&folder.join("d"), b"y").unwrap());
        assert_eq!(mode(&folder.join("d")), 0o600);
    }

    #[test]
    fn a_link_is_replaced_and_never_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let (elsewhere, link) = (dir.path().join("elsewhere"), dir.path().join("link"));
        fs::write(&elsewhere, "mine").unwrap();
        symlink(&elsewhere, &link).unwrap();
        assert!(!write_new(&link, b"theirs").unwrap(), "something is there");
        assert!(make_file(&link).is_err());
        write_whole(&link, b"theirs").unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"mine");
        assert_eq!((fs::read(&link).unwrap().as_slice(), mode(&link)), (b"theirs".as_slice(), 0o600));
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(left.len(), 2, "no remnants: {left:?}");
    }

    #[test]
    fn only_regular_files_are_read_and_only_so_much_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link, pipe) = (dir.path().join("file"), dir.path().join("link"), dir.path().join("pipe"));
        fs::write(&file, "12345").unwrap();
        symlink(&file, &link).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(read_file(&file, 5).unwrap(), b"12345");
        let refused = |path: &Path, most| read_file(path, most).unwrap_err().to_string();
        assert!(refused(&file, 4).contains("longer than 4"));
        assert!(refused(&link, 9).contains("links are not followed"));
        assert!(refused(&pipe, 9).contains("no regular file"), "and it is not waited for");
        assert!(refused(dir.path(), 9).contains("no regular file"));
        assert!(refused(Path::new("/dev/zero"), 9).contains("no regular file"));
    }

    #[test]
    fn a_path_through_a_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        make_folder(&dir.path().join("a/b")).unwrap();
        symlink(dir.path().join("a"), dir.path().join("l")).unwrap();
        refuse_links(dir.path(), Path::new("a/b/none/further")).unwrap();
        assert!(refuse_links(dir.path(), Path::new("l/b")).unwrap_err().to_string().contains("is a link"));
    }

    #[test]
    fn a_file_that_was_given_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = WholeFile::begin(&dir.path().join("a")).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
