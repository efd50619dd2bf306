//! Facts, kept beside the records: what a visit shows is computed once, and a judgement names what it saw.
//!
//! `facts/KEY/RECORD.json.zst`: the key is of what makes facts (their version, the catalogue, the suffix list), the record
//! its digest. They can be deleted at any time: records alone are evidence, and facts are computed again.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use affiant_detect::{Catalog, FACTS_VERSION, SUFFIX_LIST_VERSION, VisitFacts};
use affiant_record::files::{make_folder, read_file};
use affiant_record::{AuditFolder, BlobStore, Digest, RecordError, VisitRecord, write_whole};
use affiant_rules::judgement::JudgedWith;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Folder of the facts in an audit folder.
const FACTS: &str = "facts";
/// The largest file of facts that is read; what inflates more than these are is none: a small file that was made to fill the memory.
const MOST_STORED: u64 = 1 << 30;
const MOST_RATIO: u64 = 200;
const FREE_BYTES: u64 = 64 << 20;
/// How well they are compressed: fast, they can be made again.
const LEVEL: i32 = 1;

/// Where the facts of one audit are, as one version of affiant makes them.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    folder: PathBuf,
}

/// The facts of a visit, and the digest of how they are written.
pub(crate) struct Written {
    pub(crate) facts: VisitFacts,
    pub(crate) digest: Digest,
}

impl Kept {
    /// As this affiant makes them.
    pub(crate) fn today(audit: &Path) -> Kept {
        Kept::made_with(audit, FACTS_VERSION, Catalog::embedded().digest(), SUFFIX_LIST_VERSION)
    }

    /// Those that a judgement saw, if it says which.
    pub(crate) fn seen(audit: &Path, with: &JudgedWith) -> Option<Kept> {
        let facts = with.facts.as_ref()?;
        Some(Kept::made_with(audit, facts.version, with.catalogue, &with.suffix_list))
    }

    fn made_with(audit: &Path, version: u32, catalogue: Digest, suffix_list: &str) -> Kept {
        let key = Digest::of(format!("{version}\n{catalogue}\n{suffix_list}\n").as_bytes());
        Kept { folder: audit.join(FACTS).join(key.short()) }
    }

    fn path(&self, record: Digest) -> PathBuf {
        self.folder.join(format!("{record}.json.zst"))
    }

    /// The facts of a record, if they are kept and whole.
    pub(crate) fn read(&self, record: Digest) -> Option<Written> {
        let text = inflated(&read_file(&self.path(record), MOST_STORED).ok()?)?;
        let mut facts: VisitFacts = serde_json::from_slice(&text).ok()?;
        facts.shrink();
        (facts.record == record).then(|| Written { facts, digest: Digest::of(&text) })
    }

    /// Keeps them. Where that cannot be done they are computed again another time: no more is lost.
    pub(crate) fn write(&self, facts: VisitFacts) -> Result<Written, RecordError> {
        let text = serde_json::to_vec(&facts)?;
        let digest = Digest::of(&text);
        let path = self.path(facts.record);
        let kept = make_folder(&self.folder)
            .and_then(|()| zstd::encode_all(text.as_slice(), LEVEL))
            .map_err(RecordError::io("cannot keep facts in", &self.folder))
            .and_then(|packed| write_whole(&path, &packed));
        if let Err(e) = kept {
            tracing::debug!(error = %e, "facts are not kept");
        }
        Ok(Written { facts, digest })
    }
}

/// Kept facts as JSON; nothing where they inflate to more than facts do.
fn inflated(stored: &[u8]) -> Option<Vec<u8>> {
    let most = FREE_BYTES + MOST_RATIO * stored.len() as u64;
    let mut text = Vec::new();
    zstd::Decoder::new(stored).ok()?.take(most + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= most).then_some(text)
}

/// The facts of a record, computed and kept.
pub(crate) fn compute(
    record: &VisitRecord,
    path: &str,
    blobs: &BlobStore,
    kept: &Kept,
) -> Result<Written, RecordError> {
    kept.write(affiant_detect::facts(record, path, Catalog::embedded(), Some(blobs)))
}

/// Computes facts as visits end, beside the browsers, so that judging finds them done.
pub(crate) struct Keeper {
    work: Arc<Work>,
    /// One is held by every job: when all are gone, all is done.
    busy: UnboundedSender<()>,
    idle: UnboundedReceiver<()>,
    pool: Option<rayon::ThreadPool>,
}

struct Work {
    audit: PathBuf,
    blobs: BlobStore,
    kept: Kept,
}

impl Keeper {
    pub(crate) fn new(folder: &AuditFolder) -> Keeper {
        // Half of the cores: pages must not wait for it.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let pool = rayon::ThreadPoolBuilder::new().num_threads((cores / 2).max(1)).build();
        let (busy, idle) = unbounded_channel();
        let work = Work { audit: folder.dir.clone(), blobs: folder.blobs(), kept: Kept::today(&folder.dir) };
        Keeper { work: Arc::new(work), busy, idle, pool: pool.ok() }
    }

    /// A record was sealed.
    pub(crate) fn ended(&self, path: &str, record: Digest) {
        let Some(pool) = &self.pool else { return };
        let (work, path, busy) = (Arc::clone(&self.work), path.to_owned(), self.busy.clone());
        pool.spawn(move || {
            let _busy = busy;
            match VisitRecord::open(&work.audit.join(&path)) {
                Ok(r) if r.digest == record => {
                    if let Err(e) = compute(&r, &path, &work.blobs, &work.kept) {
                        tracing::debug!(error = %e, path, "no facts yet");
                    }
                }
                Ok(_) => tracing::debug!(path, "the record is not the one that was sealed"),
                Err(e) => tracing::debug!(error = %e, path, "no facts yet"),
            }
        });
    }

    /// Waits until those that were begun are done.
    pub(crate) async fn done(self) {
        let Keeper { busy, mut idle, .. } = self;
        drop(busy);
        while idle.recv().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_that_inflate_without_end_are_none() {
        let bomb = zstd::encode_all(std::io::repeat(b' ').take(256 << 20), 1).unwrap();
        assert!(bomb.len() < 1 << 20 && inflated(&bomb).is_none());
        assert_eq!(inflated(&zstd::encode_all(&b"{}"[..], 1).unwrap()).unwrap(), b"{}");
    }

    #[test]
    fn other_facts_are_elsewhere() {
        let of = |version, catalogue: &[u8], list| {
            Kept::made_with(Path::new("a"), version, Digest::of(catalogue), list).folder
        };
        let all = [of(1, b"c", "psl 1"), of(2, b"c", "psl 1"), of(1, b"d", "psl 1"), of(1, b"c", "psl 2")];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
