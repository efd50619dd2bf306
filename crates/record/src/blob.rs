//! Bytes beside the records, addressed by their SHA-256.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::files::{make_file, make_folder, read_file, refuse_links};
use crate::{Digest, RecordError};

/// The largest blob that is read where its length is not known.
const MOST_BYTES: u64 = 1 << 30;

/// Points to bytes: their hash and length, and how much of them was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// SHA-256 of all the bytes that were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// True length in bytes.
    pub len: u64,
    /// Digest of the blob that holds them; absent when the bytes were not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<Digest>,
    /// When only the first part was kept: its length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u64>,
    /// Few bytes stand in the line itself, all of them, and are in no blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<Inline>,
}

/// Bytes that stand in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inline {
    /// UTF-8.
    Text(String),
    /// Other bytes.
    Base64(String),
}

impl BlobRef {
    /// Describes bytes of which none are kept.
    pub fn not_kept(bytes: &[u8]) -> BlobRef {
        BlobRef { sha256: Some(Digest::of(bytes)), len: bytes.len() as u64, ..BlobRef::default() }
    }

    /// Keeps bytes in the line itself.
    pub fn inline(bytes: &[u8]) -> BlobRef {
        let inline = match std::str::from_utf8(bytes) {
            Ok(text) => Inline::Text(text.to_owned()),
            Err(_) => Inline::Base64(BASE64_STANDARD.encode(bytes)),
        };
        BlobRef { inline: Some(inline), ..BlobRef::not_kept(bytes) }
    }

    /// The bytes that stand in the line itself.
    pub fn in_line(&self) -> Option<Vec<u8>> {
        match self.inline.as_ref()? {
            Inline::Text(text) => Some(text.clone().into_bytes()),
            Inline::Base64(text) => BASE64_STANDARD.decode(text).ok(),
        }
    }
}

/// A folder of blobs, two levels deep: `ab/cdef…`. Many may write to it at once.
#[derive(Debug, Clone)]
pub struct BlobStore {
    dir: PathBuf,
}

impl BlobStore {
    /// A store in this folder, which is made when the first blob comes.
    pub fn new(dir: impl Into<PathBuf>) -> BlobStore {
        BlobStore { dir: dir.into() }
    }

    /// Where the bytes with this digest are or would be.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_string();
        self.dir.join(&hex[..2]).join(&hex[2..])
    }

    /// Keeps bytes, once however often they come, and says where.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, RecordError> {
        self.put_as(Digest::of(bytes), bytes)
    }

    fn put_as(&self, digest: Digest, bytes: &[u8]) -> Result<Digest, RecordError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = self.path(&digest);
        if fs::symlink_metadata(&path).is_ok_and(|what| what.is_file()) {
            return Ok(digest);
        }
        let parent = path.parent().unwrap_or(&self.dir);
        let part =
            parent.join(format!("part-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let write = || -> std::io::Result<()> {
            // The folder is nearly always there.
            self.refuse_links(&digest)?;
            let mut f = make_file(&part).or_else(|e| match e.kind() {
                // A dead process of the same number left it.
                ErrorKind::AlreadyExists => fs::remove_file(&part).and_then(|()| make_file(&part)),
                _ => make_folder(parent).and_then(|()| make_file(&part)),
            })?;
            f.write_all(bytes)?;
            drop(f);
            fs::rename(&part, &path)
        };
        write().map_err(|e| {
            let _ = fs::remove_file(&part);
            RecordError::io("cannot keep bytes in", &path)(e)
        })?;
        Ok(digest)
    }

    /// Keeps bytes up to a limit and describes them: of larger ones the first `limit` bytes are kept.
    pub fn keep(&self, bytes: &[u8], limit: usize) -> Result<BlobRef, RecordError> {
        let (part, digest) = (&bytes[..bytes.len().min(limit)], Digest::of(bytes));
        let kept = if part.len() == bytes.len() { digest } else { Digest::of(part) };
        Ok(BlobRef {
            sha256: Some(digest),
            len: bytes.len() as u64,
            blob: Some(self.put_as(kept, part)?),
            kept: (part.len() < bytes.len()).then_some(part.len() as u64),
            inline: None,
        })
    }

    /// Reads bytes back and checks that they are what their name says.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, RecordError> {
        self.get_within(digest, MOST_BYTES)
    }

    /// The same, where it is known how many bytes they are: others are not even read.
    pub fn get_sized(&self, digest: &Digest, len: u64) -> Result<Vec<u8>, RecordError> {
        let bytes = self.get_within(digest, len)?;
        if bytes.len() as u64 != len {
            let what = format!("it has {} bytes, the record says {len}", bytes.len());
            return Err(RecordError::damaged(self.path(digest), what));
        }
        Ok(bytes)
    }

    fn get_within(&self, digest: &Digest, most: u64) -> Result<Vec<u8>, RecordError> {
        let path = self.path(digest);
        let bytes = self
            .refuse_links(digest)
            .and_then(|()| read_file(&path, most))
            .map_err(RecordError::io("cannot read the blob", &path))?;
        if Digest::of(&bytes) != *digest {
            return Err(RecordError::damaged(path, "its bytes are not those that its name promises"));
        }
        Ok(bytes)
    }

    /// The store's own folder may be a link, to bytes that audits share; nothing in it is one.
    fn refuse_links(&self, digest: &Digest) -> std::io::Result<()> {
        let hex = digest.to_string();
        refuse_links(&self.dir, Path::new(&hex[..2]))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Every `blob` that a line points to, wherever it stands, and how many bytes it has.
pub fn blobs_of(value: &serde_json::Value) -> Vec<(Digest, u64)> {
    use serde_json::Value;
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, v)| match (key.as_str(), v.as_str()) {
                // Only where a blob reference stands: its `len` is beside it. Page text may hold the word too.
                ("blob", Some(text)) if map.contains_key("len") => {
                    let len = map.get("kept").filter(|kept| !kept.is_null()).or(map.get("len"));
                    let len = len.and_then(Value::as_u64).unwrap_or_default();
                    text.parse().into_iter().map(|digest| (digest, len)).collect()
                }
                _ => blobs_of(v),
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(blobs_of).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_bytes_stand_in_the_line_and_come_back() {
        for (bytes, says) in [
            (&b"q=1&e=\xc3\xa9"[..], "text"),
            (b"", "text"),
            (b"\xff\x00", "base64"),
            (b"\xed\xa0\x80", "base64"),
        ] {
            let r = BlobRef::inline(bytes);
            let text = serde_json::to_string(&r).unwrap();
            assert!(text.contains(&format!("\"inline\":{{\"{says}\":")), "{text}");
            let back: BlobRef = serde_json::from_str(&text).unwrap();
            assert_eq!((back.in_line().as_deref(), back.len), (Some(bytes), bytes.len() as u64));
            assert_eq!(back.sha256, Some(Digest::of(bytes)));
        }
    }

    #[test]
    fn bytes_come_back_and_an_altered_blob_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let store = BlobStore::new(dir.path().join("blobs"));
        let r = store.keep(b"hello world", 5).unwrap();
        assert_eq!((r.len, r.kept), (11, Some(5)));
        assert_eq!(r.sha256, Some(Digest::of(b"hello world")));
        let d = r.blob.unwrap();
        assert_eq!(store.get(&d).unwrap(), b"hello");
        fs::write(store.path(&d), b"hullo").unwrap();
        assert!(matches!(store.get(&d), Err(RecordError::Damaged { .. })));
    }

    #[test]
    fn a_blob_is_read_no_further_than_it_was_said_to_be_long() {
        let dir = tempfile::tempdir().unwrap();
        let store = BlobStore::new(dir.path().join("blobs"));
        let d = store.put(b"hello").unwrap();
        assert_eq!(store.get_sized(&d, 5).unwrap(), b"hello");
        assert!(store.get_sized(&d, 6).unwrap_err().to_string().contains("has 5 bytes, the record says 6"));
        // As long as it likes: it holds nothing on the disk.
        fs::OpenOptions::new().write(true).open(store.path(&d)).unwrap().set_len(64 << 30).unwrap();
        assert!(store.get_sized(&d, 5).unwrap_err().to_string().contains("longer than 5 bytes"));
        assert!(store.get(&d).unwrap_err().to_string().contains("longer than"));
    }

    #[test]
    fn links_among_blobs_are_neither_read_nor_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let (store, elsewhere) = (BlobStore::new(dir.path().join("blobs")), dir.path().join("elsewhere"));
        let d = store.put(b"hello").unwrap();
        let path = store.path(&d);
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(store.get(&d).unwrap_err().to_string().contains("links are not followed"));
        // Put again, it takes the link's place.
        store.put(b"hello").unwrap();
        assert!(store.get(&d).is_ok() && fs::symlink_metadata(&path).unwrap().is_file());
        let two = path.parent().unwrap().to_owned();
        fs::rename(&two, dir.path().join("two")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("two"), &two).unwrap();
        assert!(store.get(&d).is_err());
        fs::remove_file(dir.path().join("two").join(path.file_name().unwrap())).unwrap();
        assert!(store.put(b"hello").is_err(), "not through the folder either");
    }
}
